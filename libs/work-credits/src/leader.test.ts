import fc from 'fast-check';
import { nodeName } from '../test/arbitrary.ts';
import {
  DEFAULT_PARAMETERS,
  type EntityId,
  type EntityScore,
  leaderOf,
  producerOrder,
  rank,
  slotStartMs,
  tieBreak,
  votingPower,
} from './index.ts';

const node = (index: number): EntityId => `node:${nodeName(index)}`;
const scored = (index: number, liveScore: bigint, eligible = true): EntityScore => ({
  entityId: node(index),
  ...{ credits: liveScore, creditSeconds: liveScore, missedSlots: 0, liveScore, eligible },
});
const parent = new Uint8Array(32).fill(3);
const ids = (scores: readonly EntityScore[]): EntityId[] => scores.map(({ entityId }) => entityId);

describe('ranking', () => {
  it('is by live score, beyond what a float tells apart, without those that are not eligible', () => {
    const big = 2n ** 80n;
    const scores = [scored(1, big), scored(2, big + 1n), scored(3, big + 2n, false), scored(4, big - 1n)];
    expect(ids(rank(scores, parent))).toEqual([node(2), node(1), node(4)]);
  });

  it('breaks ties by the previous block, in one order for every order of the input', () => {
    const equals = Array.from({ length: 12 }, (_, index) => scored(index, 5n));
    const expected = ids(rank(equals, parent));
    expect(expected).toEqual(
      [...expected].sort((one, other) => (tieBreak(parent, one) < tieBreak(parent, other) ? -1 : 1)),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(equals, { minLength: 12 }), (mixed) => {
        expect(ids(rank(mixed, parent))).toEqual(expected);
      }),
    );
    expect(ids(rank(equals, new Uint8Array(32).fill(4)))).not.toEqual(expected);
    expect(() => tieBreak(new Uint8Array(31), node(1))).toThrow(RangeError);
  });

  it('a tie is as SHA-256 says', () => {
    // printf 'lucid-leader-tie/1\n<32 bytes 03>node:00…01' | sha256sum
    const { createHash } = jest.requireActual<typeof import('node:crypto')>('node:crypto');
    const expected = createHash('sha256')
      .update('lucid-leader-tie/1\n')
      .update(parent)
      .update(node(1))
      .digest('hex');
    expect(tieBreak(parent, node(1))).toBe(expected);
  });
});

describe('leaders of a slot', () => {
  const scores = Array.from({ length: 10 }, (_, index) => scored(index, 100n - BigInt(index)));
  const at = (winners: readonly EntityId[], all = scores) =>
    leaderOf(
      { nextSlot: 50, parameters: DEFAULT_PARAMETERS, scores: all, winnersInCooldown: new Set(winners) },
      parent,
    );

  it('are the best that rest, five behind them', () => {
    expect(at([])).toEqual({ slot: 50, leader: node(0), fallbacks: [1, 2, 3, 4, 5].map(node) });
    expect(at([node(0), node(2)])).toEqual({
      slot: 50,
      leader: node(1),
      fallbacks: [3, 4, 5, 6, 7].map(node),
    });
    expect(at(ids(scores).slice(0, 8))).toEqual({ slot: 50, leader: node(8), fallbacks: [node(9)] });
    expect(at(ids(scores))).toEqual({ slot: 50, leader: null, fallbacks: [] });
    expect(at([], [])).toEqual({ slot: 50, leader: null, fallbacks: [] });
  });

  it('three of them try, five seconds apart, then the server', () => {
    const start = slotStartMs(50, DEFAULT_PARAMETERS);
    const schedule = at([]);
    const turns = (producers: readonly string[]) =>
      producers.map((producer, turn) => ({ producer, fromMs: start + turn * 5000 }));
    expect(producerOrder(50, { mode: 'leaders', schedule }, DEFAULT_PARAMETERS)).toEqual(
      turns([node(0), node(1), node(2), 'server']),
    );
    const isReachable = (entityId: EntityId) => entityId !== node(0) && entityId !== node(2);
    expect(producerOrder(50, { mode: 'leaders', schedule, isReachable }, DEFAULT_PARAMETERS)).toEqual(
      turns([node(1), node(3), node(4), 'server']),
    );
    expect(producerOrder(50, { mode: 'leaders', schedule: at([], []) }, DEFAULT_PARAMETERS)).toEqual(
      turns(['server']),
    );
    expect(producerOrder(50, { mode: 'single', producer: 'server' }, DEFAULT_PARAMETERS)).toEqual(
      turns(['server']),
    );
  });
});

describe('voting power', () => {
  const amounts = fc.array(fc.bigInt({ min: 0n, max: 2n ** 90n }), { minLength: 4, maxLength: 40 });

  it('nobody has a third, whoever has what; the order of scores is kept', () => {
    fc.assert(
      fc.property(amounts, (all) => {
        const powers = votingPower(all.map((amount, index) => scored(index, amount)));
        const total = powers.reduce((sum, { power }) => sum + power, 0);
        for (const { power } of powers) {
          expect(Number.isSafeInteger(power) && power >= 1).toBe(true);
          expect(power * 3).toBeLessThan(total);
        }
        const descending = powers.map(({ power }) => power);
        expect(descending).toEqual([...descending].sort((one, other) => other - one));
        expect(total).toBeLessThan(2 ** 60);
      }),
    );
  });

  it.each<[string, number[], number[]]>([
    ['in proportion where nobody is large', [40, 30, 30, 30], [1_000_000, 750_000, 750_000, 750_000]],
    ['one large', [1000, 1, 1, 1], [1499, 1000, 1000, 1000]],
    ['two large', [1000, 1000, 10, 10], [19_999, 19_999, 10_000, 10_000]],
    ['all alike', [7, 7, 7, 7], [1_000_000, 1_000_000, 1_000_000, 1_000_000]],
    ['three are equals', [1000, 10, 1], [1, 1, 1]],
    ['two are equals', [1000, 10], [1, 1]],
    ['one', [5], [1]],
    ['nobody', [], []],
  ])('%s', (_name, all, expected) => {
    const scores = all.map((amount, index) => scored(index, BigInt(amount)));
    expect(votingPower([...scores, scored(99, 5000n, false)]).map(({ power }) => power)).toEqual(expected);
  });
});
