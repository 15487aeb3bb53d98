/**
 * Kill -9 of the chain at random moments, also while it starts, under a load of transfers, waiting transactions and sessions. LUCID_KILLS says how many
 * (default 8; 200 with LUCID_SLOW=1), LUCID_SEED repeats the moments.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { addresses, lucidAnchors } from '@lucid/chain-contracts';
import { type Hex, type Log, parseEventLogs, toHex } from 'viem';
import { buildProgram } from '../apps/on-system-chain/test/build-program.ts';
import { accounts, KilledChain, makeFolder } from './chain/killed-chain.ts';
import { seeded, seedOfRun } from './stack/seeded.ts';
import { until } from './stack/until.ts';

const KILLS = Number(process.env.LUCID_KILLS ?? (process.env.LUCID_SLOW === '1' ? 200 : 8));
const GWEI = 10n ** 9n;
/** Accounts by what they do. */
const SENDERS = [0, 1, 2, 3];
const REPLACING = 4;
const WAITING = 5;
const SINK = 6;

const program = buildProgram(join(__dirname, 'chain/kill-program.ts'));
const replay = buildProgram(join(__dirname, 'chain/replay-program.ts'));
const random = seeded(seedOfRun('chain kill'));

const sign = (account: number, nonce: number, more: { feeGwei?: number; data?: Hex } = {}) =>
  accounts[account]!.signTransaction({
    type: 'eip1559',
    chainId: 1337,
    nonce,
    to: accounts[SINK]!.address,
    value: 1n,
    gas: 30_000n,
    data: more.data ?? '0x',
    maxFeePerGas: 100n * GWEI,
    maxPriorityFeePerGas: BigInt(more.feeGwei ?? 1) * GWEI,
  });

interface Block {
  readonly number: Hex;
  readonly hash: Hex;
  readonly stateRoot: Hex;
  readonly transactions: readonly Hex[];
}

/** What was promised over all runs. */
const seen = {
  /** Hash of each acknowledged transfer, by sender and nonce. */
  transfers: new Map(SENDERS.map((sender) => [sender, [] as (Hex | 'known')[]])),
  blocks: new Map<Hex, Hex>(),
  replacements: 0,
  sessions: new Set<string>(),
  tried: new Set<string>(),
  killedAtStart: 0,
};

const isGone = (error: unknown): boolean =>
  /fetch failed|terminated|other side closed|ECONN|socket|Invalid URL|Failed to parse/.test(String(error));

/** Repeats until the process is gone; anything but its end is an error. */
async function whileItRuns(chain: KilledChain, step: () => Promise<void>): Promise<void> {
  while (chain.isRunning)
    try {
      await step();
    } catch (error) {
      if (chain.isRunning && !isGone(error)) throw error;
      return;
    }
}

async function send(chain: KilledChain, sender: number): Promise<void> {
  const promised = seen.transfers.get(sender)!;
  const { result, error } = await chain.ask('eth_sendRawTransaction', await sign(sender, promised.length));
  // Known from before: the answer was cut off.
  if (error && !/already known|nonce too low/.test(error.message)) throw new Error(error.message);
  promised.push((result as Hex | undefined) ?? 'known');
}

/** Two transactions for one nonce, the second dearer: one of them is executed. */
async function replace(chain: KilledChain): Promise<void> {
  const nonce = seen.replacements;
  for (const feeGwei of [1, 5]) {
    const raw = await sign(REPLACING, nonce, { feeGwei, data: toHex(feeGwei) });
    const { error } = await chain.ask('eth_sendRawTransaction', raw);
    if (error && !/already known|nonce too low|underpriced/.test(error.message))
      throw new Error(error.message);
  }
  seen.replacements += 1;
}

async function watch(chain: KilledChain): Promise<void> {
  const { number, hash } = await chain.result<Block>('eth_getBlockByNumber', 'latest', false);
  const before = seen.blocks.get(number) ?? hash;
  if (before !== hash) throw new Error(`there were two blocks ${Number(number)}`);
  seen.blocks.set(number, hash);
}

/** Mempool rules hold right after a start as they did before: what has a gap waits, what is cheap is refused. */
async function expectRules(chain: KilledChain): Promise<void> {
  const cheap = await accounts[WAITING]!.signTransaction({
    ...{ type: 'legacy', chainId: 1337, nonce: 0, to: accounts[SINK]!.address, gas: 21_000n, gasPrice: 1n },
  });
  const { error } = await chain.ask('eth_sendRawTransaction', cheap);
  expect(error?.message).toMatch(/underpriced/);
  const count = await chain.result<Hex>('eth_getTransactionCount', accounts[WAITING]!.address, 'pending');
  expect(Number(count)).toBe(0);
}

async function register(chain: KilledChain): Promise<void> {
  const sessionId = randomBytes(32).toString('hex');
  seen.tried.add(sessionId);
  chain.tell({ register: sessionId });
  await delay(20);
}

/** One life: from the start until it is killed at a random moment. */
async function live(folder: string): Promise<void> {
  const chain = new KilledChain(await program, folder);
  const isShort = random.below(6) === 0;
  const lifeMs = random.below(isShort ? 900 : 1_200);
  if (isShort) await delay(lifeMs);
  else {
    await until('ready', async () => chain.url !== undefined || !chain.isRunning);
    if (!chain.isRunning) throw new Error('the chain did not start');
    await expectRules(chain);
    const load = [
      ...SENDERS.map((sender) => whileItRuns(chain, () => send(chain, sender))),
      whileItRuns(chain, () => replace(chain)),
      whileItRuns(chain, () => watch(chain)),
      whileItRuns(chain, () => register(chain)),
    ];
    await Promise.all([delay(lifeMs).then(() => chain.kill()), ...load]);
  }
  if (chain.url === undefined) seen.killedAtStart += 1;
  await chain.kill();
  for (const sessionId of chain.registered) seen.sessions.add(sessionId);
}

