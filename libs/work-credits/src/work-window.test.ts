import fc from 'fast-check';
import { beacon, claims, DAY_WINDOW, nodeName, validation } from '../test/arbitrary.ts';
import {
  DEFAULT_PARAMETERS,
  type EntityId,
  leaderOf,
  type Tally,
  type TaskClaim,
  tally,
  tallyOf,
  WorkWindow,
} from './index.ts';

const node = (index: number): EntityId => `node:${nodeName(index)}`;
const scoreOf = ({ scores }: Tally, entityId: EntityId) => scores.find((each) => each.entityId === entityId);
const parameters = DAY_WINDOW;
const WINDOW = 720;

describe('live score and eligibility', () => {
  /** A node with beacons in so many slots of a day's window and one proof of 10 credits. */
  const dayOf = (upSlots: number, poolId?: string, who = 1): TaskClaim[] =>
    [...Array.from({ length: upSlots }, (_, slot) => beacon(who, slot)), validation(who, 0, 2)].map(
      (claim) => (poolId === undefined ? claim : { ...claim, poolId }),
    );
  const score = (all: readonly TaskClaim[], missed: readonly number[] = [], entityId = node(1)) => {
    const outcomes = missed.map((slot) => ({ slot, winner: null, missed: [entityId] }));
    return scoreOf(tally({ claims: all, outcomes, nextSlot: WINDOW, parameters }), entityId);
  };

  it.each<[string, number, bigint, boolean]>([
    ['never up', 0, 0n, false],
    ['just below a fifth of the window', 143, 171_600n, false],
    ['a fifth of the window', 144, 172_800n, true],
    ['always up', 720, 864_000n, true],
  ])('%s', (_name, upSlots, liveScore, eligible) => {
    expect(score(dayOf(upSlots))).toEqual({
      entityId: node(1),
      ...{ credits: 10n, creditSeconds: liveScore, missedSlots: 0, liveScore, eligible },
    });
  });

  it('who earned nothing is not eligible, however long it was up', () => {
    const all = Array.from({ length: WINDOW }, (_, slot) => beacon(1, slot));
    expect(score(all)).toMatchObject({ credits: 0n, liveScore: 0n, eligible: false });
  });

  it.each([
    [0, 864_000n],
    [1, 691_200n],
    [4, 432_000n],
    [36, 86_400n],
  ])('%i missed slots', (misses, liveScore) => {
    const missed = Array.from({ length: misses }, (_, slot) => slot * 2);
    expect(score(dayOf(720), missed)).toMatchObject({ liveScore, missedSlots: misses, eligible: true });
  });

  it('a pool has the sum of its members, each by its own uptime', () => {
    const all = [...dayOf(720, 'alpha', 1), ...dayOf(72, 'alpha', 2)];
    const pool = score(all, [], 'pool:alpha' as EntityId);
    expect(pool).toMatchObject({ credits: 20n, creditSeconds: 864_000n + 86_400n, eligible: true });
    const idle = [...dayOf(72, 'alpha', 1), ...dayOf(72, 'alpha', 2), ...dayOf(72, 'alpha', 3)];
    expect(score(idle, [], 'pool:alpha' as EntityId)).toMatchObject({ eligible: false });
  });
});

