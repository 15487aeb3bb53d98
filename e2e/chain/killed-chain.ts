/** The chain in a process that is killed again and again, over one folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodeGenesis } from '@lucid/chain-application';
import { formatSignerKey, formatVerifierKey } from '@lucid/checkpoint';
import { ed25519GenerateKey } from '@lucid/crypto';
import { toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { type Answer, askOver } from './reference-chains.ts';

export const accounts = Array.from({ length: 12 }, (_, at) =>
  privateKeyToAccount(toHex(at + 1, { size: 32 })),
);

/** A folder with keys, and a genesis that gives means to the client's account and to all others. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-killed-'));
  const { secretKey, publicKey } = ed25519GenerateKey();
  const name = 'lucid.invalid/ledger';
  const client = toHex(0x4c, { size: 32 });
  const genesis = JSON.parse(
    nodeGenesis({ account: privateKeyToAccount(client).address, timestampSec: 1_700_000_000 }),
  );
  for (const { address } of accounts) genesis.alloc[address] = { balance: toHex(10n ** 24n) };
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis));
  writeFileSync(join(folder, 'ledger.key'), formatSignerKey({ name, secretKey }));
  writeFileSync(join(folder, 'ledger.pub'), formatVerifierKey({ name, publicKey }));
  writeFileSync(join(folder, 'account.key'), client.slice(2));
  return folder;
}

interface Said {
  readonly url?: string;
  readonly registered?: string;
  readonly outcomes?: Readonly<Record<string, string | null>>;
  readonly check?: readonly unknown[];
  readonly blocks?: number;
}

export class KilledChain {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #isKilled = false;
  /** Sessions whose registration was promised. */
  readonly registered: string[] = [];
  /** What became of each session that was asked for; null of those that nobody ever heard of. */
  outcomes: ReadonlyMap<string, string | null> | undefined;
  checked: { readonly faults: readonly unknown[]; readonly blocks: number } | undefined;
  url: string | undefined;

  constructor(program: string, folder: string) {
    this.#child = spawn(process.execPath, [program, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH ?? '', LOG_LEVEL: process.env.LUCID_KILL_LOG ?? 'fatal' },
    });
    this.#ended = once(this.#child, 'close');
    this.#child.stdin!.on('error', () => undefined);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#read(line));
  }

  #read(line: string): void {
    try {
      this.#hear(JSON.parse(line) as Said);
    } catch (error) {
      // The last line may have been cut off.
      if (this.isRunning && !this.#isKilled) throw error;
    }
  }

  #hear({ url, registered, outcomes, check, blocks = 0 }: Said): void {
    this.url ??= url;
    if (registered !== undefined) this.registered.push(registered);
    if (outcomes !== undefined) this.outcomes = new Map(Object.entries(outcomes));
    if (check !== undefined) this.checked = { faults: check, blocks };
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  tell(command: { register: string } | { outcomes: readonly string[] } | { check: true }): void {
    if (this.isRunning) this.#child.stdin!.write(`${JSON.stringify(command)}\n`);
  }

  /** Rejects where the process is gone. */
  ask(method: string, ...params: readonly unknown[]): Promise<Answer> {
    return askOver(this.url ?? '')(method, ...params);
  }

  async result<T>(method: string, ...params: readonly unknown[]): Promise<T> {
    const { result, error } = await this.ask(method, ...params);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    if (this.isRunning) this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
