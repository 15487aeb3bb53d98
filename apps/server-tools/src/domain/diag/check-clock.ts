/** How far other clocks are off this one. Tokens between services live 60 s, and sign-ins have windows: seconds matter. */

import type { ClockWatch } from './clock-watch.ts';
import { getSystemPath, type HttpAnswer } from './http-get.ts';
import type { Target } from './installation.ts';
import type { Finding, Probe } from './probe.ts';
import type { Resolve } from './resolve-name.ts';

export const TOLERATED_MS = 2_000;

/** What another clock said, and how much it may have meant by it. */
interface Reading {
  /** Milliseconds since 1970. */
  readonly theirMs: number;
  /** It is right to so many milliseconds, either way. */
  readonly withinMs: number;
}

/** `withinMs` beside half of the time that asking took: when in that time they looked is not known. */
async function compare(nowMs: () => number, ask: () => Promise<Reading | null>): Promise<Finding> {
  const beforeMs = nowMs();
  const reading = await ask();
  const afterMs = nowMs();
  if (!reading) return { outcome: 'absent', found: 'It does not tell the time.' };
  const offsetMs = Math.round(reading.theirMs - (beforeMs + afterMs) / 2);
  const uncertaintyMs = Math.round(reading.withinMs + (afterMs - beforeMs) / 2);
  const facts = { offsetMs, uncertaintyMs };
  const where =
    offsetMs === 0
      ? 'equal to this one'
      : `${Math.abs(offsetMs)} ms ${offsetMs > 0 ? 'ahead of' : 'behind'} this one`;
  const found = `Its clock is ${where}, to ${uncertaintyMs} ms.`;
  if (Math.abs(offsetMs) - uncertaintyMs <= TOLERATED_MS) return { outcome: 'ok', found, facts };
  const advice =
    'Set both machines by one time server (chrony): tokens live 60 s, and sign-ins fail when clocks differ.';
  return { outcome: 'warning', found, advice, facts };
}

/** Services of ours say the time to the millisecond; the header of any says the second that has begun. */
function readingOf({ body, dateMs }: HttpAnswer): Reading | null {
  const { timestamp } = (body ?? {}) as { timestamp?: unknown };
  const theirMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (!Number.isNaN(theirMs)) return { theirMs, withinMs: 1 };
  return dateMs === undefined || Number.isNaN(dateMs) ? null : { theirMs: dateMs + 500, withinMs: 500 };
}

export const serviceClockProbe = (
  target: Target,
  { resolve, nowMs }: { readonly resolve: Resolve; readonly nowMs: () => number },
): Probe => ({
  check: 'clock',
  target: target.service,
  service: target.service,
  tried: `compared the time that ${target.service} says`,
  mayBeAbsent: !target.isExpected,
  run: (signal) =>
    compare(nowMs, async () => readingOf(await getSystemPath(target, '/health', { resolve, signal }))),
});

/** A store's clock, by its own protocol. */
export const storeClockProbe = (
  service: string,
  nowMs: () => number,
  read: (signal: AbortSignal) => Promise<number>,
): Probe => ({
  check: 'clock',
  target: service,
  service,
  tried: `compared the time that ${service} says`,
  run: (signal) => compare(nowMs, async () => ({ theirMs: await read(signal), withinMs: 1 })),
});

export const ownClockProbe = (watch: ClockWatch): Probe => ({
  check: 'clock',
  target: 'server-tools',
  tried: 'compared the time of day with the steady clock',
  run: async () => {
    watch.look();
    const last = watch.jumps.at(-1);
    if (!last)
      return { outcome: 'ok', found: 'The clock of this machine has not jumped since it is watched.' };
    const { byMs, atMs } = last;
    return {
      outcome: 'warning',
      found: `The clock of this machine jumped by ${byMs} ms at ${new Date(atMs).toISOString()}.`,
      advice: 'Let one time server (chrony) correct it slowly, and set it by hand only while nothing runs.',
      facts: { jumps: watch.jumps.length, lastJumpMs: byMs, lastJumpAt: new Date(atMs).toISOString() },
    };
  },
});
