import type { Clock } from '@lucid/service-kit';

/** Microseconds since the Unix epoch, as evidence counts time. */
export const nowUs = (clock: Clock): number => Math.floor(clock.nowMs() * 1_000);

export const usToSeconds = (timeUs: number): number => Math.floor(timeUs / 1_000_000);
export const usToMs = (timeUs: number): number => Math.ceil(timeUs / 1_000);
