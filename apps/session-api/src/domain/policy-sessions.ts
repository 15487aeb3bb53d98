/** The sessions under a policy that run: what is held of them, their start and their end in the evidence. */
import {
  type Action,
  actionKinds,
  approvalEvent,
  type Explanation,
  type PolicyEventDetail,
  policyStartEvents,
  type SignedApproval,
  type Verdict,
} from '@lucid/control-policy';
import { isProblem, KeyedQueue } from '@lucid/service-kit';
import { parseDocument, parseRecordHeader, RECORD_HEADER_BYTES } from '@lucid/session-format';
import { problem } from '../problem.ts';
import type { Ending, SessionRow } from '../store/session-row.ts';
import { type UnderPolicy, underPolicy } from './consenting.ts';
import { type Dependencies, nowUs } from './dependencies.ts';
import { PolicySession } from './policy-session.ts';

/** Answers of the pipeline after which nothing can be written into the evidence any more. */
const closedToEvents = ['recording_unknown', 'session_lost'] as const;

/** As many as one evaluation heeds. */
const APPROVALS_MAX = 64;

export interface Asked {
  readonly action: Action;
  readonly attempted?: 'blocked' | 'done' | undefined;
  readonly explain: boolean;
}

/** A stranger's action may have anything for its kind; what it says goes into the evidence. */
const kindOf = (action: Action): string => actionKinds.find((kind) => kind === action.kind) ?? 'unknown';

const isApproved = ({ approvals }: SessionRow, { signature }: SignedApproval): boolean =>
  approvals.some((each) => each.signature === signature);

/** @throws ProblemError too_many_approvals */
function assertRoom({ approvals }: SessionRow): void {
  if (approvals.length >= APPROVALS_MAX) throw problem('too_many_approvals');
}

export const reasonText = ({ reason, action }: Ending): string =>
  `policy: ${reason}${action === undefined ? '' : ` (${action})`}`;

export class PolicySessions {
  readonly #dependencies: Dependencies;
  readonly #held = new Map<string, PolicySession>();
  readonly #ends = new KeyedQueue();

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** What is held, without a look into any store. */
  held(sessionId: string): PolicySession | undefined {
    return this.#held.get(sessionId);
  }

  drop(sessionId: string): void {
    this.#held.delete(sessionId);
  }

