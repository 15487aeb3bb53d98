import { ProblemError } from '@lucid/service-kit';
import { LeafFeed, type LeafFeedOptions } from './leaf-feed.ts';

const leaf = (index: number) => new Uint8Array(32).fill(index + 1);

/** A tree that behaves as merkle-builder's contract says. */
class FakeTree {
  leaves: Uint8Array[] = [];
  calls: string[] = [];
  failNext: string | null = null;

  readonly client: LeafFeedOptions['merkle'] = {
    getTree: async () => {
      this.calls.push('getTree');
      if (this.leaves.length === 0) throw new ProblemError('tree_unknown', { remote: 'merkle-builder' });
      return { sessionId: '', size: this.leaves.length, root: '', final: false };
    },
    appendLeaves: async ({ query: { firstIndex }, body }) => {
      this.calls.push(`append ${firstIndex}+${body.length / 32}`);
      const failure = this.failNext;
      this.failNext = null;
      if (failure === 'unavailable') throw new ProblemError('unavailable');
      if (firstIndex > this.leaves.length) throw new ProblemError('leaf_gap', { remote: 'merkle-builder' });
      const known = this.leaves[firstIndex];
      if (known && Buffer.compare(known, body.subarray(0, 32)) !== 0)
        throw new ProblemError('leaf_conflict', { remote: 'merkle-builder' });
      for (let at = 0; at < body.length / 32; at += 1)
        this.leaves[firstIndex + at] = body.slice(at * 32, at * 32 + 32);
      if (failure === 'answer lost') throw new ProblemError('unavailable');
      return { size: this.leaves.length };
    },
  };
}

function feedOf(tree: FakeTree, acknowledged: number | null = null) {
  const hashed: string[] = [];
  const feed = new LeafFeed({
    sessionId: 'aa',
    merkle: tree.client,
    acknowledged,
    async *hashStored(from, to) {
      hashed.push(`${from}-${to}`);
      for (let index = from; index < to; index += 1) yield leaf(index);
    },
  });
  const push = (from: number, to: number) => {
    for (let index = from; index < to; index += 1) feed.push(index, leaf(index));
  };
  const sound = (count: number) =>
    expect(tree.leaves).toEqual(Array.from({ length: count }, (_, index) => leaf(index)));
  return { feed, hashed, push, sound };
}

describe('LeafFeed', () => {
  it('asks once how far the tree is, then sends each leaf as it comes', async () => {
    const tree = new FakeTree();
    const { feed, push, hashed, sound } = feedOf(tree);
    push(0, 1);
    await feed.flush(1);
    push(1, 3);
    await feed.flush(3);
    await feed.flush(3);
    expect(tree.calls).toEqual(['getTree', 'append 0+1', 'append 1+2']);
    expect(hashed).toEqual([]);
    expect(feed.acknowledged).toBe(3);
    sound(3);
  });

  it('hashes stored records for leaves that it never had', async () => {
    const tree = new FakeTree();
    tree.leaves = [leaf(0), leaf(1)];
    const { feed, push, hashed, sound } = feedOf(tree);
    push(5, 7);
    await feed.flush(7);
    expect(hashed).toEqual(['1-5']);
    sound(7);
  });

  it.each(['unavailable', 'answer lost'])('keeps leaves for later when %s', async (failure) => {
    const tree = new FakeTree();
    const { feed, push, hashed, sound } = feedOf(tree, 0);
    push(0, 2);
    tree.failNext = failure;
    await expect(feed.flush(2)).rejects.toMatchObject({ code: 'unavailable' });
    push(2, 3);
    await feed.flush(3);
    expect(hashed).toEqual([]);
    sound(3);
  });

  it('asks again where the tree is behind what it had acknowledged', async () => {
    const tree = new FakeTree();
    const { feed, push, hashed, sound } = feedOf(tree, 0);
    push(0, 4);
    await feed.flush(4);
    tree.leaves.length = 2;
    push(4, 5);
    await feed.flush(5);
    expect(hashed).toEqual(['1-4']);
    sound(5);
  });

  it('refuses a tree with more leaves than there are records', async () => {
    const tree = new FakeTree();
    tree.leaves = [leaf(0), leaf(1)];
    const { feed } = feedOf(tree);
    await expect(feed.flush(1)).rejects.toMatchObject({ code: 'record_damaged' });
  });

  it('does not go on over a tree of other records, however often it is asked', async () => {
    const tree = new FakeTree();
    tree.leaves = [leaf(0), leaf(9)];
    const { feed, push } = feedOf(tree);
    push(2, 3);
    for (let times = 0; times < 3; times += 1)
      await expect(feed.flush(3)).rejects.toMatchObject({ code: 'leaf_conflict' });
    expect(tree.leaves).toHaveLength(2);
  });

  it('sends many leaves in bounded calls', async () => {
    const tree = new FakeTree();
    const { feed } = feedOf(tree);
    await feed.flush(65_537);
    expect(tree.calls).toEqual(['getTree', 'append 0+65536', 'append 65536+1']);
  });
});
