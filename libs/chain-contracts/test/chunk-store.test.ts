import { randomBytes } from 'node:crypto';
import { emptyRoot, inclusionProof, leafHash, rootOfLeaves } from '@lucid/merkle';
import { encodeAbiParameters, hexToBytes, toHex } from 'viem';
import { addresses, chunkStatuses, type Hex, lucidChunkStore, predeploys } from '../src/index.ts';
import { Deployed } from './kit/deployed.ts';
import { openTestChain } from './kit/open-chain.ts';
import type { TestChain } from './kit/test-chain.ts';

const ZERO = toHex(0, { size: 32 });
const MAX_CHUNK_SIZE = 16 * 1024 * 1024;
const word = (): Hex => toHex(randomBytes(32));

let chain: TestChain;
let store: Deployed<typeof lucidChunkStore.abi>;
let uploader: Hex;
let other: Hex;

beforeAll(async () => {
  chain = await openTestChain();
  [, uploader, other] = chain.accounts as [Hex, Hex, Hex];
  const { code } = predeploys[addresses.lucidChunkStore]!;
  store = new Deployed(chain, lucidChunkStore.abi, await chain.place(addresses.lucidChunkStore, code));
});
afterAll(() => chain.close());

const FIELDS = ['bytes32', 'uint32', 'bytes32', 'uint32'].map((type) => ({ type }));
const leafOf = (...fields: readonly [Hex, number, Hex, number]): Uint8Array =>
  leafHash(hexToBytes(encodeAbiParameters(FIELDS, fields)));

/** A list of so many chunks, and the leaves that a stranger computes from its events. */
async function listOf(size: number) {
  const sessionId = word();
  const leaves: Uint8Array[] = [];
  const hashes: Hex[] = [];
  for (let index = 0; index < size; index++) {
    hashes.push(word());
    await store.send(uploader, 'storeChunkMetadata', [sessionId, index, hashes[index]!, 1_000 + index]);
    leaves.push(leafOf(sessionId, index, hashes[index]!, 1_000 + index));
  }
  return { sessionId, hashes, leaves };
}

const refusal = (error: string, ...args: unknown[]) => ({ error, args });

