/**
 * Approvals: the host widens one toggle of a session's policy for a while. All other bounds of the policy (sizes, types, folders, keys,
 * times) stay. An approval is an event of its session and is signed:
 *
 *     Lucid approval, version 1 LF
 *     session: 64 hex LF  policy: 64 hex LF  opens: TOGGLE LF  from: microseconds LF  until: microseconds LF  party: KIND:ID LF
 */

import { hexOf, integer, oneOf, record, withRule } from '@lucid/session-format/shape';
import { devices } from './policy.ts';
import {
  isSignedBy,
  type Party,
  party,
  partyText,
  plainCopy,
  sameParty,
  signature,
  statementBytes,
  type VerifyTron,
} from './statement.ts';

export const APPROVAL_FORMAT = 'lucid-approval/1';
/** One hour. */
export const APPROVAL_MAX_US = 3_600_000_000;

/** What an approval can open. Not what is recorded: that both parties agreed on. */
export const toggles = [
  'input.mouse',
  'input.keyboard',
  'clipboard.hostToRemote',
  'clipboard.remoteToHost',
  'files.upload',
  'files.download',
  ...devices.map((device) => `devices.${device}` as const),
] as const;
export type Toggle = (typeof toggles)[number];

export interface Approval {
  readonly format: typeof APPROVAL_FORMAT;
  readonly sessionId: string;
  readonly policyHash: string;
  readonly opens: Toggle;
  /** Microseconds since the Unix epoch; from then on. */
  readonly fromUs: number;
  /** Until before then; at most `APPROVAL_MAX_US` later. */
  readonly untilUs: number;
  /** The session's host. */
  readonly party: Party;
}

export interface SignedApproval extends Approval {
  /** Of `approvalBytes`, as in a consent. */
  readonly signature: string;
}

const timesFit = ({ fromUs, untilUs }: Approval, path: string): string | null => {
  if (untilUs <= fromUs) return `${path}.untilUs must be after fromUs`;
  return untilUs - fromUs > APPROVAL_MAX_US ? `${path} lasts longer than an hour` : null;
};

const members = {
  format: oneOf(APPROVAL_FORMAT),
  sessionId: hexOf(32),
  policyHash: hexOf(32),
  opens: oneOf(...toggles),
  fromUs: integer(0, Number.MAX_SAFE_INTEGER),
  untilUs: integer(0, Number.MAX_SAFE_INTEGER),
  party,
};
const approvalShape = withRule(record(members), timesFit);
const signedShape = withRule(record({ ...members, signature }), timesFit);

/** What is signed. @throws TypeError where the approval does not have its shape. */
export function approvalBytes(approval: Approval): Uint8Array {
  const { format, sessionId, policyHash, opens, fromUs, untilUs, party: by } = approval;
  const fault = approvalShape(
    { format, sessionId, policyHash, opens, fromUs, untilUs, party: by },
    'approval',
  );
  if (fault) throw new TypeError(fault);
  return statementBytes('Lucid approval', [
    ['session', sessionId],
    ['policy', policyHash],
    ['opens', opens],
    ['from', fromUs],
    ['until', untilUs],
    ['party', partyText(by)],
  ]);
}

export const approvalFaults = [
  'malformed',
  'other_session',
  'other_policy',
  /** Signed by somebody who is not the session's host. */
  'other_party',
  'signature_invalid',
] as const;
export type ApprovalFault = (typeof approvalFaults)[number];

export interface ApprovalQuestion {
  readonly sessionId: string;
  readonly policyHash: string;
  readonly host: Party;
  /** Of a stranger. */
  readonly approval: unknown;
  readonly verifyTron: VerifyTron;
}

export type ApprovalJudgement =
  | { readonly ok: true; readonly value: SignedApproval }
  | { readonly ok: false; readonly fault: ApprovalFault };

const judged = new WeakSet<object>();

/** Whether `judgeApproval` made it: a signature is verified once, not at every evaluation. */
export const isJudgedApproval = (value: unknown): value is SignedApproval =>
  typeof value === 'object' && value !== null && judged.has(value);

/** Never throws on any approval. What it returns is a frozen copy, which `evaluate` takes; whether it is time for it is judged there. */
export function judgeApproval(asked: ApprovalQuestion): ApprovalJudgement {
  const no = (fault: ApprovalFault) => ({ ok: false as const, fault });
  const copy = plainCopy(asked.approval);
  if (signedShape(copy, 'approval') !== null) return no('malformed');
  const approval = copy as SignedApproval;
  if (approval.sessionId !== asked.sessionId) return no('other_session');
  if (approval.policyHash !== asked.policyHash) return no('other_policy');
  if (!sameParty(approval.party, asked.host)) return no('other_party');
  if (!isSignedBy(approval.party, approvalBytes(approval), approval.signature, asked.verifyTron))
    return no('signature_invalid');
  Object.freeze(approval.party);
  judged.add(Object.freeze(approval));
  return { ok: true, value: approval };
}