describe(`${KILLS} times kill -9 under load`, () => {
  const folder = makeFolder();
  let chain: KilledChain;
  let blocks: Block[];
  let waitingHash: Hex;

  beforeAll(
    async () => {
      const first = new KilledChain(await program, folder);
      await until('ready', async () => first.url !== undefined);
      waitingHash = await first.result<Hex>('eth_sendRawTransaction', await sign(WAITING, 3));
      await first.kill();
      for (let kill = 1; kill < KILLS; kill++) await live(folder);
      chain = new KilledChain(await program, folder);
      await until('ready', async () => chain.url !== undefined);
      await until(
        'nothing waits',
        async () => (await chain.result<{ pending: Hex }>('txpool_status')).pending === '0x0',
      );
    },
    60_000 + KILLS * 10_000,
  );
  afterAll(async () => {
    await chain?.kill();
    rmSync(folder, { recursive: true, force: true });
    const transfers = [...seen.transfers.values()].reduce((sum, { length }) => sum + length, 0);
    process.stderr.write(
      `${KILLS} kills, ${seen.killedAtStart} before it was ready: ${blocks?.length} blocks, ${transfers} transfers, ${seen.replacements} replacements, ${seen.sessions.size} sessions\n`,
    );
  });

  it('what was acknowledged is executed, once', async () => {
    for (const [sender, promised] of seen.transfers) {
      const nonce = await chain.result<Hex>('eth_getTransactionCount', accounts[sender]!.address, 'latest');
      // The one whose answer the last kill cut off may have been taken.
      expect([promised.length, promised.length + 1]).toContain(Number(nonce));
      for (const hash of promised.filter((each) => each !== 'known'))
        expect(await chain.result('eth_getTransactionReceipt', hash)).toMatchObject({ status: '0x1' });
    }
  }, 120_000);

  it('of two transactions for one nonce one was executed; what has a gap waits since before the first kill', async () => {
    const count = await chain.result<Hex>('eth_getTransactionCount', accounts[REPLACING]!.address, 'latest');
    expect([seen.replacements, seen.replacements + 1]).toContain(Number(count));
    expect(await chain.result('eth_getTransactionByHash', waitingHash)).toMatchObject({ blockHash: null });
    for (let nonce = 0; nonce < 3; nonce++)
      await chain.result('eth_sendRawTransaction', await sign(WAITING, nonce));
    await until(
      'executed',
      async () => (await chain.result('eth_getTransactionReceipt', waitingHash)) !== null,
    );
  }, 60_000);

  it('each session that was promised is registered once, and none twice', async () => {
    await until('all that were promised are registered', allAreFinal, 200_000);
    const logs = await chain.result<Log[]>('eth_getLogs', {
      ...{ address: addresses.lucidAnchors, fromBlock: '0x0', toBlock: 'latest' },
    });
    const { abi } = lucidAnchors;
    const single = parseEventLogs({ abi, logs, eventName: 'SessionRegistered' }).map(
      ({ args }) => args.sessionId,
    );
    const batches = parseEventLogs({ abi, logs, eventName: 'SessionsRegistered' }).map(({ args }) => args);
    expect(new Set(single).size).toBe(single.length);
    expect(new Set(batches.map(({ root }) => root)).size).toBe(batches.length);
    // Also those whose promise was cut off may be there; of the others nobody ever heard.
    const known = [...chain.outcomes!.values()].filter((status) => status !== null);
    expect(single.length + batches.reduce((sum, { count }) => sum + count, 0)).toBe(known.length);
    expect(known.length).toBeGreaterThanOrEqual(seen.sessions.size);
  }, 400_000);

  async function allAreFinal(): Promise<boolean> {
    chain.outcomes = undefined;
    chain.tell({ outcomes: [...seen.tried] });
    await until('the answer', async () => chain.outcomes !== undefined, 100_000);
    for (const sessionId of seen.sessions) if (chain.outcomes!.get(sessionId) === null) return false;
    return [...chain.outcomes!.values()].every((status) => status === null || status === 'confirmed');
  }

  it('no block that was seen is lost, none is half there', async () => {
    chain.tell({ check: true });
    await until('checked', async () => chain.checked !== undefined);
    expect(chain.checked?.faults).toEqual([]);
    const head = Number(await chain.result<Hex>('eth_blockNumber'));
    expect(chain.checked?.blocks).toBeGreaterThanOrEqual(head);
    blocks = [];
    for (let height = 1; height <= head; height++)
      blocks.push(await chain.result<Block>('eth_getBlockByNumber', toHex(height), false));
    const hashes = new Map(blocks.map(({ number, hash }) => [number, hash]));
    for (const [number, hash] of seen.blocks)
      if (number !== '0x0') expect([number, hashes.get(number)]).toEqual([number, hash]);
    for (const { transactions, hash } of blocks) {
      const receipts = await chain.result<{ transactionHash: Hex }[]>('eth_getBlockReceipts', hash);
      expect(receipts.map(({ transactionHash }) => transactionHash)).toEqual(transactions);
    }
  }, 120_000);

  it('another process that executes the chain from its genesis has the same state after each block', async () => {
    const raw: Hex[] = [];
    for (const { number } of blocks) raw.push(await chain.result<Hex>('debug_getRawBlock', number));
    writeFileSync(join(folder, 'blocks.hex'), raw.join('\n'));
    const args = [await replay, join(folder, 'genesis.json'), join(folder, 'blocks.hex')];
    const lines = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
    expect(lines).toEqual(
      blocks.map(({ number, hash, stateRoot }) => `${Number(number)} ${hash} ${stateRoot}`),
    );
  }, 120_000);
});
