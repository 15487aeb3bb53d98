/** Programs that others wrote and that the client must get along with: anvil and geth in dev mode, on loopback, in a folder of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { toHex } from 'viem';
import type { Hex, JsonRpcCaller, JsonRpcRequest } from '../src/index.ts';

/** Without `to` it makes a contract. */
export interface Payment {
  readonly to?: Hex;
  readonly data?: Hex;
  readonly value?: bigint;
  readonly gas?: bigint;
}

export interface ReferenceNode {
  readonly call: JsonRpcCaller;
  /** Result of any method. */
  ask(method: string, ...params: readonly unknown[]): Promise<unknown>;
  /** Sends by an account that is rich; resolves to the hash. */
  pay(payment: Payment): Promise<Hex>;
  /** Makes a block where the node does not do so by itself. */
  mine(): Promise<void>;
  close(): Promise<void>;
}

interface Program {
  readonly variable: string;
  readonly args: (folder: string) => readonly string[];
  /** Finds the address in what the program prints. */
  readonly listens: RegExp;
  readonly mines: boolean;
}

export const PROGRAMS = {
  anvil: {
    variable: 'LUCID_ANVIL',
    args: () => ['--port', '0', '--host', '127.0.0.1', '--chain-id', '1337', '--no-mining'],
    listens: /Listening on (127\.0\.0\.1:\d+)/,
    mines: false,
  },
  geth: {
    variable: 'LUCID_GETH',
    args: (folder) => [
      ...[
        '--dev',
        '--datadir',
        folder,
        '--http',
        '--http.addr',
        '127.0.0.1',
        '--http.port',
        '0',
        '--ipcdisable',
      ],
      ...['--nodiscover', '--maxpeers', '0', '--nat', 'none', '--port', '0', '--authrpc.port', '0'],
    ],
    listens: /HTTP server started\s+endpoint=(127\.0\.0\.1:\d+)/,
    mines: true,
  },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;

/** Null where the program can be run, else why not. */
export function whyNoNode(name: ProgramName): string | null {
  const { variable } = PROGRAMS[name];
  const path = process.env[variable];
  if (!path) return `${variable} does not name ${name}`;
  return existsSync(path) ? null : `${variable}: no file there`;
}

function addressOf(child: ChildProcess, listens: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const read = (part: Buffer) => {
      said += part.toString();
      const [, address] = listens.exec(said) ?? [];
      if (address) resolve(address);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the node ended with ${code}: ${said.slice(-500)}`)));
  });
}

export async function startNode(name: ProgramName): Promise<ReferenceNode> {
  const { variable, args, listens, mines } = PROGRAMS[name];
  const folder = mkdtempSync(join(tmpdir(), `lucid-${name}-`));
  const child = spawn(process.env[variable] as string, args(folder), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = `http://${await addressOf(child, listens)}`;
    const call = async (request: JsonRpcRequest) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(request) });
      return answer.json() as Promise<unknown>;
    };
    const ask = async (method: string, ...params: readonly unknown[]) => {
      const answer = (await call({ jsonrpc: '2.0', id: 1, method, params })) as {
        result: unknown;
        error?: unknown;
      };
      if (answer.error) throw new Error(JSON.stringify(answer.error));
      return answer.result;
    };
    const [payer] = (await ask('eth_accounts')) as [Hex];
    const pay = async ({ to, data, value = 0n, gas = 100_000n }: Payment) => {
      const sent = { from: payer, to, data, value: toHex(value), gas: toHex(gas) };
      return (await ask('eth_sendTransaction', sent)) as Hex;
    };
    return { call, ask, pay, mine: async () => void (mines || (await ask('evm_mine'))), close };
  } catch (error) {
    await close();
    throw error;
  }
}
