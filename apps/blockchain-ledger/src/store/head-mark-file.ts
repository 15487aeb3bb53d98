/**
 * The mark of the last head given out: one small file beside the store, overwritten in place with every commit and not
 * synced. It survives the process; what it loses with the power it loses towards an older head, which is harmless.
 * It uncovers a store that lost its newest entries (a copy put back, a damaged write-ahead log that LevelDB cut off).
 */
import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { HeadMark } from '../domain/recovery.ts';

export function openHeadMarkFile(path: string): HeadMark {
  const file = openSync(path, 'a+', 0o644);
  closeSync(file);
  const note = readFileSync(path, 'utf8').replace(/\0+$/, '');
  const writer = openSync(path, 'r+');
  let written = Buffer.byteLength(note);
  let open = true;
  return {
    async read() {
      return note === '' ? null : note;
    },
    write(next) {
      const bytes = Buffer.from(next);
      writeSync(writer, bytes, 0, bytes.length, 0);
      // A shorter note must not keep the end of a longer one.
      if (bytes.length < written) ftruncateSync(writer, bytes.length);
      written = bytes.length;
    },
    async close() {
      if (!open) return;
      open = false;
      fdatasyncSync(writer);
      closeSync(writer);
    },
  };
}
