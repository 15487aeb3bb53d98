import { utf8ToBytes } from '@lucid/bytes';
import { parseCheckpoint, parseNote } from '@lucid/checkpoint';
import {
  decodeConsistency,
  decodePeerBlock,
  encodeConsistency,
  encodePeerBlock,
  Follower,
  LogForked,
  LogWitness,
  type PeerBlock,
  type PeerFaultCode,
} from '../src/index.ts';
import { blockOf, createLogKey, headerOf, memoryStore, Peer } from './lying-peer.ts';

const key = createLogKey();
const { signal } = new AbortController();

function start(store = memoryStore()) {
  const kept: Uint8Array[] = [];
  const refused = { code: 'kept' as 'kept' | 'invalid' };
  const chain = {
    height: () => kept.length,
    beganWith: async (header: Uint8Array) => Buffer.compare(header, headerOf(0)) === 0,
    importBlock: async (_: number, rlp: Uint8Array) => {
      if (refused.code === 'kept') kept.push(rlp);
      return refused.code;
    },
  };
  const witness = new LogWitness({ verifierKey: key.verifierKey, store });
  return { kept, refused, store, follower: new Follower({ witness, chain }) };
}

function peerWith(blocks: number): Peer {
  const peer = new Peer(key);
  for (let at = 0; at < blocks; at++) peer.make();
  return peer;
}

const sizeOf = (note: string): number => parseCheckpoint(parseNote(note).text).size;

test('it takes block after block while the log grows, and waits at its end', async () => {
  const { kept, follower, store } = start();
  const peer = peerWith(3);
  for (let height = 1; height <= 3; height++) {
    expect(await follower.next(peer, signal)).toEqual({ height, highest: height + 2 });
    expect(kept[height - 1]).toEqual(blockOf(height));
    peer.make();
  }
  for (let height = 4; height <= 6; height++)
    expect(await follower.next(peer, signal)).toEqual({ height, highest: 6 });
  expect(await follower.next(peer, signal)).toBeNull();
  expect(kept).toHaveLength(6);
  expect(sizeOf(store.note!)).toBe(7);
});

test('an older checkpoint of the same log is no lie, and nothing that is remembered gets lost by it', async () => {
  const { kept, follower, store } = start();
  const peer = peerWith(6);
  await follower.next(peer, signal);
  peer.lie = ({ index }) => peer.tell(index, 4);
  await follower.next(peer, signal);
  expect(kept).toHaveLength(2);
  expect(sizeOf(store.note!)).toBe(7);
});

test('how far the other is, is believed as far as its signed log has room for blocks', async () => {
  const { follower } = start();
  const peer = peerWith(4);
  peer.lie = (told) => ({ ...told, head: 1_000_000 });
  expect(await follower.next(peer, signal)).toEqual({ height: 1, highest: 4 });
  peer.lie = (told) => ({ ...told, head: 0 });
  expect(await follower.next(peer, signal)).toEqual({ height: 2, highest: 2 });
});

describe('before anything is taken', () => {
  test('the first block says whether it is the same chain, and how long that is', async () => {
    const { follower, kept } = start();
    expect(await follower.meet(peerWith(4), signal)).toEqual({ height: 0, highest: 4 });
    expect(kept).toEqual([]);
  });

  test('another one is refused, also under the same key', async () => {
    const { follower } = start();
    const other = new Peer(key, 9);
    other.make();
    await expect(follower.meet(other, signal)).rejects.toMatchObject({ code: 'peer_other_chain' });
  });

  test('a first block that is not in the log says nothing', async () => {
    const { follower } = start();
    const other = new Peer(key, 9);
    other.lie = (told) => ({ ...told, block: blockOf(0) });
    await expect(follower.meet(other, signal)).rejects.toMatchObject({ code: 'peer_not_in_log' });
  });

  test('nor does another block of the log, shown instead of the first', async () => {
    const { follower } = start();
    const peer = peerWith(3);
    peer.lie = () => peer.tell(2);
    await expect(follower.meet(peer, signal)).rejects.toMatchObject({ code: 'peer_block_invalid' });
  });

  test('where it is not kept any more, blocks alone decide', async () => {
    const { follower } = start();
    const peer = peerWith(2);
    peer.keepsFirst = false;
    expect(await follower.meet(peer, signal)).toBeNull();
    expect(await follower.next(peer, signal)).toEqual({ height: 1, highest: 2 });
  });
});

const flip = (bytes: Uint8Array): Uint8Array => {
  const other = Uint8Array.from(bytes);
  other[3]! ^= 1;
  return other;
};

