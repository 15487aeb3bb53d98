/**
 * Generated transactions on our chain, on geth and on anvil: the same blocks, results, gas, logs, revert data, state and traces.
 * LUCID_TRANSACTIONS says how many (default 500), LUCID_SEED repeats a run.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { verifyMerkleProof } from '@ethereumjs/mpt';
import { bytesToHex, hexToBytes, lucidGenesis, openChainApplication } from '@lucid/chain-application';
import { predeploys } from '@lucid/chain-contracts';
import { decodeAccount, decodeStorageValue, keccak256, verifyTrieProof } from '@lucid/eth-proof';
import { createMemoryKvStore } from '@lucid/kv-store';
import { type Hex, toHex } from 'viem';
import { startChain } from '../apps/on-system-chain/test/chain-stack.ts';
import {
  answered,
  asOfNobody,
  type CallFrame,
  outputOf,
  type Proof,
  plain,
  priceless,
  type Receipt,
  refusalOf,
  type StructTrace,
  settled,
  type Traced,
  withoutBlock,
} from './chain/comparable.ts';
import { compileSolidity } from './chain/compile-solidity.ts';
import { type Generated, senders, TransactionGenerator } from './chain/generate-transactions.ts';
import {
  accountsOfAnvil,
  askOver,
  type MadeBlock,
  type Node,
  startAnvil,
  startGeth,
} from './chain/reference-chains.ts';
import { callsOf, simulationOf, transfersOf, withoutTransfers } from './chain/simulations.ts';
import { seeded, seedOfRun } from './stack/seeded.ts';
import { describeWhere } from './stack/skip-loudly.ts';

const COUNT = Number(process.env.LUCID_TRANSACTIONS ?? 500);
/** So few that the trace of a block ends within the time of a call, on a busy machine too. */
const PER_BLOCK = 8;
/** One in so many is traced step by step. */
const TRACED_OF = 5;
const QUESTIONS = 150;
const SIMULATIONS = 50;
const START_SEC = 1_700_000_000;
const PROPOSER: Hex = '0x0000000000000000000000000000000000c0ffee';

const programs = ['LUCID_GETH', 'LUCID_ANVIL'] as const;
const missing = programs.find((name) => !process.env[name] || !existsSync(process.env[name]));
const where = describeWhere(
  missing ? `${missing} does not name the program` : null,
  'our chain beside geth and anvil',
);

const genesis = lucidGenesis({
  timestampSec: START_SEC,
  alloc: {
    ...Object.fromEntries(Object.entries(predeploys).map(([address, { code }]) => [address, { code }])),
    ...Object.fromEntries(senders.map(({ address }) => [address, { balance: 10n ** 24n }])),
  },
});

/** Blocks of generated transactions, made by the state machine; none may be left out. */
async function makeBlocks(generator: TransactionGenerator) {
  const app = await openChainApplication({ genesis, store: createMemoryKvStore() });
  const blocks: MadeBlock[] = [];
  const made: Generated[] = [];
  for (let height = 1; made.length < COUNT; height++) {
    const count = Math.min(PER_BLOCK, COUNT - made.length);
    const generated: Generated[] = [];
    while (generated.length < count) generated.push(await generator.next());
    const timestampSec = START_SEC + height * 2;
    const transactions = generated.map(({ raw }) => raw);
    const baseFeePerGas = app.info().nextBaseFeePerGas;
    const { leftOut, blockRlp, blockHash } = await app.finalizeBlock({
      ...{ height, timestampSec, proposer: PROPOSER },
      transactions: transactions.map(hexToBytes),
    });
    if (leftOut[0]) throw new Error(`block ${height}: ${leftOut[0].refusal.message}`);
    await app.commit(blockHash);
    blocks.push({ height, timestampSec, proposer: PROPOSER, baseFeePerGas, transactions, rlp: blockRlp });
    made.push(...generated);
  }
  await app.close();
  return { blocks, made };
}