describe('the same proofs in any order', () => {
  const range = { nodes: 4, slots: [0, 6] as const };
  const many = fc.array(claims(range), { maxLength: 60 });
  const shuffled = many.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
  );

  it('give the same tally, also twice over', () => {
    fc.assert(
      fc.property(shuffled, ([all, mixed]) => {
        const input = { nextSlot: 7, parameters };
        expect(tally({ ...input, claims: mixed })).toEqual(tally({ ...input, claims: all }));
      }),
    );
  });

  /** What D.2 says, without sums that are carried along. */
  function direct(all: readonly TaskClaim[], nextSlot: number): Map<string, number> {
    const words = new Map<string, TaskClaim[]>();
    for (const claim of all) {
      if (claim.slot >= nextSlot || claim.slot < nextSlot - WINDOW) continue;
      const key = `${claim.nodeId}_${claim.slot}_${claim.type}`;
      words.set(key, [...(words.get(key) ?? []), claim]);
    }
    const sums = new Map<string, number>();
    for (const said of words.values()) {
      const texts = new Set(said.map(({ value, poolId }) => JSON.stringify([value, poolId])));
      const [claim] = said;
      if (texts.size > 1 || claim?.type !== 'validation_signature') continue;
      const entity = claim.poolId ? `pool:${claim.poolId}` : `node:${claim.nodeId}`;
      sums.set(entity, (sums.get(entity) ?? 0) + claim.value.validatedSessions * 5);
    }
    return sums;
  }

  it('a window that slides holds what a tally of its slots holds', () => {
    const late = fc.record({ claim: claims({ nodes: 3, slots: [0, 40] }), delay: fc.nat(2) });
    const steps = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(late, { maxLength: 80 }), steps, (arrivals, jumps) => {
        const window = new WorkWindow({ parameters, nextSlot: 0 });
        for (let slot = 0; slot <= 42; slot++) {
          window.advanceTo(slot + 1);
          for (const { claim, delay } of arrivals) if (claim.slot + delay === slot) window.add(claim);
        }
        const all = arrivals.map(({ claim }) => claim);
        let nextSlot = 43;
        for (const jump of [0, ...jumps]) {
          nextSlot += jump;
          window.advanceTo(nextSlot);
          const said = tallyOf(window);
          expect(said).toEqual(tally({ claims: all, nextSlot, parameters }));
          const only = all.filter(({ type }) => type === 'validation_signature');
          const sums = tally({ claims: only, nextSlot, parameters }).scores;
          const expected = [...direct(only, nextSlot)].map(([id, credits]) => [id, BigInt(credits)]);
          const given = sums.map(({ entityId, credits }) => [entityId, credits]);
          expect(new Map(given as [string, bigint][])).toEqual(new Map(expected as [string, bigint][]));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('a window without proofs keeps nothing of them', () => {
    const window = new WorkWindow({ parameters, nextSlot: 0 });
    window.advanceTo(1);
    window.add(beacon(1, 0));
    window.record({ slot: 0, winner: null, missed: [node(1)] });
    window.advanceTo(WINDOW);
    expect([[...window.stints()].length, window.missesOf(node(1))]).toEqual([1, 1]);
    window.advanceTo(WINDOW + 1);
    expect([[...window.stints()].length, window.missesOf(node(1))]).toEqual([0, 0]);
    window.advanceTo(2 ** 40);
    expect(() => window.advanceTo(2 ** 40 - 1)).toThrow(RangeError);
  });
});

describe('hostile proofs', () => {
  const windowAt = (nextSlot: number): WorkWindow => new WorkWindow({ parameters, nextSlot });

  it('a repetition adds nothing; only its time may differ', () => {
    const window = windowAt(1);
    expect(window.add(validation(1, 0, 4))).toBe('added');
    expect(window.add(validation(1, 0, 4))).toBe('repeated');
    expect(window.add({ ...validation(1, 0, 4), ts: 5 })).toBe('repeated');
    expect(scoreOf(tallyOf(window), node(1))?.credits).toBe(20n);
  });

  it('two words on one slot and type are none, for ever', () => {
    const window = windowAt(1);
    window.add(validation(1, 0, 4));
    expect(window.add(validation(1, 0, 5))).toBe('voided');
    expect(window.add(validation(1, 0, 4))).toBe('voided');
    expect(tallyOf(window).scores).toEqual([]);
    expect(window.activityOf(0)).toEqual({ sessions: 0, bytes: 0, activeNodes: 0 });
    const pools = windowAt(1);
    pools.add({ ...validation(1, 0, 4), poolId: 'alpha' });
    expect(pools.add({ ...validation(1, 0, 4), poolId: 'beta' })).toBe('voided');
    expect(tallyOf(pools).scores).toEqual([]);
  });

  it('slots that are closed, past or to come take nothing', () => {
    const window = windowAt(10);
    for (const slot of [0, 6, 10, 11]) expect(window.add(validation(1, slot, 4))).toBe('not-open');
    for (const slot of [7, 8, 9]) expect(window.add(validation(1, slot, 4))).toBe('added');
    window.advanceTo(11);
    expect(window.add(validation(2, 7, 4))).toBe('not-open');
    expect(window.activityOf(7)).toBeNull();
  });

  it('a slot ends once', () => {
    const window = windowAt(10);
    expect(window.record({ slot: 9, winner: node(1), missed: [node(2), node(2)] })).toBe(true);
    expect(window.record({ slot: 9, winner: node(3), missed: [node(2)] })).toBe(false);
    expect(window.record({ slot: 10, winner: node(3), missed: [] })).toBe(false);
    expect(window.missesOf(node(2))).toBe(1);
    expect([...window.winnersInCooldown()]).toEqual([node(1)]);
  });

  it('the largest claims of the longest window add up exactly', () => {
    const long = { ...DEFAULT_PARAMETERS, slotDurationSec: 60, leaderWindowDays: 30 };
    const most = { chunksStored: 2 ** 32, sizeBytes: 2 ** 50 };
    const perSlot = 2n ** 33n + 10n * 2n ** 20n;
    expect(perSlot * 43_200n).toBeLessThan(2n ** 53n);
    const all = Array.from({ length: 43_200 }, (_, slot): TaskClaim => {
      return { ...beacon(1, slot), type: 'storage_availability', value: most };
    });
    const result = tally({ claims: all, nextSlot: 43_200, parameters: long });
    expect(result.scores[0]?.credits).toBe(perSlot * 43_200n);
  });
});

describe('growth, in counted visits', () => {
  /** Visits for `slots` slots of `nodes` nodes, four proofs each, through a window of a day. */
  function spent(nodes: number, slots: number, leaderWindowDays: number): number {
    const window = new WorkWindow({ parameters: { ...DEFAULT_PARAMETERS, leaderWindowDays }, nextSlot: 0 });
    for (let slot = 0; slot < slots; slot++) {
      window.advanceTo(slot + 1);
      for (let who = 0; who < nodes; who++) {
        window.add(beacon(who, slot));
        window.add(validation(who, slot, 1));
      }
    }
    return window.visits;
  }

  it('a slot costs its own proofs, however long the window is', () => {
    const work = 10 * 2000 * 2;
    expect(spent(10, 2000, 1)).toBeLessThan(work * 3);
    expect(spent(10, 2000, 7)).toBeLessThanOrEqual(spent(10, 2000, 1));
    expect(spent(20, 2000, 1) / spent(10, 2000, 1)).toBeCloseTo(2, 5);
    expect(spent(10, 8000, 1) / spent(10, 4000, 1)).toBeLessThan(2.2);
  });

  it('1000 nodes through a week: three visits a proof at most', () => {
    const window = new WorkWindow({ parameters: DEFAULT_PARAMETERS, nextSlot: 0 });
    const ids = Array.from({ length: 1000 }, (_, who) => nodeName(who));
    for (let slot = 0; slot < 5300; slot++) {
      window.advanceTo(slot + 1);
      for (const nodeId of ids)
        window.add({ nodeId, slot, ts: 0, type: 'uptime_beacon', value: { uptimeSeconds: 120 } });
    }
    expect(window.visits).toBeLessThanOrEqual(3 * 1000 * 5300);
    const sums = [...window.stints()].map(({ uptimeSec }) => uptimeSec);
    expect(new Set(sums)).toEqual(new Set([5040 * 120]));
    expect(leaderOf(tallyOf(window), new Uint8Array(32)).leader).toBeNull();
  });
});
