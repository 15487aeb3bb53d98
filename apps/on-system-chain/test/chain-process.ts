/** Runs chain-program.ts, and kills it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { formatSignerKey } from '@lucid/checkpoint';
import { ed25519GenerateKey } from '@lucid/crypto';
import { eventually, rpcOf, testGenesis } from './chain-stack.ts';

/** A folder in which the program can run. */
export async function createChainFolder(genesis: unknown = testGenesis()): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lucid-chain-'));
  const key = formatSignerKey({ name: 'lucid.invalid/ledger', secretKey: ed25519GenerateKey().secretKey });
  await writeFile(join(folder, 'genesis.json'), JSON.stringify(genesis));
  await writeFile(join(folder, 'ledger.key'), key);
  return folder;
}

export interface ChainProcess {
  readonly url: string;
  readonly rpc: ReturnType<typeof rpcOf>;
  readonly child: ChildProcess;
  kill(): Promise<void>;
}

/** Resolves when the chain answers and is ready. */
export async function startChainProcess(
  program: string,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ChainProcess> {
  const child = spawn('node', [program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', LOG_LEVEL: 'error', ...environment },
  });
  const [url] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  await eventually(async () => (await fetch(`${url}/ready`)).ok);
  const exited = once(child, 'exit');
  return {
    url,
    child,
    rpc: rpcOf(url),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
