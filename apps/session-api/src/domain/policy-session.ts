/**
 * A running session under its policy, in memory: what an action is judged by, without a look into any store. Built from the stored
 * row and from the header record of the evidence, whose `policyHash` is what counts.
 */
import { utf8ToBytes } from '@lucid/bytes';
import {
  type Action,
  type CheckedPolicy,
  type EvaluationContext,
  type Explanation,
  evaluate,
  explain,
  judgeApproval,
  parsePolicy,
  type SignedApproval,
  type Verdict,
} from '@lucid/control-policy';
import type { SessionRow } from '../store/session-row.ts';
import type { UnderPolicy } from './consenting.ts';
import { verifyTron } from './dependencies.ts';

const SECOND_US = 1_000_000;
const RATE_MAX = 1024;

const inputKinds: ReadonlySet<string> = new Set(['mouse', 'key']);

export interface PolicySessionOptions {
  readonly row: UnderPolicy;
  /** Of the header record. */
  readonly headerHash: string;
  readonly startedAtUs: number;
}

export class PolicySession {
  readonly sessionId: string;
  readonly headerHash: string;
  readonly startedAtUs: number;
  row: SessionRow;
  #policy: CheckedPolicy | null = null;
  #policyText: string | null = null;
  readonly #approvals: SignedApproval[] = [];
  #seenApprovals = 0;
  #lastInputAtUs: number;
  #filesMoved: number;
  /** Times of the pointer events of the last second, oldest first. */
  #mouseAtUs: number[] = [];
  decisions: number;
  denied: number;
  /** Kinds of denials that stand in the evidence already. */
  readonly told = new Set<string>();
  /** Bytes of the recording when it was last looked at. */
  seenBytes = 0;

  constructor({ row, headerHash, startedAtUs }: PolicySessionOptions) {
    this.sessionId = row.sessionId;
    this.headerHash = headerHash;
    this.startedAtUs = startedAtUs;
    this.row = row;
    this.#lastInputAtUs = Math.max(row.lastInputAtUs ?? startedAtUs, startedAtUs);
    this.#filesMoved = row.filesMoved;
    this.decisions = row.decisions;
    this.denied = row.denied;
    this.refresh(row);
  }

  /** Whether the stored policy still is the one of the header. */
  get isSound(): boolean {
    return this.#policy !== null && this.#policy.hash === this.headerHash;
  }

  get lastInputAtUs(): number {
    return this.#lastInputAtUs;
  }

  get filesMoved(): number {
    return this.#filesMoved;
  }

  /** Takes over what another process, or somebody else, wrote. */
  refresh(row: UnderPolicy): void {
    this.row = row;
    this.#filesMoved = Math.max(this.#filesMoved, row.filesMoved);
    this.#lastInputAtUs = Math.max(this.#lastInputAtUs, row.lastInputAtUs ?? 0);
    if (row.policy.text !== this.#policyText) {
      this.#policyText = row.policy.text;
      const parsed = parsePolicy(utf8ToBytes(row.policy.text));
      this.#policy = parsed.ok ? parsed.value : null;
    }
    this.#judgeNew(row);
  }

  input(atUs: number): void {
    this.#lastInputAtUs = Math.max(this.#lastInputAtUs, atUs);
  }

  /** Judges an action and, where it is to take place, counts it. */
  decide(action: Action, given: { nowUs: number; explain: boolean; counts: boolean }): Verdict | Explanation {
    const { nowUs } = given;
    const verdict = this.#ask(action, nowUs, given.explain);
    if (given.counts) this.#count(action, verdict, nowUs);
    return verdict;
  }

  /** Whether the session may go on; null where it may. */
  timely(nowUs: number): Verdict | null {
    const verdict = this.#ask({ kind: 'session' }, nowUs, false);
    return verdict.decision === 'allow' ? null : verdict;
  }

  #ask(action: Action, nowUs: number, inWords: boolean): Verdict {
    // Nothing is heeded that `parsePolicy` did not judge: without a policy it is denied.
    const policy = this.#policy as CheckedPolicy;
    const context = this.#context(nowUs);
    return inWords ? explain(policy, action, context) : evaluate(policy, action, context);
  }

  #context(nowUs: number): EvaluationContext {
    const from = nowUs - SECOND_US;
    while ((this.#mouseAtUs[0] ?? Number.POSITIVE_INFINITY) <= from) this.#mouseAtUs.shift();
    return {
      sessionId: this.sessionId,
      policyHash: this.headerHash,
      nowUs,
      startedAtUs: this.startedAtUs,
      // Two clocks of one host may disagree by a moment.
      lastInputAtUs: Math.min(this.#lastInputAtUs, nowUs),
      mouseEventsLastSecond: this.#mouseAtUs.length,
      filesMoved: this.#filesMoved,
      approvals: this.#approvals,
    };
  }

  #count(action: Action, { decision }: Verdict, nowUs: number): void {
    this.decisions += 1;
    if (decision === 'deny') {
      this.denied += 1;
      return;
    }
    if (inputKinds.has(action.kind)) this.input(nowUs);
    if (action.kind === 'mouse' && this.#mouseAtUs.length < RATE_MAX) this.#mouseAtUs.push(nowUs);
    if (action.kind === 'file') this.#filesMoved += 1;
  }

  /** Each is verified once: they are only ever added. */
  #judgeNew({ sessionId, parties, approvals }: UnderPolicy): void {
    const host = { kind: 'tron', address: parties.host } as const;
    for (const approval of approvals.slice(this.#seenApprovals)) {
      const judged = judgeApproval({ sessionId, policyHash: this.headerHash, host, approval, verifyTron });
      if (judged.ok) this.#approvals.push(judged.value);
    }
    this.#seenApprovals = Math.max(this.#seenApprovals, approvals.length);
  }
}
