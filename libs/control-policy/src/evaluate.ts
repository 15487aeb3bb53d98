/**
 * The judgement: pure, no clock, a few microseconds. It never throws; what fails inside is denied with a reason of its own. Order:
 * the question itself, the hash in the session's header, times, the grant of the action's kind, its limits.
 */
import { type Action, type EvaluationContext, readAction, readContext } from './action.ts';
import { type CheckedPolicy, isCheckedPolicy } from './checked-policy.ts';
import type { DenyReason, Reason } from './reason.ts';
import {
  type KindRules,
  type Limit,
  type Question,
  rulesByKind,
  type Step,
  type Trail,
  timeLimits,
} from './rules.ts';

export interface Verdict {
  readonly decision: 'allow' | 'deny';
  readonly reason: Reason;
  /** Path of what decided: in the policy (`clipboard.maxBytes`, `resources[2]`), `approvals[N]`, `question`, `header.policyHash` or `default`. */
  readonly rule: string;
  /** Whether a rule of policy or approval decided; false where none came to speak. */
  readonly matched: boolean;
}

export interface Explanation extends Verdict {
  /** Every rule that was looked at, in order. */
  readonly steps: readonly Step[];
}

const deny = (reason: DenyReason, rule: string, matched: boolean): Verdict => ({
  decision: 'deny',
  reason,
  rule,
  matched,
});

function brokenLimit<A extends Action>(
  limits: readonly Limit<A>[],
  asked: Question<A>,
  trail: Trail,
): Verdict | null {
  for (const { rule, denies, says } of limits) {
    const reason = denies(asked);
    trail?.push({ rule, outcome: reason === null ? 'holds' : 'denies', why: says(asked.policy) });
    if (reason !== null) return deny(reason, rule, true);
  }
  return null;
}

function decide(policy: unknown, given: unknown, circumstances: unknown, trail: Trail): Verdict {
  if (!isCheckedPolicy(policy)) return deny('policy_not_checked', 'question', false);
  const context = readContext(circumstances);
  if (context === null) return deny('context_malformed', 'question', false);
  const read = readAction(given);
  if (!read.ok) return deny(read.reason, 'question', false);
  if (context.policyHash !== policy.hash) return deny('policy_mismatch', 'header.policyHash', false);
  const asked = { policy: policy.policy, action: read.action, context };
  const untimely = brokenLimit(timeLimits, asked, trail);
  if (untimely) return untimely;
  const { grant, limits } = rulesByKind[read.action.kind] as unknown as KindRules<Action>;
  const { granted, reason, rule, matched } = grant(asked, trail);
  if (!granted) return deny(reason, rule, matched);
  return brokenLimit(limits, asked, trail) ?? { decision: 'allow', reason, rule, matched };
}

function decideSafely(policy: unknown, action: unknown, context: unknown, trail: Trail): Verdict {
  try {
    return decide(policy, action, context, trail);
  } catch {
    return deny('evaluation_error', 'default', false);
  }
}

/** Whether `policy` allows `action`. Never throws, whatever it is given. */
export const evaluate = (policy: CheckedPolicy, action: Action, context: EvaluationContext): Verdict =>
  decideSafely(policy, action, context, null);

/** The verdict of `evaluate`, with every rule that was looked at and what it said. Half as dear again to twice as dear. */
export function explain(policy: CheckedPolicy, action: Action, context: EvaluationContext): Explanation {
  const steps: Step[] = [];
  return { ...decideSafely(policy, action, context, steps), steps };
}
