/** One try at one target: timed, ended in time, and told in sentences whatever happens. */
import type { DiagnosticReport } from '@lucid/contracts';
import type { Static } from 'typebox';
import { isNobodyThere, networkFault } from './network-fault.ts';

export type Report = Static<typeof DiagnosticReport>;
export type Result = Report['results'][number];
export type Outcome = Result['outcome'];

/** What came of a try. */
export interface Finding {
  readonly outcome: Outcome;
  readonly found: string;
  readonly advice?: string | undefined;
  readonly facts?: Result['facts'] | undefined;
}

export interface Probe {
  readonly check: Result['check'];
  readonly target: string;
  readonly tried: string;
  /** Named in advice where nothing answers. */
  readonly service?: string | undefined;
  /** It may be no part of what runs here: then nobody there is no fault. */
  readonly mayBeAbsent?: boolean | undefined;
  /** Of this try, where it needs more than others. */
  readonly timeoutMs?: number | undefined;
  /** Rejects with what the network says; the signal aborts when time is up. */
  run(signal: AbortSignal): Promise<Finding>;
}

const ABSENT: Finding = {
  outcome: 'absent',
  found: 'It does not run here: nobody has its name or address.',
};

/** Milliseconds to the microsecond. */
const sinceMs = (startedAtMs: number): number =>
  Math.round((performance.now() - startedAtMs) * 1_000) / 1_000;

/** Never rejects. */
export async function runProbe(probe: Probe, usualTimeoutMs: number): Promise<Result> {
  const { check, target, tried, service, timeoutMs = usualTimeoutMs } = probe;
  const startedAtMs = performance.now();
  const {
    found,
    outcome,
    advice,
    facts = {},
  } = await findingOf(probe, timeoutMs).catch((error) =>
    probe.mayBeAbsent && isNobodyThere(error) ? ABSENT : networkFault(error, { service, timeoutMs }),
  );
  const durationMs = sinceMs(startedAtMs);
  return { check, target, tried, outcome, durationMs, found, ...(advice ? { advice } : {}), facts };
}

async function findingOf(probe: Probe, timeoutMs: number): Promise<Finding> {
  const time = new AbortController();
  const late = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
  const timer = setTimeout(() => time.abort(late), timeoutMs);
  try {
    const ended = new Promise<never>((_resolve, reject) => {
      time.signal.addEventListener('abort', () => reject(late), { once: true });
    });
    return await Promise.race([probe.run(time.signal), ended]);
  } finally {
    clearTimeout(timer);
  }
}

/** So many at a time, however many ask. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

const RANK: Readonly<Record<Outcome, number>> = { absent: 0, ok: 0, warning: 1, failed: 2 };

export const worstOf = (results: readonly { readonly outcome: Outcome }[]): Outcome =>
  results.reduce<Outcome>((worst, { outcome }) => (RANK[outcome] > RANK[worst] ? outcome : worst), 'ok');
