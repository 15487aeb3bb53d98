// Sizes as a table: of each image and of the goals, with what the project's first images had beside.
import { readFileSync } from 'node:fs';
import { megabytes, TOTAL_MB } from './sizes.mjs';

/** @import { Verdict } from './judge.mjs' */

/** @type {{ totalMb: number, images: Record<string, number> }} */
export const firstImages = JSON.parse(readFileSync(new URL('./first-images.json', import.meta.url), 'utf8'));

/** @type {(cells: readonly (string | number)[], widths: readonly number[]) => string} */
const line = (cells, widths) =>
  cells
    .map((cell, index) =>
      index === 0 ? String(cell).padEnd(widths[index] ?? 0) : String(cell).padStart(widths[index] ?? 0),
    )
    .join('  ')
    .trimEnd();

/** @type {(heading: readonly string[], rows: readonly (readonly string[])[]) => string} */
export function formatTable(heading, rows) {
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  return `${[heading, ...rows].map((cells) => line(cells, widths)).join('\n')}\n`;
}

/** `1 fault`, `2 faults`. @type {(count: number, what: string) => string} */
export const countOf = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** @type {(bytes: number | undefined) => string} */
const optional = (bytes) => (bytes === undefined ? '-' : megabytes(bytes));

/**
 * One line an image, in MB.
 * @param {{ verdicts: readonly Verdict[], totalBytes: number }} judged
 */
export function sizeTable({ verdicts, totalBytes }) {
  const rows = verdicts.map(({ reference, name, sizes, faults, note }) => [
    reference,
    megabytes(sizes.own),
    megabytes(sizes.whole),
    optional(sizes.wholePacked),
    String(firstImages.images[name] ?? '-'),
    faults.length === 0 ? 'ok' : countOf(faults.length, 'fault'),
    ...(note ? [note] : []),
  ]);
  const total = [
    'all on one disk',
    '',
    megabytes(totalBytes),
    '',
    `${firstImages.totalMb} (27 images)`,
    `at most ${TOTAL_MB}`,
  ];
  return formatTable(['image, MB', 'own', 'whole', 'packed', 'first', ''], [...rows, total]);
}
