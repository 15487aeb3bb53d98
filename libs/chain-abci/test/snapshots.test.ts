import { chunkResult, offerResult, type Snapshot } from '@lucid/abci-server';
import { hexToBytes } from '@lucid/chain-application';
import { sampleBlocks, transaction } from '../../chain-application/test/test-chain.ts';
import type { ChainAbci } from '../src/index.ts';
import { begin, decide, infoOf, memoryStores, openValidator } from './validator.ts';

let source: ChainAbci;
let appHash: Uint8Array;
let snapshot: Snapshot;

beforeAll(async () => {
  source = openValidator(memoryStores(), { snapshotEveryBlocks: 2 });
  await begin(source);
  let decided = '';
  for (const [index, txs] of sampleBlocks(6).entries()) {
    decided = (await decide([source], index + 1, txs)).appHash;
    await source.close();
  }
  appHash = hexToBytes(decided as `0x${string}`);
  const { snapshots = [] } = await source.listSnapshots({});
  snapshot = snapshots[0] as Snapshot;
  expect(snapshots.map(({ height }) => height)).toEqual([6, 4]);
});

const chunkOf = async (index: number): Promise<Uint8Array> =>
  (await source.loadSnapshotChunk({ height: snapshot.height, format: 1, chunk: index })).chunk!;

test('an empty validator restores it, and goes on with the others', async () => {
  const stores = memoryStores();
  const fresh = openValidator(stores);
  expect(await infoOf(fresh)).toMatchObject({ height: 0 });
  expect(await fresh.offerSnapshot({ snapshot, appHash })).toEqual({ result: offerResult.accept });
  for (let index = 0; index < snapshot.chunks; index++)
    expect(await fresh.applySnapshotChunk({ index, chunk: await chunkOf(index), sender: 'a' })).toEqual({
      result: chunkResult.accept,
    });
  expect(await infoOf(fresh)).toEqual({ height: 6, appHash: `0x${Buffer.from(appHash).toString('hex')}` });
  const reopened = openValidator(stores);
  await decide([source, reopened], 7, [transaction(6, { nonce: 0 })]);
  expect((await (await reopened.chain()).checkIntegrity()).faults).toEqual([]);
});

test('what is not of the block that is trusted, not ours or damaged is refused', async () => {
  const fresh = openValidator();
  const offer = async (change: Partial<Snapshot>, trusted = appHash) =>
    (await fresh.offerSnapshot({ snapshot: { ...snapshot, ...change }, appHash: trusted })).result;
  expect(await offer({}, new Uint8Array(32))).toBe(offerResult.reject);
  expect(await offer({ format: 2 })).toBe(offerResult.rejectFormat);
  expect(await offer({ hash: new Uint8Array(32) })).toBe(offerResult.reject);
  expect(await offer({ chunks: snapshot.chunks + 1 })).toBe(offerResult.reject);
  expect(await offer({ metadata: new Uint8Array(3) })).toBe(offerResult.reject);
  expect((await fresh.offerSnapshot({ snapshot: undefined, appHash })).result).toBe(offerResult.reject);
  await expect(
    fresh.applySnapshotChunk({ index: 0, chunk: new Uint8Array(1), sender: 'liar' }),
  ).rejects.toMatchObject({ code: 'no_restore' });

  expect(await offer({})).toBe(offerResult.accept);
  const damaged = Uint8Array.from(await chunkOf(0));
  damaged[40]! ^= 1;
  expect(await fresh.applySnapshotChunk({ index: 0, chunk: damaged, sender: 'liar' })).toEqual({
    result: chunkResult.retry,
    rejectSenders: ['liar'],
  });
  expect(await fresh.applySnapshotChunk({ index: 0, chunk: await chunkOf(0), sender: 'b' })).toEqual({
    result: chunkResult.accept,
  });
});

test('a manifest that lies about its chunks is rejected as a whole', async () => {
  const { createHash } = await import('node:crypto');
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
  const fresh = openValidator();
  const forged = Uint8Array.from(await chunkOf(0));
  forged[forged.length - 1]! ^= 1;
  const manifest = JSON.parse(Buffer.from(snapshot.metadata).toString()) as { chunks: string[] };
  manifest.chunks[0] = sha256(forged).toString('hex');
  const metadata = Buffer.from(JSON.stringify(manifest));
  const lie = { ...snapshot, metadata, hash: sha256(metadata) };
  expect(await fresh.offerSnapshot({ snapshot: lie, appHash })).toEqual({ result: offerResult.accept });
  expect(await fresh.applySnapshotChunk({ index: 0, chunk: forged, sender: 'liar' })).toEqual({
    result: chunkResult.rejectSnapshot,
  });
  // Another one may be tried at once.
  expect(await fresh.offerSnapshot({ snapshot, appHash })).toEqual({ result: offerResult.accept });
  expect(await fresh.applySnapshotChunk({ index: 0, chunk: await chunkOf(0), sender: 'b' })).toEqual({
    result: chunkResult.accept,
  });
});

test('a validator that has a chain takes none', async () => {
  const validator = openValidator();
  await begin(validator);
  await expect(async () => validator.offerSnapshot({ snapshot, appHash })).rejects.toMatchObject({
    code: 'out_of_order',
  });
});

test('a chunk that is not there is empty', async () => {
  const ask = async (height: number, chunk: number) =>
    (await source.loadSnapshotChunk({ height, format: 1, chunk })).chunk;
  expect(await ask(5, 0)).toEqual(new Uint8Array(0));
  expect(await ask(6, 99)).toEqual(new Uint8Array(0));
});
