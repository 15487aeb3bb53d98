export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Full jitter: a uniform pause below a doubling, capped bound, so that many sessions do not come back at once. */
export const pauseMs = ({ baseMs, capMs, random }: Backoff, attempts: number): number =>
  Math.ceil(Math.min(capMs, baseMs * 2 ** Math.min(Math.max(attempts - 1, 0), 30)) * random());

/** From 32 random bits. */
export const uniformFrom =
  (random: (sizeBytes: number) => Uint8Array): (() => number) =>
  () =>
    new DataView(random(4).slice().buffer).getUint32(0) / 2 ** 32;
