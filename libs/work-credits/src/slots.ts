/** Slots and epochs. Slot 0 begins 2024-01-01T00:00:00Z; an epoch is a day. All times are handed in. */
import { RULES, type WorkCreditParameters } from './parameters.ts';

/** Unix milliseconds of the beginning of slot 0. */
export const SLOT_ZERO_MS = Date.UTC(2024, 0, 1);

type SlotLength = Pick<WorkCreditParameters, 'slotDurationSec'>;

/** The slot that holds a Unix time in milliseconds; negative before slot 0. */
export const slotAt = (timeMs: number, { slotDurationSec }: SlotLength): number =>
  Math.floor((timeMs - SLOT_ZERO_MS) / (slotDurationSec * 1000));

/** Unix milliseconds. */
export const slotStartMs = (slot: number, { slotDurationSec }: SlotLength): number =>
  SLOT_ZERO_MS + slot * slotDurationSec * 1000;

export const slotsPerEpoch = ({ slotDurationSec }: SlotLength): number => RULES.epochSec / slotDurationSec;

export const epochOf = (slot: number, parameters: SlotLength): number =>
  Math.floor(slot / slotsPerEpoch(parameters));

/** Slots whose proofs count at a slot: those before it, so many. */
export const windowSlots = (parameters: WorkCreditParameters): number =>
  parameters.leaderWindowDays * slotsPerEpoch(parameters);

export const windowSeconds = (parameters: WorkCreditParameters): number =>
  parameters.leaderWindowDays * RULES.epochSec;

/** @throws TypeError or RangeError where it is no slot number. */
export function assertSlot(slot: number, name = 'slot'): void {
  if (typeof slot !== 'number') throw new TypeError(`${name}: expected number`);
  if (!Number.isSafeInteger(slot) || slot < 0) throw new RangeError(`${name}: not a slot number`);
}