where(`${COUNT} generated transactions`, () => {
  const random = seeded(seedOfRun('chain differential'));
  let chain: Awaited<ReturnType<typeof startChain>>;
  let own: Node;
  let geth: Node;
  let anvil: Node;
  let blocks: MadeBlock[];
  let made: Generated[];
  let generator: TransactionGenerator;
  const opened: Node[] = [];

  beforeAll(async () => {
    const { Playground } = compileSolidity(join(__dirname, 'chain/Playground.sol'));
    generator = new TransactionGenerator({ random, playground: Playground! });
    ({ blocks, made } = await makeBlocks(generator));
    chain = await startChain({ genesis, environment: { CHAIN_PRODUCE: 'off' } });
    own = { name: 'ours', ask: askOver(chain.url), close: () => chain.close() };
    opened.push(own);
    for (const { height, rlp } of blocks)
      await chain.chain.importBlock({ params: { height }, body: Buffer.from(rlp) });
    [geth, anvil] = await Promise.all([
      startGeth(process.env.LUCID_GETH!, genesis, blocks),
      startAnvil(process.env.LUCID_ANVIL!, genesis, blocks),
    ]);
    opened.push(geth, anvil);
  }, 120_000);
  afterAll(() => Promise.all(opened.map((each) => each.close())));

  const result = async <T>(node: Node, method: string, ...params: readonly unknown[]): Promise<T> => {
    const { result: given, error } = await node.ask(method, ...params);
    if (error) throw new Error(`${node.name} ${method} ${params}: ${error.message}`);
    return given as T;
  };

  const blockOf = (node: Node, height: number) =>
    result<Record<string, unknown>>(node, 'eth_getBlockByNumber', toHex(height), false);

  /** Without the state's root: anvil's is of its own kind. */
  const rootsOf = async (node: Node, height: number) => {
    const block = await blockOf(node, height);
    const { gasUsed, gasLimit, miner, receiptsRoot, transactionsRoot, logsBloom, baseFeePerGas } = block;
    return { height, gasUsed, gasLimit, miner, receiptsRoot, transactionsRoot, logsBloom, baseFeePerGas };
  };

  const receiptsOf = async (node: Node): Promise<Receipt[]> => {
    const lists = blocks.map(({ height }) => result<Receipt[]>(node, 'eth_getBlockReceipts', toHex(height)));
    return (await Promise.all(lists)).flat();
  };

  it('geth takes every block, and tells the same of it', async () => {
    for (const { height } of blocks) {
      const [ours, theirs] = await Promise.all(
        [own, geth].map((node) => result(node, 'eth_getBlockByNumber', toHex(height), true)),
      );
      expect(ours).toEqual(theirs);
    }
    expect(await receiptsOf(own)).toEqual(await receiptsOf(geth));
  });

  it('anvil makes the same receipts, logs and state', async () => {
    for (const { height } of blocks) {
      const [ours, theirs] = await Promise.all([own, anvil].map((node) => rootsOf(node, height)));
      expect(theirs).toEqual(ours);
    }
    const [ours, theirs] = [await receiptsOf(own), await receiptsOf(anvil)];
    for (const [at, receipt] of ours.entries()) expect(theirs[at]).toMatchObject(withoutBlock(receipt));
    const alloc = await accountsOfAnvil(anvil);
    const same = lucidGenesis({ timestampSec: START_SEC, alloc });
    const app = await openChainApplication({ genesis: same, store: createMemoryKvStore() });
    expect(app.info().stateRoot).toBe((await blockOf(own, blocks.length)).stateRoot);
  });

  it('every transaction called the same, at every depth, and those that failed handed back the same', async () => {
    const tracer = { tracer: 'callTracer', timeout: '60s' };
    let withData = 0;
    for (const { height } of blocks) {
      const trace = (node: Node) => result<Traced[]>(node, 'debug_traceBlockByNumber', toHex(height), tracer);
      const [ours, theirs] = await Promise.all([trace(own), trace(geth)]);
      expect(plain(ours)).toEqual(plain(theirs));
      for (const { txHash, result: frame } of ours.filter((each) => each.result.error !== undefined)) {
        const said = await result<CallFrame>(anvil, 'debug_traceTransaction', txHash, tracer);
        expect([txHash, outputOf(frame)]).toEqual([txHash, outputOf(said)]);
        if (outputOf(frame) !== '0x') withData += 1;
      }
    }
    expect(withData).toBeGreaterThan(COUNT / 100);
  });

  it('traces have the same steps', async () => {
    // A trace has an end here that it does not have in geth.
    const short = (await receiptsOf(own)).filter(({ gasUsed }) => Number(gasUsed) < 600_000);
    for (const { transactionHash, gasUsed } of short.filter((_, at) => at % TRACED_OF === 0)) {
      const options = { enableMemory: Number(gasUsed) < 200_000, enableReturnData: true, timeout: '60s' };
      const trace = (node: Node) =>
        result<StructTrace>(node, 'debug_traceTransaction', transactionHash, options);
      const [ours, theirs] = await Promise.all([trace(own), trace(geth)]);
      expect({ transactionHash, ...settled(ours) }).toEqual({ transactionHash, ...settled(theirs) });
    }
  });

  it('each instruction does and costs the same, over a stack of zeros and of ones', async () => {
    for (let code = 0; code < 256; code++)
      for (const word of ['5f', '6001']) {
        const data = `0x${word.repeat(17)}${code.toString(16).padStart(2, '0')}`;
        const call = [{ from: senders[0]!.address, data, gas: '0x186a0' }, 'latest', { enableMemory: true }];
        const trace = (node: Node) => result<StructTrace>(node, 'debug_traceCall', ...call);
        const [ours, theirs] = await Promise.all([own, geth].map(trace));
        const last = ours!.structLogs.at(-1)!.op;
        // Of what Cancun does not have, geth tells the names that later forks give.
        if (/^opcode 0x/.test(last)) continue;
        expect({ code, ...settled(ours!) }).toEqual({ code, ...settled(theirs!) });
      }
  });

  it('questions have the same answers', async () => {
    const tally = { results: 0, refusals: 0 };
    for (let at = 0; at < QUESTIONS; at++) {
      const { from, to, data, value, gas } = generator.question();
      const asked = { from, ...(to ? { to } : {}), data, value: toHex(value) };
      const call = [{ ...asked, gas: toHex(gas) }, 'latest'] as const;
      const [ours, gethSays, anvilSays] = await Promise.all(
        [own, geth, anvil].map((node) => node.ask('eth_call', ...call)),
      );
      expect({ call, ...answered(ours!) }).toEqual({ call, ...answered(gethSays!) });
      expect({ call, refused: refusalOf(ours!) }).toEqual({ call, refused: refusalOf(anvilSays!) });
      tally[ours?.error ? 'refusals' : 'results'] += 1;
      for (const method of ['eth_estimateGas', 'eth_createAccessList']) {
        const [mine, theirs] = await Promise.all(
          [own, geth].map((node) => node.ask(method, asked, 'latest')),
        );
        // Tries of a node that serves others too have a limit, far above what a transaction may take.
        if (/^execution aborted/.test(mine?.error?.message ?? '')) continue;
        expect({ method, asked, ...priceless(mine!) }).toEqual({ method, asked, ...priceless(theirs!) });
      }
    }
    expect(Math.min(tally.results, tally.refusals)).toBeGreaterThan(QUESTIONS / 10);
  });

  it('simulated blocks are those of geth, with their calls, logs and roots', async () => {
    const tally = { succeeded: 0, failed: 0 };
    for (let at = 0; at < SIMULATIONS; at++) {
      const asked = simulationOf(generator, random);
      const [ours, theirs] = await Promise.all(
        [own, geth].map((node) => node.ask('eth_simulateV1', ...asked)),
      );
      // All calls together have the steps of one.
      if (/^execution aborted/.test(ours?.error?.message ?? '')) continue;
      expect({ asked, ...answered(withoutTransfers(ours!)) }).toEqual({
        asked,
        ...answered(withoutTransfers(theirs!)),
      });
      expect(transfersOf(theirs!)).toEqual(expect.arrayContaining(transfersOf(ours!)));
      const { succeeded, failed } = callsOf(ours!);
      tally.succeeded += succeeded;
      tally.failed += failed;
    }
    expect(Math.min(tally.succeeded, tally.failed)).toBeGreaterThan(SIMULATIONS / 5);
  });

  it('proofs of accounts and storage are those of geth, and hold by our verifier and by another', async () => {
    const at = toHex(blocks.length);
    const root = hexToBytes((await blockOf(own, blocks.length)).stateRoot as Hex);
    const slots = Array.from({ length: 8 }, (_, slot) => toHex(slot, { size: 32 }));
    let kept = 0;
    const holds = async (trie: Uint8Array, key: Hex, proof: readonly Hex[]) => {
      const hashed = keccak256(hexToBytes(key));
      const nodes = proof.map(hexToBytes);
      const value = verifyTrieProof({ root: trie, key: hashed, nodes });
      if (nodes.length > 0) {
        const judged = await verifyMerkleProof(hashed, nodes, { useKeyHashing: false, root: trie });
        expect(judged).toEqual(value);
      }
      return value;
    };
    for (const address of new Set(generator.known)) {
      const [ours, theirs] = await Promise.all(
        [own, geth].map((node) => result<Proof>(node, 'eth_getProof', address, slots, at)),
      );
      expect(ours).toEqual(asOfNobody(theirs!));
      const { accountProof, storageProof, storageHash } = ours!;
      const account = await holds(root, address, accountProof);
      if (account === null) continue;
      expect(bytesToHex(decodeAccount(account).storageRoot)).toBe(storageHash);
      for (const { key, value, proof } of storageProof) {
        const stored = await holds(hexToBytes(storageHash), key, proof);
        expect(stored === null ? 0n : decodeStorageValue(stored)).toBe(BigInt(value));
        if (stored !== null) kept += 1;
      }
    }
    expect(kept).toBeGreaterThan(COUNT / 50);
  });

  it('all kinds were there, and succeeded and failed', async () => {
    const receipts = await receiptsOf(own);
    const kinds = new Map<string, { ok: number; failed: number }>();
    for (const [at, { kind }] of made.entries()) {
      const tally = kinds.get(kind) ?? { ok: 0, failed: 0 };
      tally[receipts[at]?.status === '0x1' ? 'ok' : 'failed'] += 1;
      kinds.set(kind, tally);
    }
    process.stderr.write(`${JSON.stringify(Object.fromEntries(kinds))}\n`);
    const logs = receipts.reduce((sum, { logs: each }) => sum + each.length, 0);
    expect(logs).toBeGreaterThan(COUNT / 10);
    const failed = [...kinds.values()].reduce((sum, each) => sum + each.failed, 0);
    expect(failed).toBeGreaterThan(COUNT / 10);
    expect(failed).toBeLessThan(COUNT / 2);
  });
});
