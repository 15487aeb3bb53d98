/** The services behind: one pool of connections and one circuit each. */
import type { HttpTarget } from '@lucid/service-kit';
import { Pool } from 'undici';
import { problem } from '../problem.ts';
import { Circuit, type Outcome } from './circuit.ts';

export interface UpstreamsOptions {
  readonly targetOf: (service: string) => HttpTarget | null;
  readonly nowMs: () => number;
  readonly answerTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

interface Upstream {
  readonly target: HttpTarget;
  readonly pool: Pool;
  readonly circuit: Circuit;
}

export interface Entered {
  readonly target: HttpTarget;
  readonly pool: Pool;
  readonly tell: (outcome: Outcome) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;

export class Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #open = new Map<string, Upstream>();

  constructor(options: UpstreamsOptions) {
    this.#options = options;
  }

  /** @throws ProblemError unavailable, with the time after which to try again */
  enter(service: string): Entered {
    const upstream = this.#find(service);
    if (!upstream) throw problem('unavailable', { extensions: { retryAfterMs: 1_000 } });
    const { target, pool } = upstream;
    const entered = upstream.circuit.enter();
    if (typeof entered === 'number') throw problem('unavailable', { extensions: { retryAfterMs: entered } });
    return { target, pool, tell: entered };
  }

  /** Services whose circuit is open. */
  get away(): readonly string[] {
    return [...this.#open].filter(([, { circuit }]) => circuit.isOpen).map(([service]) => service);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ pool }) => pool.destroy()));
  }

  #find(service: string): Upstream | null {
    const target = this.#options.targetOf(service);
    const known = this.#open.get(service);
    if (!target) return null;
    if (known && known.target.origin === target.origin && known.target.socketPath === target.socketPath)
      return known;
    void known?.pool.close();
    const upstream = { target, pool: this.#poolOf(target), circuit: new Circuit(this.#options) };
    this.#open.set(service, upstream);
    return upstream;
  }

  /** As many connections as there are requests: streams that stay open must not keep others out. */
  #poolOf({ origin, socketPath }: HttpTarget): Pool {
    return new Pool(origin, {
      connect: { timeout: CONNECT_TIMEOUT_MS },
      ...(socketPath === undefined ? {} : { socketPath }),
      pipelining: 1,
      headersTimeout: this.#options.answerTimeoutMs,
      bodyTimeout: this.#options.idleTimeoutMs,
      keepAliveTimeout: 20_000,
    });
  }
}
