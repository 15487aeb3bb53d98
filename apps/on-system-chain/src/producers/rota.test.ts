/** Whose turn it is, by blocks alone. */
import { expect, test } from '@jest/globals';
import { RULES } from '@lucid/work-credits';
import fc from 'fast-check';
import {
  addressOf,
  bytesOf,
  cooldownSlots,
  entityOf,
  fileOf,
  firstSlot,
  firstSlotMs,
  server,
  slotsOfDay,
  workOf,
} from '../../test/producers-world.ts';
import { parseProducers } from './producers-file.ts';
import { Rota } from './rota.ts';

const hashOf = (number: number): string => `0x${number.toString(16).padStart(64, '0')}`;
const parentHash = hashOf(1);
const book = parseProducers(bytesOf(fileOf([30, 20, 10, 5], 2)));
const rotaOf = (file = book) => new Rota(file);
const at = (rota: Rota, slot: number) => rota.at(firstSlot + slot, parentHash);
const take = (rota: Rota, slot: number, producer: string) =>
  rota.take({ slot: firstSlot + slot, producer, parentHash });
const leaderAt = (rota: Rota, slot: number) => at(rota, slot).schedule.leader;
const standingOf = (rota: Rota, slot: number, index: number) =>
  at(rota, slot).standings.find(({ entityId }) => entityId === entityOf(index));

test('the best leads, the next ones fall back five seconds apart, then the server', () => {
  const view = at(rotaOf(), 0);
  expect(view).toMatchObject({
    ...{ slot: firstSlot, epoch: 731 },
    schedule: { leader: entityOf(0), fallbacks: [1, 2, 3].map(entityOf) },
  });
  expect(view.turns).toEqual([
    ...[0, 1, 2].map((index) => ({
      ...{ entityId: entityOf(index), address: addressOf(index) },
      fromMs: firstSlotMs + index * 5000,
    })),
    { entityId: null, address: server, fromMs: firstSlotMs + 15_000 },
  ]);
  expect(view.standings.map(({ rank, score }) => [rank, score?.credits])).toEqual([
    ...[
      [1, 150n],
      [2, 100n],
      [3, 50n],
      [4, 25n],
    ],
  ]);
});

test('a winner rests for the cool-down, then it leads again', () => {
  const rota = rotaOf();
  for (const slot of [0, 1, 2, 3]) {
    expect(leaderAt(rota, slot)).toBe(entityOf(slot));
    take(rota, slot, addressOf(slot));
  }
  expect(standingOf(rota, 4, 0)?.restsUntilSlot).toBe(firstSlot + cooldownSlots + 1);
  for (let slot = 4; slot <= cooldownSlots; slot++) {
    expect(at(rota, slot).schedule).toMatchObject({ leader: null, fallbacks: [] });
    expect(at(rota, slot).turns.map(({ address }) => address)).toEqual([server]);
    if (slot % 2 === 0) take(rota, slot, server);
  }
  expect(leaderAt(rota, cooldownSlots + 1)).toBe(entityOf(0));
  expect(standingOf(rota, cooldownSlots + 1, 0)?.restsUntilSlot).toBeNull();
});

test('who lets its turn pass missed the slot: its score falls in the next epoch, and only then', () => {
  const rota = rotaOf();
  take(rota, 0, addressOf(1));
  expect(leaderAt(rota, 1)).toBe(entityOf(0));
  for (let slot = 1; slot < slotsOfDay; slot++) {
    const [turn] = at(rota, slot).turns;
    take(rota, slot, turn?.address ?? '');
  }
  expect(standingOf(rota, slotsOfDay - 1, 0)?.score?.missedSlots).toBe(0);
  const after = [0, 1].map((index) => standingOf(rota, slotsOfDay, index)?.score);
  expect(after.map((each) => each?.missedSlots)).toEqual([1, 0]);
  const { creditSeconds = 0n, liveScore } = after[0] ?? {};
  const halve = BigInt(RULES.missesThatHalve);
  expect(liveScore).toBe((creditSeconds * halve) / (halve + 1n));
});

test('a slot without a block was missed by all whose turn came', () => {
  const rota = rotaOf();
  take(rota, slotsOfDay, addressOf(0));
  expect([0, 1, 2, 3].map((index) => standingOf(rota, slotsOfDay, index)?.score?.missedSlots)).toEqual([
    ...[slotsOfDay, slotsOfDay, slotsOfDay, 0],
  ]);
  // Who missed nothing leads now, though it did least.
  expect(leaderAt(rota, slotsOfDay)).toBe(entityOf(3));
});

test('proofs count from the epoch after their own: a file that adds some changes nothing that was', () => {
  const less = fileOf([30, 20], 0);
  const more = { ...less, proofs: [...less.proofs, ...workOf(1, firstSlot, 90), ...workOf(0, firstSlot, 1)] };
  const [before, after] = [less, more].map((each) => rotaOf(parseProducers(bytesOf(each)))) as [Rota, Rota];
  for (let slot = 0; slot < slotsOfDay; slot++) {
    expect(at(after, slot).turns).toEqual(at(before, slot).turns);
    const [turn] = at(before, slot).turns;
    for (const each of [before, after]) take(each, slot, turn?.address ?? '');
  }
  expect(standingOf(after, slotsOfDay, 1)).toMatchObject({ rank: 1, score: { credits: 450n } });
  // The day before is out of the window, and nothing was added here.
  expect(leaderAt(before, slotsOfDay)).toBeNull();
});

test('equals are ordered by the block before', () => {
  const rota = rotaOf(parseProducers(bytesOf(fileOf([7, 7, 7, 7]))));
  const leaders = [1, 2, 3, 4, 5, 6, 7, 8].map((each) => rota.at(firstSlot, hashOf(each)).schedule.leader);
  expect(new Set(leaders).size).toBeGreaterThan(1);
});

test('before the schedule begins the server publishes, and nobody misses anything', () => {
  const rota = rotaOf();
  expect(at(rota, -3).turns).toMatchObject([{ address: server }]);
  take(rota, -3, addressOf(1));
  expect(leaderAt(rota, 0)).toBe(entityOf(0));
  expect(standingOf(rota, slotsOfDay, 3)?.score?.missedSlots).toBe(0);
});

test('what was asked in between changes nothing: blocks alone decide', () => {
  const blocks = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 4 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(blocks, (steps) => {
      const [asked, silent] = [rotaOf(), rotaOf()];
      let slot = -1;
      for (const [step, who] of steps) {
        slot += step;
        const producer = who === 4 ? server : addressOf(who);
        at(asked, slot);
        at(asked, slot + 300);
        for (const each of [asked, silent]) take(each, slot, producer);
        expect(at(asked, slot)).toEqual(at(silent, slot));
      }
      expect(at(asked, slot + 1)).toEqual(at(silent, slot + 1));
    }),
    { numRuns: 20 },
  );
});
