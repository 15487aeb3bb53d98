/**
 * Tells chunks that no compressor makes smaller (video, archives, ciphertext) from a few samples, because trying costs
 * more than sealing: 0.8 CPU s a GB against 0.5. Order-0 entropy alone is fooled by repeats of random bytes; the caller
 * therefore compresses one piece of the chunk before it believes the answer.
 */
const SAMPLE_BYTES = 4096;
const SAMPLES = 4;
/** Bits a byte; 16 KiB of uniformly random bytes measure 7.98 to 7.99, text 4 to 6, machine code 5 to 7. */
const INCOMPRESSIBLE_BITS = 7.9;
/** Below this a whole try costs next to nothing. */
export const PROBED_FROM_BYTES = 131_072;

const counts = new Uint32Array(256);

/** True where the samples look like uniformly random bytes. */
export function looksRandom(plain: Uint8Array): boolean {
  if (plain.length < PROBED_FROM_BYTES) return false;
  counts.fill(0);
  const stride = Math.floor((plain.length - SAMPLE_BYTES) / (SAMPLES - 1));
  for (let sample = 0; sample < SAMPLES; sample++) {
    const start = sample * stride;
    for (let at = start; at < start + SAMPLE_BYTES; at++) counts[plain[at] as number]!++;
  }
  const total = SAMPLE_BYTES * SAMPLES;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits >= INCOMPRESSIBLE_BITS;
}