describe('a list of chunks', () => {
  it('has the RFC 9162 root of what its events say, after every chunk', async () => {
    const sessionId = word();
    const leaves: Uint8Array[] = [];
    const rootNow = () => store.read('sessionRoot', [uploader, sessionId]);
    expect(await rootNow()).toBe(toHex(emptyRoot));
    for (let index = 0; index < 17; index++) {
      const [hash, size] = [word(), 1 + index];
      const receipt = await store.send(uploader, 'storeChunkMetadata', [sessionId, index, hash, size]);
      leaves.push(leafOf(sessionId, index, hash, size));
      expect(await rootNow()).toBe(toHex(rootOfLeaves(leaves)));
      const [event] = store.events(receipt);
      expect(event?.name).toBe('ChunkStored');
      expect(event?.args).toMatchObject({ sessionId, index, cipherHash: hash, sizeBytes: size });
    }
    const list = await store.read('sessionList', [uploader, sessionId]);
    expect(list).toMatchObject({ stored: 17, total: 0, sizeBytes: BigInt((17 * 18) / 2), complete: false });
    expect(Number(list.updatedAt)).toBeGreaterThan(0);
  });

  it.each([1, 2, 6, 7])('proves each of %i chunks, and nothing else', async (size) => {
    const { sessionId, hashes, leaves } = await listOf(size);
    const verify = (index: number, hash: Hex, bytes: number, path: readonly Hex[], who = uploader) =>
      store.read('verifyStorageProof', [who, sessionId, index, hash, bytes, path]);
    for (const [index, hash] of hashes.entries()) {
      const path = inclusionProof(leaves, index, size).map((each) => toHex(each));
      expect(await verify(index, hash, 1_000 + index, path)).toBe(true);
      expect(await verify(index, hash, 1_001 + index, path)).toBe(false);
      expect(await verify(index, word(), 1_000 + index, path)).toBe(false);
      expect(await verify(index + 1, hash, 1_000 + index, path)).toBe(false);
      expect(await verify(index, hash, 1_000 + index, [...path, word()])).toBe(false);
      expect(await verify(index, hash, 1_000 + index, path, other)).toBe(false);
    }
  });

  it('belongs to its uploader: another one has a list of the same session', async () => {
    const { sessionId } = await listOf(2);
    await store.send(other, 'storeChunkMetadata', [sessionId, 0, word(), 5]);
    expect((await store.read('sessionList', [uploader, sessionId])).stored).toBe(2);
    expect((await store.read('sessionList', [other, sessionId])).stored).toBe(1);
    expect(await store.read('isChunkStored', [uploader, sessionId, 1])).toBe(true);
    expect(await store.read('isChunkStored', [other, sessionId, 1])).toBe(false);
    expect(await store.refused(other, 'updateChunkStatus', [sessionId, 1, 0])).toEqual(
      refusal('ChunkUnknown', 1),
    );
  });

  it('is completed once, with all its chunks, and is closed then', async () => {
    const { sessionId, leaves } = await listOf(3);
    expect(await store.refused(uploader, 'updateSessionTotalChunks', [sessionId, 2])).toEqual(
      refusal('TotalOutOfBounds', 2),
    );
    const said = await store.send(uploader, 'updateSessionTotalChunks', [sessionId, 4]);
    expect(store.events(said)[0]?.name).toBe('SessionTotalChunks');
    expect(await store.refused(uploader, 'markSessionComplete', [sessionId])).toEqual(
      refusal('ChunksMissing', 3, 4),
    );
    const hash = word();
    await store.send(uploader, 'storeChunkMetadata', [sessionId, 3, hash, 9]);
    leaves.push(leafOf(sessionId, 3, hash, 9));
    expect(await store.refused(uploader, 'storeChunkMetadata', [sessionId, 4, hash, 9])).toEqual(
      refusal('TotalOutOfBounds', 4),
    );
    const [event] = store.events(await store.send(uploader, 'markSessionComplete', [sessionId]));
    expect(event?.name).toBe('SessionComplete');
    expect(event?.args).toMatchObject({ root: toHex(rootOfLeaves(leaves)), chunks: 4, sizeBytes: 3_012n });
    expect(await store.read('isSessionComplete', [uploader, sessionId])).toBe(true);
    const closed = refusal('ListIsComplete');
    expect(await store.refused(uploader, 'markSessionComplete', [sessionId])).toEqual(closed);
    expect(await store.refused(uploader, 'storeChunkMetadata', [sessionId, 4, hash, 9])).toEqual(closed);
    expect(await store.refused(uploader, 'updateSessionTotalChunks', [sessionId, 9])).toEqual(closed);
  });

  it('says in events what became of its chunks', async () => {
    const { sessionId } = await listOf(1);
    for (const [status] of chunkStatuses.entries()) {
      const [event] = store.events(await store.send(uploader, 'updateChunkStatus', [sessionId, 0, status]));
      expect(event?.name).toBe('ChunkStatusChanged');
      expect(event?.args).toMatchObject({ sessionId, index: 0, status });
    }
    expect(
      await store.refused(uploader, 'updateChunkStatus', [sessionId, 0, chunkStatuses.length]),
    ).not.toBeNull();
  });
});

describe('hostile metadata', () => {
  it.each([
    ['ZeroSessionId', [ZERO, 0, word(), 1], []],
    ['ZeroHash', [word(), 0, ZERO, 1], []],
    ['SizeOutOfBounds', [word(), 0, word(), 0], [0]],
    ['SizeOutOfBounds', [word(), 0, word(), MAX_CHUNK_SIZE + 1], [MAX_CHUNK_SIZE + 1]],
    ['IndexOutOfOrder', [word(), 1, word(), 1], [0, 1]],
    ['IndexOutOfOrder', [word(), 2 ** 32 - 1, word(), 1], [0, 2 ** 32 - 1]],
  ] as const)('is refused: %s', async (error, args, said) => {
    expect(await store.refused(uploader, 'storeChunkMetadata', args)).toEqual({ error, args: said });
  });

  it('refuses totals out of bounds, and completing nothing', async () => {
    for (const total of [0, 2 ** 24 + 1, 2 ** 32 - 1])
      expect(await store.refused(uploader, 'updateSessionTotalChunks', [word(), total])).toEqual(
        refusal('TotalOutOfBounds', total),
      );
    expect(await store.refused(uploader, 'updateSessionTotalChunks', [ZERO, 1])).toEqual(
      refusal('ZeroSessionId'),
    );
    expect(await store.refused(uploader, 'markSessionComplete', [word()])).toEqual(refusal('ListIsEmpty'));
  });

  it('takes the same index once', async () => {
    const { sessionId } = await listOf(1);
    expect(await store.refused(uploader, 'storeChunkMetadata', [sessionId, 0, word(), 1])).toEqual(
      refusal('IndexOutOfOrder', 1, 0),
    );
  });
});
