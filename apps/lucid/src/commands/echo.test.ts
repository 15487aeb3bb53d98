import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEcho } from './echo.ts';

/** A stream over a full pipe: writes wait until the test lets them through. */
function slowStdout(fd: number) {
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = {
    fd,
    on: () => stream,
    write(bytes: Uint8Array, done: () => void) {
      waiting.push(() => {
        written.push(Buffer.from(bytes).toString());
        done();
      });
      return false;
    },
  };
  return { stream: stream as unknown as NodeJS.WriteStream, written, waiting };
}

test('a reader that is slow holds the command until the last byte, and order is kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-echo-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const calls: string[] = [];
  const { stream, written, waiting } = slowStdout(fd);
  const echo = createEcho(stream, { pause: () => calls.push('pause'), resume: () => calls.push('resume') });
  // More than a pipe holds: the rest goes to the stream.
  echo.write(Buffer.alloc(2_000_000, 'a'));
  expect(calls).toEqual(['pause']);
  echo.write(Buffer.from('second'));
  (waiting.shift() as () => void)();
  expect(calls).toEqual(['pause']);
  // The pipe has room again, but something is still waiting before.
  readSync(fd, Buffer.alloc(65_536));
  echo.write(Buffer.from('third'));
  for (const goOn of waiting.splice(0)) goOn();
  expect(written.slice(1)).toEqual(['second', 'third']);
  expect(calls).toEqual(['pause', 'resume']);
  closeSync(fd);
  rmSync(folder, { recursive: true });
});
