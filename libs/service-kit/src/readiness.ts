/** `GET /ready`: every dependency asked at once, each named with its latency and the class of its error. */
import type { ReadyChecks } from './definition.ts';

const checkTimeoutMs = 2_000;

export interface DependencyState {
  readonly status: 'up' | 'down';
  readonly latencyMs: number;
  /** Class or code of the error; its text may hold addresses and goes to the log only. */
  readonly error?: string;
}

export interface Readiness {
  readonly status: 'ready' | 'unready';
  readonly dependencies: Readonly<Record<string, DependencyState>>;
}

export async function judgeReadiness(
  checks: ReadyChecks,
  onFailure: (dependency: string, error: unknown) => void,
): Promise<Readiness> {
  const states = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const startedAt = performance.now();
      const error = await failureOf(check);
      if (error !== undefined) onFailure(name, error);
      const latencyMs = Math.round((performance.now() - startedAt) * 100) / 100;
      const state: DependencyState =
        error === undefined
          ? { status: 'up', latencyMs }
          : { status: 'down', latencyMs, error: errorClass(error) };
      return [name, state] as const;
    }),
  );
  const ready = states.every(([, state]) => state.status === 'up');
  return { status: ready ? 'ready' : 'unready', dependencies: Object.fromEntries(states) };
}

async function failureOf(check: ReadyChecks[string]): Promise<unknown> {
  const controller = new AbortController();
  const work = new Promise((resolve) => resolve(check(controller.signal)));
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      const late = Object.assign(new Error('the check did not end in time'), { code: 'ETIMEDOUT' });
      controller.abort(late);
      resolve(late);
    }, checkTimeoutMs);
    work
      .then(
        () => resolve(undefined),
        (error) => resolve(error ?? new Error('failed')),
      )
      .finally(() => clearTimeout(timer));
  });
}

function errorClass(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'Error';
}
