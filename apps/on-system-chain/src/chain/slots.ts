/** Slots: spans of equal length, counted from slot 0, in each of which there is a block. */
export const slotZeroSec = Date.UTC(2024, 0, 1) / 1000;

export const slotOf = (timestampSec: number, slotSec: number): number =>
  Math.floor((timestampSec - slotZeroSec) / slotSec);

/** When the slot after that of a block begins, in milliseconds since the Unix epoch; never where slots have no length. */
export const nextSlotMs = (timestampSec: number, slotSec: number): number =>
  slotSec === 0
    ? Number.POSITIVE_INFINITY
    : (slotZeroSec + (slotOf(timestampSec, slotSec) + 1) * slotSec) * 1000;
