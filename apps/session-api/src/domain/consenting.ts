/** Consent of both parties: what is to be signed, whether it was, and by whom it is missing. */

import type { OutputOf, sessionApiContract } from '@lucid/contracts';
import {
  CONSENT_FORMAT,
  type ConsentJudgement,
  type ConsentRole,
  consentBytes,
  consentRoles,
  judgeConsents,
} from '@lucid/control-policy';
import { problem } from '../problem.ts';
import type { GivenConsent, Parties, PolicyOfSession, SessionRow } from '../store/session-row.ts';
import { verifyTron } from './dependencies.ts';

export type SessionConsents = OutputOf<(typeof sessionApiContract)['operations']['getConsents']>;

export interface UnderPolicy extends SessionRow {
  readonly policy: PolicyOfSession;
  readonly parties: Parties;
}

export const isUnderPolicy = (row: SessionRow): row is UnderPolicy =>
  row.policy !== undefined && row.parties !== undefined;

/** @throws ProblemError policy_none */
export function underPolicy(row: SessionRow): UnderPolicy {
  if (!isUnderPolicy(row)) throw problem('policy_none');
  return row;
}

const tron = (address: string) => ({ kind: 'tron', address }) as const;

const statementOf = ({ sessionId, policy }: UnderPolicy, role: ConsentRole, party: string) => ({
  format: CONSENT_FORMAT as typeof CONSENT_FORMAT,
  sessionId,
  policyHash: policy.hash,
  termsHash: policy.termsHash,
  role,
  party: tron(party),
});

export function judge(
  row: UnderPolicy,
  given: readonly GivenConsent[],
  startsAtUs: number,
): ConsentJudgement {
  const { sessionId, policy, parties } = row;
  return judgeConsents({
    sessionId,
    policyHash: policy.hash,
    termsHash: policy.termsHash,
    parties: { host: tron(parties.host), user: tron(parties.user) },
    startsAtUs,
    consents: given.map(({ role, party, acceptedAtUs, signature }) => ({
      ...statementOf(row, role, party),
      acceptedAtUs,
      signature,
    })),
    verifyTron,
  });
}

/** @throws ProblemError consent_missing, consent_refused */
export function assertAgreed(row: UnderPolicy, startsAtUs: number): void {
  const judged = judge(row, row.consents, startsAtUs);
  if (judged.agreed) return;
  const { fault, role } = judged;
  if (fault === 'missing')
    throw problem('consent_missing', {
      detail: `The ${role} has not consented yet.`,
      extensions: { role },
    });
  throw problem('consent_refused', {
    detail: `A consent does not hold: ${fault}.`,
    extensions: { fault, role },
  });
}

export const roleOf = ({ parties }: UnderPolicy, address: string): ConsentRole | undefined =>
  consentRoles.find((role) => parties[role] === address);

/** @throws ProblemError consent_refused where it is not a sound consent of this party for this session, now */
export function assertSound(row: UnderPolicy, consent: GivenConsent, atUs: number): void {
  const judged = judge(row, [consent], atUs);
  // Alone it is sound where only the other one is missing.
  if (judged.agreed || (judged.fault === 'missing' && judged.role !== consent.role)) return;
  const { fault } = judged;
  throw problem('consent_refused', { detail: `The consent does not hold: ${fault}.`, extensions: { fault } });
}

export function consentsView(row: UnderPolicy, address: string, atUs: number): SessionConsents {
  const { sessionId, policy, parties, consents } = row;
  const missing = consentRoles.filter((role) => !consents.some((each) => each.role === role));
  const role = roleOf(row, address);
  const owes = role !== undefined && missing.includes(role) && row.run === undefined;
  const text = () =>
    new TextDecoder().decode(
      consentBytes({ ...statementOf(row, role as ConsentRole, address), acceptedAtUs: atUs }),
    );
  return {
    sessionId,
    policyHash: policy.hash,
    termsHash: policy.termsHash,
    parties: { ...parties },
    given: consents.map((each) => ({ ...each })),
    missing,
    ...(owes ? { toSign: { role, acceptedAtUs: atUs, text: text() } } : {}),
  };
}
