/**
 * What is enforced without anybody asking: limits of time, the stored policy being the one of the header, and the end of what a process
 * began and did not live to finish.
 */
import { isProblem } from '@lucid/service-kit';
import type { SessionRow } from '../store/session-row.ts';
import { isUnderPolicy, type UnderPolicy } from './consenting.ts';
import { type Dependencies, nowUs } from './dependencies.ts';
import type { Directory, Pipeline } from './directory.ts';
import type { PolicySession } from './policy-session.ts';
import type { PolicySessions } from './policy-sessions.ts';
import { isRunning, type Quotas } from './quotas.ts';
import { NOT_EVIDENCED } from './starting.ts';

const PER_LOOK = 500;
/** By then a start that is still going on has told. */
const START_US = 120_000_000;
const SELDOM_MS = 60_000;
const UNHELD = 'the policy of the session is not known any more';
const running = ['starting', 'recording', 'paused'] as const;

export class Enforcement {
  readonly #dependencies: Dependencies;
  readonly #directory: Directory;
  readonly #policies: PolicySessions;
  readonly #quotas: Quotas;
  #tidiedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    dependencies: Dependencies,
    parts: { directory: Directory; policies: PolicySessions; quotas: Quotas },
  ) {
    this.#dependencies = dependencies;
    this.#directory = parts.directory;
    this.#policies = parts.policies;
    this.#quotas = parts.quotas;
  }

  async lookAtAll(): Promise<void> {
    const unseen = new Set(this.#policies.heldIds());
    for (const run of ['starting', 'running'] as const) {
      let rows: UnderPolicy[] = [];
      for await (const { document } of this.#dependencies.sessions.inRun(run)) {
        if (isUnderPolicy(document)) rows.push(document);
        unseen.delete(document.sessionId);
        if (rows.length < PER_LOOK) continue;
        await this.#lookAt(rows);
        rows = [];
      }
      await this.#lookAt(rows);
    }
    // Over, and another process has seen to it: what is held would answer for it for ever.
    for (const sessionId of unseen) this.#policies.drop(sessionId);
    const nowMs = this.#dependencies.clock.nowMs();
    if (nowMs - this.#tidiedAtMs < SELDOM_MS) return;
    await this.#endUnheld();
    await this.#dependencies.owners.sweep(nowMs);
    this.#tidiedAtMs = nowMs;
  }

  /** Sessions under a policy whose row is gone (the store was lost, or is one of before): nobody would hold them to anything. */
  async #endUnheld(): Promise<void> {
    const { orchestrator, sessions: store } = this.#dependencies;
    for (const state of running) {
      for (let after: string | undefined; ; ) {
        const query = { state, limit: PER_LOOK, ...(after === undefined ? {} : { after }) };
        const { sessions, next } = await orchestrator.listSessions({ query });
        const bound = sessions.filter(({ policyHash }) => policyHash !== undefined);
        const rows = bound.length === 0 ? [] : await store.findMany(bound.map((each) => each.sessionId));
        for (const { sessionId } of bound.filter((_each, at) => !rows[at])) await this.#void(sessionId);
        if (next === undefined) break;
        after = next;
      }
    }
  }

  async #void(sessionId: string): Promise<void> {
    const { orchestrator, log } = this.#dependencies;
    log.warn({ sessionId }, UNHELD);
    try {
      const body = { closed: 'interrupted', reason: UNHELD } as const;
      await orchestrator.stopSession({ params: { sessionId }, query: {}, body });
    } catch (error) {
      if (!isProblem(error, 'wrong_state', 'session_unknown')) throw error;
    }
  }

  async #lookAt(rows: readonly UnderPolicy[]): Promise<void> {
    if (rows.length === 0) return;
    const pipelines = await this.#directory.pipelines(rows.map(({ sessionId }) => sessionId));
    for (const row of rows) {
      try {
        await this.#judge(row, pipelines.get(row.sessionId));
      } catch (error) {
        const { sessionId } = row;
        this.#dependencies.log.error(
          { sessionId, err: error },
          'a session could not be held against its policy',
        );
      }
    }
  }

  async #judge(row: UnderPolicy, pipeline: Pipeline | undefined): Promise<void> {
    const { sessionId } = row;
    if (row.ending) {
      await this.#policies.finish(sessionId);
      return this.#quotas.rest(row.owner, sessionId);
    }
    if (row.run === 'starting') return this.#settleStart(row, pipeline);
    if (!isRunning(pipeline)) return this.#over(row);
    const session = await this.#loaded(row);
    if (!session) return;
    const atUs = nowUs(this.#dependencies.clock);
    if (!session.isSound) {
      const ending = { reason: 'policy_mismatch', rule: 'header.policyHash', atUs };
      return this.#policies.end(sessionId, ending);
    }
    // Whoever paused it is not idle.
    if (pipeline?.state === 'paused') session.input(atUs);
    else await this.#heedActivity(session, pipeline as Pipeline, atUs);
    const untimely = session.timely(atUs);
    if (untimely) {
      const { reason, rule } = untimely;
      return this.#policies.end(sessionId, { reason, rule, atUs });
    }
    await this.#save(session, row);
  }

  /** Null where the records are gone: the orchestrator gives such a session up. */
  async #loaded(row: UnderPolicy): Promise<PolicySession | null> {
    try {
      return await this.#policies.load(row);
    } catch (error) {
      if (isProblem(error, 'session_unknown', 'record_unknown', 'record_damaged')) return null;
      throw error;
    }
  }

  /** A terminal shows what is typed, and a stream or file has no other sign of life. Of a display only checked input counts. */
  async #heedActivity(session: PolicySession, { tracks }: Pipeline, atUs: number): Promise<void> {
    const heard = new Set(tracks.filter(({ kind }) => kind !== 'display').map(({ track }) => track));
    if (heard.size === 0) return;
    try {
      const { sessionId } = session;
      const recording = await this.#dependencies.recorder.getRecording({ params: { sessionId } });
      const bytes = recording.tracks
        .filter(({ track }) => heard.has(track))
        .reduce((sum, { acceptedBytes }) => sum + acceptedBytes, 0);
      if (bytes !== session.seenBytes) session.input(atUs);
      session.seenBytes = bytes;
    } catch (error) {
      if (!isProblem(error, 'recording_unknown')) throw error;
    }
  }

  async #settleStart(row: UnderPolicy, pipeline: Pipeline | undefined): Promise<void> {
    const { sessions, orchestrator, clock } = this.#dependencies;
    const { sessionId, startsAtUs = 0 } = row;
    if (nowUs(clock) - startsAtUs < START_US) return;
    if (pipeline?.state === 'created') {
      // Whoever starts it again meanwhile has said so in the row.
      const { run } = await sessions.change(sessionId, (current) =>
        current.run === 'starting' && current.startsAtUs === row.startsAtUs ? { run: undefined } : null,
      );
      if (run === undefined) await this.#quotas.rest(row.owner, sessionId);
      return;
    }
    if (isRunning(pipeline)) {
      // Whoever started it died before policy and consents were in the evidence.
      const body = { closed: 'interrupted', reason: NOT_EVIDENCED } as const;
      await orchestrator.stopSession({ params: { sessionId }, query: {}, body });
    }
    await this.#over(row);
  }

  async #over({ sessionId, owner }: SessionRow): Promise<void> {
    const held = this.#policies.held(sessionId);
    const counts = held ? { decisions: held.decisions, denied: held.denied } : {};
    await this.#dependencies.sessions.change(sessionId, () => ({ run: 'over', ...counts }));
    this.#policies.drop(sessionId);
    await this.#quotas.rest(owner, sessionId);
  }

  /** So that another process, or this one after a restart, goes on from there. */
  async #save(session: PolicySession, row: SessionRow): Promise<void> {
    const { lastInputAtUs, decisions, denied } = session;
    const stale = lastInputAtUs - (row.lastInputAtUs ?? 0) >= 5_000_000;
    if (!stale && decisions === row.decisions) return;
    await this.#dependencies.sessions.change(session.sessionId, () => ({ lastInputAtUs, decisions, denied }));
  }
}
