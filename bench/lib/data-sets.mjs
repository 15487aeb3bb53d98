// The data that benches work on, made here: system files, random bytes, a long terminal log.
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './measure.mjs';

function fill(path, sizeBytes, piece) {
  const fd = openSync(path, 'w');
  for (let written = 0; written < sizeBytes; ) {
    const bytes = piece();
    written += writeSync(fd, bytes, 0, Math.min(bytes.length, sizeBytes - written));
  }
  closeSync(fd);
}

const makers = {
  system: (path, sizeBytes) =>
    run(
      `{ tar -cf - /usr/lib /usr/bin 2>/dev/null || true; } | head -c ${sizeBytes} > ${path} || [ $? -eq 141 ]`,
    ),
  random: (path, sizeBytes) => fill(path, sizeBytes, () => randomBytes(1 << 20)),
  terminal: (path, sizeBytes) =>
    run(
      `{ while :; do ls -lR --color=always /usr/share /usr/lib /etc 2>/dev/null; [ $? -lt 128 ] || break; done; } | head -c ${sizeBytes} > ${path} || [ $? -eq 141 ]`,
    ),
};

export const setNames = Object.keys(makers);

/** Path of a set of this size, made where it is not there yet. */
export function dataSet(name, folder, sizeBytes) {
  const path = join(folder, `${name}-${sizeBytes}.bin`);
  if (!existsSync(path) || statSync(path).size !== sizeBytes) makers[name](path, sizeBytes);
  return path;
}
