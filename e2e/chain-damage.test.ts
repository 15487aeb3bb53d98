/**
 * Damage on the disk of a chain: values of all its stores changed behind LevelDB's checksums, and octets of its files. What is served is right or
 * refused, and a check names what is damaged. LUCID_DAMAGES says how many of each kind (default 6; 60 with LUCID_SLOW=1), LUCID_SEED repeats a run.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addresses, predeploys } from '@lucid/chain-contracts';
import { blockchainLedgerContract, blockchainVmContract } from '@lucid/contracts';
import { openLevelKvStore } from '@lucid/kv-level';
import { type Hex, keccak256, toHex } from 'viem';
import {
  accountOf,
  chainId,
  gwei,
  startChain,
  testGenesis,
} from '../apps/on-system-chain/test/chain-stack.ts';
import { seeded, seedOfRun } from './stack/seeded.ts';
import { until } from './stack/until.ts';

const DAMAGES = Number(process.env.LUCID_DAMAGES ?? (process.env.LUCID_SLOW === '1' ? 60 : 6));
const STORES = ['ledger/chain', 'ledger/log', 'vm/state'] as const;
const random = seeded(seedOfRun('chain damage'));
const genesis = { ...testGenesis(), alloc: { ...testGenesis().alloc, ...predeploys } };

type Chain = Awaited<ReturnType<typeof startChain>>;
type Question = readonly [method: string, ...params: unknown[]];

const folder = mkdtempSync(join(tmpdir(), 'lucid-damage-'));
const original = join(folder, 'original');
const truth = new Map<string, string>();
let questions: Question[] = [];

const open = (at: string) =>
  startChain({ folder: at, genesis, environment: { CHAIN_PRODUCE: 'off' }, waits: false });

/** Blocks with transfers, registrations, and contracts that are made and fail. */
async function makeChain(): Promise<Question[]> {
  cpSync(mkdtempSync(join(tmpdir(), 'lucid-empty-')), original, { recursive: true });
  const chain = await startChain({ folder: original, genesis });
  const asked: Question[] = [['eth_getLogs', { fromBlock: '0x0', toBlock: 'latest' }]];
  for (let nonce = 0; nonce < 9; nonce++) {
    const fields = [
      { to: toHex(0x9000 + nonce, { size: 20 }), value: 7n },
      { to: addresses.lucidAnchors, data: registration(nonce) },
      { data: '0x602a5f55600160005360015ff3' },
    ] as const;
    const raws = fields.map((each, at) =>
      accountOf(at + 1).signTransaction({
        ...{ type: 'eip1559', chainId, nonce, gas: 200_000n },
        ...{ maxFeePerGas: 100n * gwei, maxPriorityFeePerGas: gwei },
        ...each,
      }),
    );
    for (const raw of raws) {
      const { result } = await chain.rpc('eth_sendRawTransaction', await raw);
      asked.push(['eth_getTransactionReceipt', result], ['eth_getTransactionByHash', result]);
    }
    if (nonce % 3 !== 2) continue;
    const last = asked.at(-1)!;
    await until('they are in a block', async () => {
      const { result } = await chain.rpc('eth_getTransactionReceipt', last[1]);
      return result !== null;
    });
  }
  const head = Number((await chain.rpc('eth_blockNumber')).result);
  for (let height = 0; height <= head; height++) {
    const at = toHex(height);
    asked.push(['eth_getBlockByNumber', at, true], ['eth_getBlockReceipts', at], ['debug_getRawBlock', at]);
    for (const account of [accountOf(1).address, addresses.lucidAnchors, toHex(0x9000, { size: 20 })])
      asked.push(
        ['eth_getProof', account, ['0x0'], at],
        ['eth_getBalance', account, at],
        ['eth_getCode', account, at],
      );
  }
  await chain.close(true);
  return asked;
}

/** registerSession of LucidAnchors. */
const registration = (nonce: number): Hex =>
  `0x87fc3557${[1, 2].map((at) => keccak256(toHex(nonce * 10 + at)).slice(2)).join('')}${'0'.repeat(56)}65000000${'0'.repeat(24)}${'11'.repeat(20)}${keccak256('0x01').slice(2)}${'0'.repeat(63)}7`;

/** Answers as text, each by its question; an error has none. */
async function answersOf(chain: Chain): Promise<Map<string, string | null>> {
  const answers = new Map<string, string | null>();
  for (const question of questions) {
    const [method, ...params] = question;
    const { result, error } = await chain.rpc(method, ...params);
    answers.set(JSON.stringify(question), error ? null : JSON.stringify(result));
  }
  return answers;
}

/** What is kept, all of it; null where LevelDB itself refuses. */
async function contentOf(path: string): Promise<Map<string, string> | null> {
  try {
    const kv = await openLevelKvStore({ path });
    const content = new Map<string, string>();
    try {
      for await (const [key, value] of kv.iterate())
        content.set(Buffer.from(key).toString('hex'), Buffer.from(value).toString('hex'));
    } finally {
      await kv.close();
    }
    return content;
  } catch {
    return null;
  }
}

const nameOf = (fault: { readonly what: string; readonly where: string }) => `${fault.what} ${fault.where}`;

interface Verdict {
  readonly ready: boolean;
  /** Questions whose answer is not the right one. */
  readonly wrong: readonly string[];
  /** Questions to which it knows nothing, where there is something. */
  readonly blank: readonly string[];
  /** What a check names. */
  readonly faults: readonly string[];
}