/** What a lie is called; `lie` changes what the peer says of block 2. */
const lies: readonly [string, PeerFaultCode, (told: PeerBlock, peer: Peer) => PeerBlock][] = [
  ['another block than the log has', 'peer_not_in_log', (told) => ({ ...told, block: blockOf(2, 9) })],
  ['a block of another height', 'peer_not_in_log', (told) => ({ ...told, block: blockOf(3) })],
  ['another block, with its proof', 'peer_block_invalid', (_, peer) => peer.tell(3)],
  ['a place that is another’s', 'peer_not_in_log', (told) => ({ ...told, index: 3 })],
  ['a place beyond the log', 'peer_not_in_log', (told) => ({ ...told, index: 99 })],
  ['a path that is cut', 'peer_not_in_log', (told) => ({ ...told, inclusion: told.inclusion.slice(1) })],
  ['no path', 'peer_not_in_log', (told) => ({ ...told, inclusion: [] })],
  [
    'a checkpoint by another key',
    'peer_signature',
    (told, peer) => ({ ...told, checkpoint: peer.checkpoint(5, createLogKey()) }),
  ],
  [
    'a checkpoint that was changed',
    'peer_signature',
    (told) => ({ ...told, checkpoint: told.checkpoint.replace('\n5\n', '\n6\n') }),
  ],
  ['no checkpoint', 'peer_signature', (told) => ({ ...told, checkpoint: 'nothing' })],
  ['a block that is no RLP', 'peer_malformed', (told) => ({ ...told, block: flip(new Uint8Array(4)) })],
  [
    'a block with something behind it',
    'peer_malformed',
    (told) => ({ ...told, block: Buffer.concat([told.block, Uint8Array.of(0)]) }),
  ],
  [
    'a block that is a string',
    'peer_malformed',
    (told) => ({ ...told, block: utf8ToBytes('\x83abc'.slice(1)) }),
  ],
];

test.each(lies)('%s: %s', async (_, code, lie) => {
  const { kept, follower } = start();
  const peer = peerWith(4);
  await follower.next(peer, signal);
  peer.lie = (told) => lie(told, peer);
  await expect(follower.next(peer, signal)).rejects.toMatchObject({ code });
  expect(kept).toHaveLength(1);
  // Whoever tells the truth afterwards is followed.
  peer.lie = (told) => told;
  expect(await follower.next(peer, signal)).not.toBeNull();
});

test('a block that breaks a rule is its fault', async () => {
  const { refused, follower } = start();
  refused.code = 'invalid';
  await expect(follower.next(peerWith(1), signal)).rejects.toMatchObject({ code: 'peer_block_invalid' });
});

describe('another past', () => {
  test('of the same size: two notes prove it, also after a restart', async () => {
    const { follower, store } = start();
    const peer = peerWith(4);
    await follower.next(peer, signal);
    peer.rewrite(8);
    for (const each of [follower, start(store).follower]) {
      const error = await each.next(peer, signal).catch((fault: unknown) => fault);
      expect(error).toBeInstanceOf(LogForked);
      const [first, second] = (error as LogForked).notes;
      expect([sizeOf(first), sizeOf(second)]).toEqual([5, 5]);
      expect(first).not.toBe(second);
    }
  });

  test.each([
    ['grown', 1],
    ['shrunk', -1],
  ])('%s: it cannot be proved to contain what was seen', async (_, by) => {
    const { follower, store, kept } = start();
    const peer = peerWith(5);
    await follower.next(peer, signal);
    const other = peerWith(5 + by);
    other.rewrite(8);
    const before = store.note;
    await expect(follower.next(other, signal)).rejects.toMatchObject({ code: 'peer_inconsistent' });
    expect({ kept: kept.length, note: store.note }).toEqual({ kept: 1, note: before });
  });

  test('a wrong proof of a log that is right is refused, and forgiven', async () => {
    const { follower } = start();
    const peer = peerWith(3);
    await follower.next(peer, signal);
    peer.make();
    peer.lieOfConsistency = (proof) => proof.map(flip);
    await expect(follower.next(peer, signal)).rejects.toMatchObject({ code: 'peer_inconsistent' });
    peer.lieOfConsistency = (proof) => proof;
    expect(await follower.next(peer, signal)).not.toBeNull();
  });
});

describe('messages', () => {
  test('come back as they went', () => {
    const told = peerWith(4).tell(2);
    expect(decodePeerBlock(encodePeerBlock(told))).toEqual(told);
    expect(decodeConsistency(encodeConsistency(told.inclusion))).toEqual(told.inclusion);
  });

  test('what is none is refused', () => {
    const sound = JSON.parse(encodePeerBlock(peerWith(4).tell(2))) as Record<string, unknown>;
    const changes = [
      { block: 7 },
      { block: '***' },
      { index: -1 },
      { index: '2' },
      { index: 2 ** 60 },
      { head: -1 },
      { head: undefined },
      { inclusion: 'x' },
      { inclusion: ['00'] },
      { inclusion: Array(65).fill('0'.repeat(64)) },
      { checkpoint: null },
      { checkpoint: 'x'.repeat(70_000) },
      { more: Array(2_000).fill(0) },
    ];
    for (const text of [
      '',
      'null',
      '[]',
      '7',
      ...changes.map((change) => JSON.stringify({ ...sound, ...change })),
    ])
      expect(() => decodePeerBlock(text)).toThrow(expect.objectContaining({ code: 'peer_malformed' }));
    expect(() => decodeConsistency('{}')).toThrow(expect.objectContaining({ code: 'peer_malformed' }));
  });
});
