/**
 * A restart reads the head and the newest headers, not the chain: what it reads does not grow with its length. With
 * LUCID_SLOW=1 100,000 blocks, else 2,000; the time is printed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RLP } from '@ethereumjs/rlp';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodeKeptBlock } from '@lucid/chain-wire';
import { formatSignerKey } from '@lucid/checkpoint';
import { blockchainLedgerContract } from '@lucid/contracts';
import { openLevelKvStore } from '@lucid/kv-level';
import type { KvStore } from '@lucid/kv-store';
import { startTestStack } from '@lucid/service-kit/testing';
import { Chain } from '../src/chain/chain.ts';
import { createKeccak256 } from '../src/chain/keccak.ts';
import { createLog } from '../src/domain/log.ts';
import { createNotary } from '../src/domain/notary.ts';
import { headerEntriesOf } from '../src/header-entries.ts';
import { blockchainLedger } from '../src/index.ts';
import { ReopeningLog } from '../src/reopening-log.ts';
import { makeBlock } from './chain-kit.ts';
import { seedOf } from './log-kit.ts';

const length = process.env.LUCID_SLOW === '1' ? 100_000 : 2_000;
const logKey = { name: 'lucid.invalid/restart', secretKey: seedOf('restart') };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-restart-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The same store without its waits for the disk: a hundred thousand of them are not what is tested. */
const unsynced = (kv: KvStore): KvStore => ({
  get: (key) => kv.get(key),
  getMany: (keys) => kv.getMany(keys),
  iterate: (range) => kv.iterate(range),
  check: () => kv.check(),
  close: () => kv.close(),
  batch: (operations) => kv.batch(operations, { sync: false }),
});

/** Empty blocks, each header made of its predecessor's. */
async function fill(): Promise<void> {
  const notary = createNotary({ origin: logKey.name, secretKey: logKey.secretKey });
  const log = await createLog({
    kv: unsynced(await openLevelKvStore({ path: join(folder, 'log') })),
    notary,
  });
  const keccak = await createKeccak256();
  const headers = headerEntriesOf(new ReopeningLog(log, { open: async () => log, nowMs: () => 0 }));
  const kv = unsynced(await openLevelKvStore({ path: join(folder, 'chain') }));
  const chain = await Chain.open({ kv, keccak, log: headers });
  const fields = RLP.decode((await makeBlock()).header) as Uint8Array[];
  for (let height = 0; height < length; height++) {
    const block = RLP.encode([fields, [], [], []]);
    await chain.put(height, encodeKeptBlock({ block, receipts: [], senders: [] }));
    fields[0] = keccak(RLP.encode(fields));
    fields[8] = RLP.decode(RLP.encode(height + 1)) as Uint8Array;
  }
  await chain.close();
  await log.close();
}

test(
  `${length} blocks are there again after a restart`,
  async () => {
    await fill();
    const startedAt = performance.now();
    const stack = await startTestStack({
      definitions: [blockchainLedger],
      environment: { LEDGER_DATA_DIR: folder, LEDGER_SIGNING_KEY: formatSignerKey(logKey) },
    });
    expect(await stack.ready()).toMatchObject({ 'blockchain-ledger': { status: 'ready' } });
    process.stdout.write(
      `ready with ${length} blocks after ${Math.round(performance.now() - startedAt)} ms\n`,
    );
    const client = stack.clientOf(blockchainLedgerContract);
    expect(await client.getChainHead()).toMatchObject({ height: length - 1 });
    const check = client.checkChain({ body: { fromHeight: length - 300 } });
    expect(await check).toMatchObject({ blocks: 300, faultsFound: 0 });
    await stack.close();
  },
  120_000 + length * 20,
);
