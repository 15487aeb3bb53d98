/** What a command works with: a running host in another process, or one started in this process for as long as it takes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContractSpec } from '@lucid/contracts';
import type { Client, Log } from '@lucid/service-kit';
import type { TrustedKeys } from '@lucid/verifier';
import type { CodecChoice } from '@lucid/zstd';
import type { Session } from '../commands/session-flow.ts';
import type { BulkDesk } from './bulk-desk.ts';
import type { Home } from './home.ts';
import type { NodeKeys } from './node-keys.ts';

export interface Lucid {
  readonly home: Home;
  readonly keys: NodeKeys;
  /** Null where the host runs in another process. */
  readonly desk: BulkDesk | null;
  /** False once the host's process is gone: the keys of what it recorded went with it, and no other host can go on. */
  hostAlive(): boolean;
  /** Begins to load what the end of a recording needs. */
  getReady(): void;
  clientOf<const C extends ContractSpec>(contract: C): Client<C>;
  close(): Promise<void>;
  /** Set where the services keep their evidence elsewhere than in this data folder. */
  readonly apart?: ServicesApart;
}

export interface ServicesApart {
  /** What further commands about their sessions need besides, with a blank before it. */
  readonly option: string;
  /** Where users sign in: what runs under a policy is started there. */
  readonly gateway: string;
  /** What their evidence is judged by, in place of the keys of this node. */
  readonly keys: TrustedKeys;
  /** Takes the evidence of a finished session out of the services, where it was not before; its path. */
  takeOut(session: Session): Promise<string>;
}

export interface OpenLucidOptions {
  readonly home: Home;
  readonly keys: NodeKeys;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly codec: CodecChoice;
  /** Other commands shall reach this process by sockets: for what runs long. */
  readonly serve: boolean;
  /** The work is about the chain itself, which must be there; `genesis` is the text of the file that one began with which was made elsewhere. */
  readonly chain?: {
    readonly genesis: string | null;
    readonly takesBlocks: boolean;
    /** With the services around it. */
    readonly faces: boolean;
  };
}

/** Written beside the lock by a host that serves: how others of this user reach it. */
export interface HostCard {
  readonly pid: number;
  readonly targets: Readonly<Record<string, { socketPath?: string; origin?: string }>>;
  /** The operator's service key, PKCS #8 PEM: secret, as the file's mode says. */
  readonly operatorKey: string;
}

export const hostCardPath = (home: Home): string => join(home.run, 'host.json');

/** As it was left, whether or not its host still lives; null where none can be read. */
export function readHostCard(home: Home): HostCard | null {
  try {
    return JSON.parse(readFileSync(hostCardPath(home), 'utf8')) as HostCard;
  } catch {
    return null;
  }
}
