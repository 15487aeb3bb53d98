export { type Action, type ActionKind, actionKinds, type EvaluationContext } from './action.ts';
export {
  APPROVAL_FORMAT,
  APPROVAL_MAX_US,
  type Approval,
  type ApprovalFault,
  type ApprovalJudgement,
  type ApprovalQuestion,
  approvalBytes,
  approvalFaults,
  judgeApproval,
  type SignedApproval,
  type Toggle,
  toggles,
} from './approval.ts';
export {
  type CheckedPolicy,
  checkPolicy,
  encodePolicy,
  matchHeader,
  type PolicyJudgement,
  type PolicyMatch,
  parsePolicy,
  policyMatches,
} from './checked-policy.ts';
export {
  CONSENT_FORMAT,
  CONSENT_MAX_AGE_US,
  CONSENT_MAX_AHEAD_US,
  type ConsentFault,
  type ConsentJudgement,
  type ConsentQuestion,
  type ConsentRole,
  type ConsentStatement,
  consentBytes,
  consentFaults,
  consentRoles,
  judgeConsents,
  type SignedConsent,
} from './consent.ts';
export { type Explanation, evaluate, explain, type Verdict } from './evaluate.ts';
export {
  approvalEvent,
  type EvidencedConsent,
  type EvidencedFault,
  type EvidencedSession,
  type PartyConsent,
  type PolicyEventDetail,
  type PolicyEvidence,
  policyStartEvents,
  readPolicyEvidence,
  termsHashOf,
} from './evidence.ts';
export * from './policy.ts';
export { customPolicy, namedPolicies, type PolicyChanges } from './profiles.ts';
export { type AllowReason, allowReasons, type DenyReason, denyReasons, type Reason } from './reason.ts';
export type { OutcomeOfStep, Step } from './rules.ts';
export type { Party, VerifyTron } from './statement.ts';
