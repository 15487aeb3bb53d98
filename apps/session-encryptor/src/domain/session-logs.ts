/** The logs that this process knows, loaded when first touched. */
import type { SessionRow } from '../store/session-store.ts';
import type { KeyVault } from './key-vault.ts';
import { problem, storing } from './problems.ts';
import { SessionLog, type SessionLogDependencies } from './session-log.ts';

/** Logs without a key that stay in memory; the oldest is loaded again when it is needed. */
const MAX_IDLE_LOGS = 256;

export class SessionLogs {
  readonly #dependencies: SessionLogDependencies & { readonly vault: KeyVault };
  readonly #logs = new Map<string, SessionLog>();

  constructor(dependencies: SessionLogDependencies & { readonly vault: KeyVault }) {
    this.#dependencies = dependencies;
  }

  /** The log, its counts certain. Call it inside the session's queue. @throws ProblemError session_unknown */
  async open(sessionId: string): Promise<SessionLog> {
    const log = this.#logs.get(sessionId) ?? (await this.#load(sessionId));
    await log.settle();
    return log;
  }

  /** The log of a session whose key is held here, without asking any store. */
  live(sessionId: string): SessionLog | null {
    return this.#dependencies.vault.has(sessionId) ? (this.#logs.get(sessionId) ?? null) : null;
  }

  adopt(row: SessionRow, version: number): SessionLog {
    const log = new SessionLog(row, version, this.#dependencies);
    this.#logs.set(row.sessionId, log);
    this.#forgetIdle();
    return log;
  }

  forget(sessionId: string): void {
    this.#logs.delete(sessionId);
  }

  /** Writes down counts that are not yet; failures only cost reading at the next start. */
  async saveAll(): Promise<void> {
    const unsaved = [...this.#logs.values()].filter((log) => log.unsaved);
    await Promise.allSettled(unsaved.map((log) => log.save()));
  }

  async #load(sessionId: string): Promise<SessionLog> {
    const found = await storing(this.#dependencies.sessions.get(sessionId));
    if (!found || found.document.state === 'deleted') throw problem('session_unknown');
    return this.adopt(found.document, found.version);
  }

  #forgetIdle(): void {
    if (this.#logs.size <= MAX_IDLE_LOGS) return;
    for (const [sessionId, log] of this.#logs) {
      if (this.#dependencies.vault.has(sessionId) || log.unsaved) continue;
      this.#logs.delete(sessionId);
      return;
    }
  }
}