/** What the chain over that folder says. */
async function judge(at: string): Promise<Verdict> {
  let chain: Chain;
  try {
    chain = await open(at);
  } catch (error) {
    return { ready: false, wrong: [], blank: [], faults: [String(error)] };
  }
  try {
    const said = () => JSON.stringify(chain.stack.logLines);
    const isReady = async () => (await fetch(`${chain.url}/ready`)).ok;
    await until(
      'ready, or said why not',
      async () => (await isReady()) || /damaged|rolled_back|corrupt|cannot be opened|set back/.test(said()),
    );
    const ready = await isReady();
    const answers = await answersOf(chain);
    const other = [...answers].filter(
      ([question, answer]) => answer !== null && answer !== truth.get(question),
    );
    const wrong = other
      .filter(([, answer]) => answer !== 'null')
      .map((each) => each.join(': ').slice(0, 400));
    const blank = other.filter(([, answer]) => answer === 'null').map(([question]) => question);
    const checks = [
      () => chain.stack.clientOf(blockchainLedgerContract).checkChain({ body: {} }),
      () => chain.stack.clientOf(blockchainVmContract).checkState(),
    ];
    const faults: string[] = [];
    for (const check of checks)
      faults.push(
        ...(await check().then(
          ({ faults: each }) => each.map(nameOf),
          (error) => [String(error.code)],
        )),
      );
    if (!ready) faults.push('not ready');
    return { ready, wrong, blank, faults };
  } finally {
    await chain.close(true);
  }
}

let copies = 0;
const copy = (): string => {
  const at = join(folder, `copy-${copies++}`);
  cpSync(original, at, { recursive: true });
  return at;
};

beforeAll(async () => {
  questions = await makeChain();
  const chain = await open(original);
  await until('ready', async () => (await fetch(`${chain.url}/ready`)).ok);
  for (const [question, answer] of await answersOf(chain)) truth.set(question, answer as string);
  await chain.close(true);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the chain as it was is sound, and everything is answered', async () => {
  expect([...truth].filter(([, answer]) => typeof answer !== 'string')).toEqual([]);
  const at = copy();
  expect(await judge(at)).toEqual({ ready: true, wrong: [], blank: [], faults: [] });
}, 60_000);

describe.each(STORES)('a value of %s that was changed', (store) => {
  test(
    `${DAMAGES} times: nothing wrong is served, and it is found`,
    async () => {
      for (let round = 0; round < DAMAGES; round++) {
        const at = copy();
        const kv = await openLevelKvStore({ path: join(at, store) });
        const entries: (readonly [Uint8Array, Uint8Array])[] = [];
        for await (const entry of kv.iterate()) if (entry[1].length > 0) entries.push(entry);
        // Of each kind of key alike.
        const kinds = [...new Set(entries.map(([key]) => key[0]))];
        const kind = random.pick(kinds);
        const [key, value] = random.pick(entries.filter(([each]) => each[0] === kind));
        const changed = Uint8Array.from(value);
        const octet = random.below(changed.length);
        changed[octet] = changed[octet]! ^ (1 << random.below(8));
        await kv.batch([{ type: 'put', key, value: changed }], { sync: true });
        await kv.close();
        const what = `${store} ${Buffer.from(key)
          .toString('latin1')
          .replace(/[^ -~]/g, '.')} (${Buffer.from(key).toString('hex')}), octet ${octet}`;
        const { wrong, blank, faults } = await judge(at);
        expect({ what, wrong, blank }).toEqual({ what, wrong: [], blank: [] });
        expect({ what, found: faults.length > 0 }).toEqual({ what, found: true });
        rmSync(at, { recursive: true });
      }
    },
    30_000 + DAMAGES * 20_000,
  );
});

test(
  `${DAMAGES} octets of files: nothing wrong is served, and what is gone is found or made again`,
  async () => {
    for (let round = 0; round < DAMAGES; round++) {
      const at = copy();
      const store = random.pick(STORES);
      const before = await contentOf(join(original, store));
      const files = readdirSync(join(at, store)).filter((name) =>
        /\.(ldb|log)$|^MANIFEST|^CURRENT$/.test(name),
      );
      const name = random.pick(files);
      const path = join(at, store, name);
      const bytes = readFileSync(path);
      if (bytes.length === 0) continue;
      const octet = random.below(bytes.length);
      bytes[octet] = bytes[octet]! ^ (1 << random.below(8));
      writeFileSync(path, bytes);
      const after = copy();
      cpSync(join(at, store), join(after, store), { recursive: true });
      const now = await contentOf(join(after, store));
      const isSame = now !== null && JSON.stringify([...now]) === JSON.stringify([...before!]);
      const what = `${store}/${name}, octet ${octet}`;
      const { wrong, blank, faults } = await judge(at);
      expect({ what, wrong }).toEqual({ what, wrong: [] });
      // LevelDB passes over what it cannot read of its own indexes and filters, so that a key seems not to be there: a check finds it. What the state
      // lost at its end is executed anew from the ledger's blocks.
      const mustBeFound = blank.length > 0 || (!isSame && store !== 'vm/state');
      expect({ what, found: faults.length > 0 || !mustBeFound }).toEqual({ what, found: true });
      for (const each of [at, after]) rmSync(each, { recursive: true });
    }
  },
  30_000 + DAMAGES * 20_000,
);
