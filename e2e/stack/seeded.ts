/** Randomness of tests: a seed that is printed, and all that follows from it. */
import { randomInt } from 'node:crypto';

export interface Seeded {
  readonly seed: number;
  /** Uniform in [0, 1). */
  next(): number;
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
}

/** mulberry32 (public domain, Tommy Ettinger). */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { seed, next, below, pick: (from) => from[below(from.length)] as (typeof from)[number] };
}

/** The seed of this run: LUCID_SEED, or a fresh one; printed so that a failure can be run again. */
export function seedOfRun(what: string): number {
  const seed = process.env.LUCID_SEED ? Number(process.env.LUCID_SEED) : randomInt(2 ** 32);
  process.stderr.write(`${what}: LUCID_SEED=${seed}\n`);
  return seed;
}

/** Bytes in the shape of a terminal's output: lines of words, with stretches of noise that do not compress. */
export function terminalLike(sizeBytes: number, random: Seeded): Buffer {
  const out = Buffer.alloc(sizeBytes);
  const words = [
    'drwxr-xr-x',
    'root',
    'usr',
    'share',
    'locale',
    '4096',
    'Nov',
    'lib',
    '\u001b[01;34m',
    'bin',
  ];
  for (let at = 0; at < sizeBytes; ) {
    if (random.below(50) === 0) {
      const until = Math.min(sizeBytes, at + 2048);
      while (at < until) out[at++] = random.below(256);
    } else {
      at += out.write(
        `${random.pick(words)}/${random.below(1_000_000)}${random.below(6) ? ' ' : '\r\n'}`,
        at,
      );
    }
  }
  return out;
}
