/** Forgets what is gone: rows of sessions that were never started, and the places that ended sessions held. */
import type { SessionRow } from '../store/session-row.ts';
import type { Dependencies } from './dependencies.ts';
import type { Directory } from './directory.ts';
import type { Quotas } from './quotas.ts';

const PER_LOOK = 500;

export interface Cleaned {
  forgottenSessions: number;
  freedPlaces: number;
  examined: number;
}

export class Cleaning {
  readonly #dependencies: Dependencies;
  readonly #directory: Directory;
  readonly #quotas: Quotas;

  constructor(dependencies: Dependencies, parts: { directory: Directory; quotas: Quotas }) {
    this.#dependencies = dependencies;
    this.#directory = parts.directory;
    this.#quotas = parts.quotas;
  }

  async clean(): Promise<Cleaned> {
    const cleaned = { forgottenSessions: 0, freedPlaces: 0, examined: 0 };
    const owners = new Set<string>();
    let rows: SessionRow[] = [];
    const look = async () => {
      cleaned.forgottenSessions += await this.#forgetGone(rows);
      cleaned.examined += rows.length;
      rows = [];
    };
    for await (const { document } of this.#dependencies.sessions.all()) {
      owners.add(document.owner);
      rows.push(document);
      if (rows.length === PER_LOOK) await look();
    }
    await look();
    for (const owner of owners) cleaned.freedPlaces += await this.#quotas.release(owner);
    const { clock, owners: store } = this.#dependencies;
    await store.sweep(clock.nowMs());
    return cleaned;
  }

  /** The orchestrator forgets what was not started in time; deleted ones it keeps. */
  async #forgetGone(rows: readonly SessionRow[]): Promise<number> {
    const pipelines = await this.#directory.pipelines(rows.map(({ sessionId }) => sessionId));
    const gone = rows.filter(({ sessionId }) => !pipelines.has(sessionId));
    for (const row of gone) await this.#dependencies.sessions.forget(row);
    return gone.length;
  }
}
