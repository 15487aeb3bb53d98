// The data that benches work on, made here: system files, random bytes, a long terminal log, screen video.
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { has, run } from './measure.mjs';

function fill(path, sizeBytes, piece) {
  const fd = openSync(path, 'w');
  for (let written = 0; written < sizeBytes; ) {
    const bytes = piece();
    written += writeSync(fd, bytes, 0, Math.min(bytes.length, sizeBytes - written));
  }
  closeSync(fd);
}

/** Output of a long working day: prompts, listings and log lines that never repeat as a whole. */
function terminalLog() {
  let seed = 20_240_229;
  const next = (below) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  const words = run(
    "ls -R /usr/share /usr/lib 2>/dev/null | tr -cs 'a-zA-Z0-9._-' '\\n' | sort -u | awk 'NR <= 30000'",
  ).out.split('\n');
  // Zipf's law, as in language and logs: the word of rank r comes up in proportion to 1/r.
  const word = () => words[Math.floor(words.length ** (next(1_000_000) / 1_000_000))];
  let second = 1_700_000_000;
  const line = () => {
    second += next(3);
    const time = new Date(second * 1000).toISOString();
    const kind = next(10);
    if (kind === 0)
      return `\x1b[01;32muser@host\x1b[00m:\x1b[01;34m~/${word()}/${word()}\x1b[00m$ ${word()} --${word()} ${word()}\r\n`;
    if (kind < 5)
      return `-rw-r--r-- 1 root root ${String(next(9_999_999)).padStart(8)} ${time.slice(0, 10)} \x1b[0m${word()}\x1b[0m\r\n`;
    return `${time} ${word()}[${next(99_999)}]: ${word()} ${word()} id=${next(1_000_000_000).toString(16)} took ${next(9999)} ms\r\n`;
  };
  return () => Buffer.from(Array.from({ length: 4096 }, line).join(''));
}

const makers = {
  system: (path, sizeBytes) =>
    run(
      `{ tar -cf - /usr/lib /usr/bin 2>/dev/null || true; } | head -c ${sizeBytes} > ${path} || [ $? -eq 141 ]`,
    ),
  random: (path, sizeBytes) => fill(path, sizeBytes, () => randomBytes(1 << 20)),
  terminal: (path, sizeBytes) => fill(path, sizeBytes, terminalLog()),
  // A moving screen as a live encoder sends it; sets that cannot be made here are left out and named.
  video: (path, sizeBytes) =>
    run(
      `{ ffmpeg -v quiet -f lavfi -i testsrc2=size=1280x720:rate=30,noise=alls=12:allf=t -c:v libx264 -preset ultrafast -tune zerolatency -crf 20 -f matroska - || true; } | head -c ${sizeBytes} > ${path} || [ $? -eq 141 ]`,
    ),
};

export const setNames = Object.keys(makers).filter((name) => name !== 'video' || has('ffmpeg'));
if (!has('ffmpeg')) console.error('skipped: the video set, because ffmpeg is not installed');

/** Path of a set of this size, made where it is not there yet. */
export function dataSet(name, folder, sizeBytes) {
  const path = join(folder, `${name}-${sizeBytes}.bin`);
  if (!existsSync(path) || statSync(path).size !== sizeBytes) makers[name](path, sizeBytes);
  return path;
}
