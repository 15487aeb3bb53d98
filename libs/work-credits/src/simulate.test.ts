import fc from 'fast-check';
import { DAY_WINDOW } from '../test/arbitrary.ts';
import type { EntityId, SlotOutcome } from './index.ts';
import { type SimulationOptions, simulate } from './simulate.ts';
import { gini } from './simulation-report.ts';

const small: SimulationOptions = { seed: 1, nodes: 120, epochs: 2, parameters: DAY_WINDOW };

describe('a simulated network', () => {
  const outcomes: SlotOutcome[] = [];
  const schedules: (EntityId | null)[][] = [];
  const result = simulate({
    ...small,
    onSlot: (outcome, { leader, fallbacks }) => {
      outcomes.push(outcome);
      schedules.push([leader, ...fallbacks]);
    },
  });

  it('has one end to each slot, in order', () => {
    expect(outcomes.map(({ slot }) => slot)).toEqual(Array.from({ length: 1440 }, (_, slot) => slot));
    const { led, lost, server, slots } = result;
    expect([led + lost + server, slots]).toEqual([1440, 1440]);
    expect(led).toBeGreaterThan(1000);
  });

  it('nobody wins, misses or is listed within its cool-down', () => {
    const lastWin = new Map<EntityId, number>();
    for (const [at, { slot, winner, missed }] of outcomes.entries()) {
      const listed = schedules[at]!;
      expect(new Set(listed).size).toBe(listed.length);
      for (const entityId of [...listed, ...missed, winner]) {
        if (entityId) expect(slot - (lastWin.get(entityId) ?? -17)).toBeGreaterThan(16);
      }
      if (winner) lastWin.set(winner, slot);
    }
  });

  it('the winner is on the list behind those that missed, within three attempts', () => {
    for (const [at, { winner, missed }] of outcomes.entries()) {
      const tried = winner === null ? missed : [...missed, winner];
      expect(tried.length).toBeLessThanOrEqual(3);
      expect(schedules[at]!.slice(0, tried.length)).toEqual(tried);
    }
    expect(result.recovered).toBeGreaterThan(0);
  });

  it('replaying gains nothing; what repeats or comes late is seen as that', () => {
    expect(result.replayGain).toBe(1);
    const { added } = result;
    expect(added.repeated).toBeGreaterThan(5000);
    expect(added.refused).toBeGreaterThan(5000);
    expect([added.voided, added['not-open']]).toEqual([0, 0]);
  });

  it('splitting earns no more credits than its rounding: a unit begun a part and slot', () => {
    expect(result.splittingGain.credits).toBeLessThan(1.001);
    expect(result.splittingGain.credits).toBeGreaterThan(0.9);
  });

  it('pays what it mints', () => {
    const earned = result.totals.reduce((sum, each) => sum + each.earned, 0n);
    const slotsPaid = result.totals.reduce((sum, each) => sum + each.led, 0);
    expect(slotsPaid).toBe(result.led);
    expect(earned).toBeLessThanOrEqual(result.minted);
    const kinds = result.kinds.reduce((sum, each) => sum + each.earned, 0);
    expect(kinds).toBeCloseTo(1, 9);
  });

  it('repeats by its seed, and differs by it', () => {
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        const run = (from: number) => simulate({ ...small, nodes: 30, epochs: 1, seed: from });
        expect(run(seed)).toEqual(run(seed));
        expect(run(seed).totals).not.toEqual(run(seed + 1).totals);
      }),
      { numRuns: 1 },
    );
  });
});

describe('Gini', () => {
  it.each([
    [[1, 1, 1, 1], 0],
    [[0, 0, 0, 4], 0.75],
    [[1, 3], 0.25],
    [[0, 0], 0],
    [[], 0],
  ])('of %j is %d', (amounts, expected) => {
    expect(gini(amounts)).toBeCloseTo(expected, 12);
  });
});
