/** What a command works with: a running host in another process, or one started in this process for as long as it takes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContractSpec } from '@lucid/contracts';
import type { Client, Log } from '@lucid/service-kit';
import type { CodecChoice } from '@lucid/zstd';
import type { BulkDesk } from './bulk-desk.ts';
import type { Home } from './home.ts';
import { lockOwner, takeHomeLock } from './home-lock.ts';
import type { NodeKeys } from './node-keys.ts';

export interface Lucid {
  readonly home: Home;
  readonly keys: NodeKeys;
  /** Null where the host runs in another process. */
  readonly desk: BulkDesk | null;
  clientOf<const C extends ContractSpec>(contract: C): Client<C>;
  close(): Promise<void>;
}

export interface OpenLucidOptions {
  readonly home: Home;
  readonly keys: NodeKeys;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly codec: CodecChoice;
  /** Other commands shall reach this process by sockets: for what runs long. */
  readonly serve: boolean;
}

/** Written beside the lock by a host that serves: how others of this user reach it. */
export interface HostCard {
  readonly pid: number;
  readonly targets: Readonly<Record<string, { socketPath?: string; origin?: string }>>;
  /** Base64 of the operator's service key seed. */
  readonly operatorKey: string;
}

export const hostCardPath = (home: Home): string => join(home.run, 'host.json');

const LOCK_PATIENCE_MS = 15_000;
const CARD_POLL_MS = 50;

function readCard(home: Home): HostCard | null {
  try {
    const card = JSON.parse(readFileSync(hostCardPath(home), 'utf8')) as HostCard;
    return card.pid === lockOwner(home) ? card : null;
  } catch {
    return null;
  }
}

/** Connects to the host that owns the data folder, or takes the lock and starts one here. Throws CliError. */
export async function openLucid(options: OpenLucidOptions): Promise<Lucid> {
  const until = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    const card = readCard(options.home);
    if (card) {
      const { connectToHost } = await import('./host-connection.ts');
      return connectToHost(options, card);
    }
    const owned = lockOwner(options.home) !== null;
    if (!owned || Date.now() > until) break;
    await new Promise((resolve) => setTimeout(resolve, CARD_POLL_MS));
  }
  const lock = await takeHomeLock(options.home, Math.max(0, until - Date.now()));
  try {
    const { startEvidenceHost } = await import('./evidence-host.ts');
    return await startEvidenceHost({ ...options, onClosed: () => lock.release() });
  } catch (error) {
    lock.release();
    throw error;
  }
}
