/**
 * The moment of the recording that a record stands for. A changed record's own times may be what was changed, so they count
 * only between those of its sound neighbours; a missing record is where its neighbours meet.
 */
import { NONE } from './align.ts';
import type { RecordTable } from './record-table.ts';

export interface Moments {
  /** Microseconds since the Unix epoch; null where no sound record tells. */
  momentOf(record: number): number | null;
}

/** Neighbours looked at on each side. */
const REACH = 4096;

/** `place` holds sound records only; `inPlaceOf` what lies where a bad one should be. */
export function createMoments(
  table: RecordTable,
  place: Int32Array,
  isBad: (record: number) => boolean,
  candidate: (record: number) => number,
): Moments {
  const soundAt = (record: number): number => (isBad(record) ? NONE : (place[record] ?? NONE));
  const neighbour = (record: number, step: 1 | -1): number => {
    for (
      let at = record + step, tried = 0;
      at >= 0 && at < place.length && tried < REACH;
      at += step, tried++
    )
      if (soundAt(at) !== NONE) return soundAt(at);
    return NONE;
  };
  return {
    momentOf(record) {
      const before = neighbour(Math.min(record, place.length), -1);
      const after = neighbour(record, 1);
      const own = candidate(record);
      if (own !== NONE && table.index(own) === record && !table.foreign(own)) {
        const at = table.capturedFromUs(own);
        const early = before !== NONE && at < table.capturedUntilUs(before);
        const late = after !== NONE && at > table.capturedFromUs(after);
        if (!early && !late) return at;
      }
      if (before !== NONE) return table.capturedUntilUs(before);
      return after === NONE ? null : table.capturedFromUs(after);
    },
  };
}
