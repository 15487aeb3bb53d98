/** Places in an account's quotas: taken by compare-and-set, so that no two requests take the same last one. */
import { bytesToHex } from '@lucid/bytes';
import type { BatchOperation } from '@lucid/document-store';
import type { SignedInAccount } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { Dependencies } from './dependencies.ts';
import type { Directory, Pipeline } from './directory.ts';

/** A session that is not made by then will not be. */
const PENDING_MS = 60_000;
/** The GUI of users shows one running session. */
const RUNNING_IN_USER_PROFILE = 1;

export const isRunning = (pipeline: Pipeline | undefined): boolean =>
  pipeline?.state === 'starting' || pipeline?.state === 'recording' || pipeline?.state === 'paused';

const isThere = (pipeline: Pipeline | undefined): boolean =>
  pipeline !== undefined && pipeline.state !== 'deleted';

export class Quotas {
  readonly #dependencies: Pick<Dependencies, 'owners' | 'quotas' | 'clock' | 'random'>;
  readonly #directory: Directory;

  constructor(
    dependencies: Pick<Dependencies, 'owners' | 'quotas' | 'clock' | 'random'>,
    directory: Directory,
  ) {
    this.#dependencies = dependencies;
    this.#directory = directory;
  }

  /** A place for a session that has no id yet. @throws ProblemError too_many_sessions */
  async reserve(owner: string): Promise<string> {
    const { owners, quotas, clock, random } = this.#dependencies;
    const place = bytesToHex(random(8));
    const { sessions } = await owners.get(owner);
    if (sessions.length >= quotas.sessions) await this.release(owner);
    await owners.change(owner, (row) => {
      const nowMs = clock.nowMs();
      const pending = row.pending.filter(({ atMs }) => atMs > nowMs - PENDING_MS);
      if (row.sessions.length + pending.length >= quotas.sessions)
        throw problem('too_many_sessions', { extensions: { limit: quotas.sessions } });
      return { pending: [...pending, { place, atMs: nowMs }] };
    });
    return place;
  }

  /** The place becomes the session's, together with the writes that make it. */
  async occupy(owner: string, place: string, made: { sessionId: string; writes: readonly BatchOperation[] }) {
    await this.#dependencies.owners.change(
      owner,
      (row) => ({
        pending: row.pending.filter((each) => each.place !== place),
        sessions: [...row.sessions, made.sessionId],
      }),
      made.writes,
    );
  }

  async abandon(owner: string, place: string): Promise<void> {
    await this.#dependencies.owners.change(owner, (row) => ({
      pending: row.pending.filter((each) => each.place !== place),
    }));
  }

  /** Puts a session back among those that count. @throws ProblemError too_many_sessions */
  async readmit(owner: string, sessionId: string): Promise<void> {
    const { owners, quotas } = this.#dependencies;
    await owners.change(owner, (row) => {
      if (row.sessions.includes(sessionId)) return null;
      if (row.sessions.length + row.pending.length >= quotas.sessions)
        throw problem('too_many_sessions', { extensions: { limit: quotas.sessions } });
      return { sessions: [...row.sessions, sessionId] };
    });
  }

  async dismiss(owner: string, sessionId: string): Promise<void> {
    await this.#dependencies.owners.change(owner, (row) =>
      row.sessions.includes(sessionId)
        ? { sessions: row.sessions.filter((each) => each !== sessionId) }
        : null,
    );
  }

  /** Gives back the places of sessions that are gone; resolves to how many. */
  async release(owner: string): Promise<number> {
    const before = await this.#dependencies.owners.get(owner);
    const pipelines = await this.#directory.pipelines(before.sessions.slice(0, 1000));
    const gone = new Set(before.sessions.slice(0, 1000).filter((id) => !isThere(pipelines.get(id))));
    if (gone.size === 0) return 0;
    await this.#dependencies.owners.change(owner, (row) => ({
      sessions: row.sessions.filter((id) => !gone.has(id)),
    }));
    return gone.size;
  }

  /** @throws ProblemError too_many_running */
  async run(owner: string, sessionId: string, account: SignedInAccount): Promise<void> {
    const { owners, quotas, clock } = this.#dependencies;
    const limit =
      account.profile === 'user' ? Math.min(RUNNING_IN_USER_PROFILE, quotas.running) : quotas.running;
    const others = (await owners.get(owner)).running.filter((each) => each.sessionId !== sessionId);
    const pipelines = await this.#directory.pipelines(others.map((each) => each.sessionId));
    const nowMs = clock.nowMs();
    // One that is about to start is still `created`.
    const holds = (each: { sessionId: string; atMs: number }) =>
      isRunning(pipelines.get(each.sessionId)) ||
      (pipelines.get(each.sessionId)?.state === 'created' && each.atMs > nowMs - PENDING_MS);
    // A place that was taken again meanwhile has another time.
    const placeOf = (each: { sessionId: string; atMs: number }) => `${each.sessionId} ${each.atMs}`;
    const over = new Set(others.filter((each) => !holds(each)).map(placeOf));
    await owners.change(owner, (row) => {
      const running = row.running.filter((each) => each.sessionId !== sessionId && !over.has(placeOf(each)));
      if (running.length >= limit) throw problem('too_many_running', { extensions: { limit } });
      return { running: [...running, { sessionId, atMs: nowMs }] };
    });
  }

  async rest(owner: string, sessionId: string): Promise<void> {
    await this.#dependencies.owners.change(owner, (row) =>
      row.running.some((each) => each.sessionId === sessionId)
        ? { running: row.running.filter((each) => each.sessionId !== sessionId) }
        : null,
    );
  }
}