  heldIds(): string[] {
    return [...this.#held.keys()];
  }

  /** Held from now on, as it is stored. @throws ProblemError wrong_state where it does not run */
  async load(row: UnderPolicy): Promise<PolicySession> {
    const held = this.#held.get(row.sessionId);
    if (held) {
      held.refresh(row);
      return held;
    }
    const { policyHash = '', startedAtUs } = await this.#header(row.sessionId);
    const session = new PolicySession({ row, headerHash: policyHash, startedAtUs });
    this.#held.set(row.sessionId, session);
    return session;
  }

  /** Policy and consents into the evidence, which must be there before anything may be done under them. */
  async begin(row: UnderPolicy): Promise<SessionRow> {
    const { policy, consents, sessionId } = row;
    const details = policyStartEvents({
      policyHash: policy.hash,
      policyText: policy.text,
      termsHash: policy.termsHash,
      terms: policy.terms,
      consents,
    });
    for (const detail of details) await this.#evidence(sessionId, detail);
    return this.#dependencies.sessions.change(sessionId, ({ run }) => {
      if (run === 'starting') return { run: 'running' };
      if (run === 'running') return null;
      throw problem('wrong_state', { detail: 'The session was ended while it started.' });
    });
  }

  /** Judges; what is denied is told in the evidence the first time of its kind, and ends the session where it was done. */
  async check(session: PolicySession, asked: Asked): Promise<(Verdict | Explanation) & { ended: boolean }> {
    const { clock, sessions } = this.#dependencies;
    const counts = asked.attempted !== undefined;
    const verdict = session.decide(asked.action, { nowUs: nowUs(clock), explain: asked.explain, counts });
    if (!counts) return { ...verdict, ended: false };
    const kind = kindOf(asked.action);
    if (verdict.decision === 'allow') {
      const { sessionId, filesMoved } = session;
      if (kind === 'file') await sessions.change(sessionId, () => ({ filesMoved }));
      return { ...verdict, ended: false };
    }
    const { reason, rule } = verdict;
    const done = asked.attempted === 'done';
    try {
      await this.#tellDenied(session, { ...verdict, kind, attempted: asked.attempted as string });
    } finally {
      // Whatever is away, the row says that it is to end.
      if (done) await this.end(session.sessionId, { reason, rule, action: kind, atUs: nowUs(clock) });
    }
    return { ...verdict, ended: done };
  }

  /** The first time of its kind, or where it was done. */
  async #tellDenied(
    session: PolicySession,
    { kind, reason, rule, attempted }: Pick<Verdict, 'reason' | 'rule'> & { kind: string; attempted: string },
  ): Promise<void> {
    const sort = `${kind} ${reason}`;
    if (attempted !== 'done' && session.told.has(sort)) return;
    await this.tell(session.sessionId, {
      ...{ type: 'decision', decision: 'deny', reason, rule, action: kind, attempted },
    });
    session.told.add(sort);
  }

  /** Into the evidence first: nothing is in force that does not stand there. @throws ProblemError too_many_approvals */
  async approve(row: UnderPolicy, approval: SignedApproval): Promise<void> {
    const { sessionId } = row;
    if (!isApproved(row, approval)) {
      assertRoom(row);
      await this.tell(sessionId, approvalEvent(approval));
    }
    const after = await this.#dependencies.sessions.change(sessionId, (current) => {
      if (isApproved(current, approval)) return null;
      assertRoom(current);
      return { approvals: [...current.approvals, approval] };
    });
    await this.load(underPolicy(after));
  }

  /** Into the evidence, and to who follows the session. */
  async tell(sessionId: string, detail: PolicyEventDetail): Promise<void> {
    const { sessions, clock } = this.#dependencies;
    try {
      await this.#evidence(sessionId, detail);
    } catch (error) {
      if (!isProblem(error, ...closedToEvents)) throw error;
    }
    await sessions.addDecision({ sessionId, atUs: nowUs(clock), detail });
  }

  /**
   * Ends the session for good. The row says so first: whatever is away now, the worker goes on with it. The first reason stays.
   */
  async end(sessionId: string, ending: Ending): Promise<void> {
    const { sessions, log } = this.#dependencies;
    let first = false;
    await sessions.change(sessionId, (current) => {
      first = current.ending === undefined;
      return first ? { ending } : null;
    });
    if (first)
      log.warn({ sessionId, reason: ending.reason, rule: ending.rule }, 'a policy ended its session');
    await this.finish(sessionId);
  }

  /** What of the end is not done yet; the worker and who asked may both call it. */
  finish(sessionId: string): Promise<void> {
    return this.#ends.run(sessionId, async () => {
      const row = await this.#dependencies.sessions.find(sessionId);
      if (row?.ending && row.run !== 'over') await this.#finish(sessionId, row.ending);
    });
  }

  async #finish(sessionId: string, ending: Ending): Promise<void> {
    const { sessions, orchestrator } = this.#dependencies;
    if (!ending.told) await this.#tellEnd(sessionId, ending);
    try {
      const body = { closed: 'interrupted', reason: reasonText(ending) } as const;
      await orchestrator.stopSession({ params: { sessionId }, query: {}, body });
    } catch (error) {
      if (!isProblem(error, 'wrong_state', 'session_unknown')) throw error;
    }
    const held = this.#held.get(sessionId);
    const counts = held ? { decisions: held.decisions, denied: held.denied } : {};
    await sessions.change(sessionId, () => ({ run: 'over', ...counts }));
    this.drop(sessionId);
  }

  /** Where there is no room for it, the closing record alone says why. */
  async #tellEnd(sessionId: string, ending: Ending): Promise<void> {
    const { reason, rule, action } = ending;
    const detail = { type: 'ended', reason, rule, ...(action === undefined ? {} : { action }) };
    try {
      await this.tell(sessionId, detail);
      await this.#dependencies.sessions.change(sessionId, () => ({ ending: { ...ending, told: true } }));
    } catch (error) {
      if (!isProblem(error, 'store_full')) throw error;
    }
  }

  /** @throws ProblemError policy_none, wrong_state where it does not run under its policy now */
  async running(row: SessionRow): Promise<PolicySession> {
    const bound = underPolicy(row);
    if (bound.run !== 'running' || bound.ending)
      throw problem('wrong_state', { detail: 'The session does not run.' });
    return this.load(bound);
  }

  async #evidence(sessionId: string, detail: PolicyEventDetail): Promise<void> {
    const { recorder, clock } = this.#dependencies;
    const body = { event: 'policy', atUs: nowUs(clock), detail: { ...detail } } as const;
    await recorder.putEvent({ params: { sessionId }, body });
  }

  async #header(sessionId: string) {
    const record = await this.#dependencies.encryptor.getRecord({ params: { sessionId, index: 0 } });
    const head = parseRecordHeader(record);
    const payload = head.ok
      ? record.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + head.header.payloadSizeBytes)
      : new Uint8Array(0);
    const parsed = parseDocument('sessionHeader', payload);
    if (!parsed.ok) throw new Error(`record 0 of the session cannot be read: ${parsed.detail}`);
    return parsed.value;
  }
}
