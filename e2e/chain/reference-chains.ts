/** The same blocks in nodes that others wrote: geth imports and judges them, anvil makes them anew from their transactions. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { LucidGenesisOptions } from '@lucid/chain-application';
import { type Hex, toHex } from 'viem';

export interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface Node {
  readonly name: string;
  ask(method: string, ...params: readonly unknown[]): Promise<Answer>;
  close(): Promise<void>;
}

export interface MadeBlock {
  readonly height: number;
  readonly timestampSec: number;
  readonly proposer: Hex;
  readonly baseFeePerGas: bigint;
  readonly transactions: readonly Hex[];
  readonly rlp: Uint8Array;
}

export const askOver =
  (url: string) =>
  async (method: string, ...params: readonly unknown[]): Promise<Answer> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    return (await (await fetch(url, { method: 'POST', headers, body })).json()) as Answer;
  };

function whereItListens(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const read = (part: Buffer) => {
      said += part.toString();
      const address = pattern.exec(said)?.[1];
      if (address) resolve(`http://${address}`);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said.slice(-1_000)}`)));
  });
}

async function startNode(
  name: string,
  program: { path: string; args: readonly string[]; listens: RegExp; folder: string },
): Promise<Node> {
  const { path, args, listens, folder } = program;
  const child = spawn(path, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { name, ask: askOver(await whereItListens(child, listens)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const folderFor = (name: string, genesis: unknown): string => {
  const folder = mkdtempSync(join(tmpdir(), `lucid-${name}-`));
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis));
  return folder;
};

/** Throws what geth says where it does not agree with a block. */
export async function startGeth(path: string, genesis: unknown, blocks: readonly MadeBlock[]): Promise<Node> {
  const folder = folderFor('geth', genesis);
  writeFileSync(join(folder, 'blocks.rlp'), Buffer.concat(blocks.map(({ rlp }) => rlp)));
  const run = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync(path, args, { cwd: folder, encoding: 'utf8' });
    // It ends with 0 even where a block was refused.
    if (status !== 0 || /BAD BLOCK|Import error/.test(stderr))
      throw new Error(`geth ${args[0]}: ${stderr.slice(-4_000)}`);
  };
  const keeps = ['--datadir', 'data', '--gcmode', 'archive', '--state.scheme', 'hash'];
  run('init', '--datadir', 'data', '--state.scheme', 'hash', 'genesis.json');
  run('import', ...keeps, 'blocks.rlp');
  const alone = ['--nodiscover', '--maxpeers', '0', '--nat', 'none', '--port', '0', '--ipcdisable'];
  const http = ['--http', '--http.addr', '127.0.0.1', '--http.port', '0', '--http.api', 'eth,debug'];
  return startNode('geth', {
    path,
    folder,
    args: [...keeps, ...alone, ...http, '--authrpc.port', '0'],
    listens: /HTTP server started\s+endpoint=(127\.0\.0\.1:\d+)/,
  });
}

interface AnvilAccount {
  readonly nonce: number;
  readonly balance: Hex;
  readonly code: Hex;
  readonly storage: Readonly<Record<Hex, Hex>>;
}

/** What anvil's state holds, as a genesis has it; anvil keeps zeros and empty accounts that were looked at, and counts them into its root. */
export async function accountsOfAnvil(anvil: Node): Promise<LucidGenesisOptions['alloc']> {
  const { result } = await anvil.ask('anvil_dumpState');
  const text = gunzipSync(Buffer.from(String(result).slice(2), 'hex')).toString('utf8');
  const { accounts } = JSON.parse(text) as { accounts: Record<Hex, AnvilAccount> };
  const present = Object.entries(accounts).filter(
    ([, { nonce, balance, code }]) => nonce > 0 || BigInt(balance) > 0n || code !== '0x',
  );
  return Object.fromEntries(
    present.map(([address, { nonce, balance, code, storage }]) => {
      const slots = Object.entries(storage).filter(([, value]) => BigInt(value) !== 0n);
      return [address, { nonce: BigInt(nonce), balance, code, storage: Object.fromEntries(slots) }];
    }),
  );
}

/** Anvil with the same genesis, that has made the same blocks; their times, fees and proposers are told to it. */
export async function startAnvil(
  path: string,
  genesis: unknown,
  blocks: readonly MadeBlock[],
): Promise<Node> {
  const folder = folderFor('anvil', genesis);
  const node = await startNode('anvil', {
    path,
    folder,
    args: [
      ...['--init', 'genesis.json', '--hardfork', 'cancun', '--gas-limit', '60000000', '--accounts', '0'],
      ...['--host', '127.0.0.1', '--port', '0', '--no-mining', '--order', 'fifo'],
      '--disable-default-create2-deployer',
    ],
    listens: /Listening on (127\.0\.0\.1:\d+)/,
  });
  const told = async (method: string, ...params: readonly unknown[]) => {
    const { result, error } = await node.ask(method, ...params);
    if (error) throw new Error(`anvil ${method}: ${error.message}`);
    return result;
  };
  try {
    for (const { timestampSec, proposer, baseFeePerGas, transactions } of blocks) {
      await told('anvil_setCoinbase', proposer);
      await told('evm_setNextBlockTimestamp', timestampSec);
      await told('anvil_setNextBlockBaseFeePerGas', toHex(baseFeePerGas));
      for (const raw of transactions) await told('eth_sendRawTransaction', raw);
      await told('evm_mine');
    }
    return node;
  } catch (error) {
    await node.close();
    throw error;
  }
}
