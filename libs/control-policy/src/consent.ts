/**
 * Consent: host and user each sign that they accept one policy and one text of terms for one session. No controller starts
 * without both.
 *
 *     Lucid consent, version 1 LF
 *     session: 64 hex LF  policy: 64 hex LF  terms: 64 hex LF  role: host|user LF  party: KIND:ID LF  accepted: microseconds since 1970 LF
 */
import { hexOf, integer, oneOf, record } from '@lucid/session-format/shape';
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

export const CONSENT_FORMAT = 'lucid-consent/1';
/** As long as an unused session id lives (8 hours). */
export const CONSENT_MAX_AGE_US = 28_800_000_000;
/** How far a signer's clock may be ahead (one minute). */
export const CONSENT_MAX_AHEAD_US = 60_000_000;

export const consentRoles = ['host', 'user'] as const;
export type ConsentRole = (typeof consentRoles)[number];

export interface ConsentStatement {
  readonly format: typeof CONSENT_FORMAT;
  /** Hex, 64 digits, as the two hashes. */
  readonly sessionId: string;
  readonly policyHash: string;
  /** SHA-256 of the terms' text. */
  readonly termsHash: string;
  readonly role: ConsentRole;
  readonly party: Party;
  /** Microseconds since the Unix epoch. */
  readonly acceptedAtUs: number;
}

export interface SignedConsent extends ConsentStatement {
  /** Of `consentBytes`, lower-case hex: 64 bytes of Ed25519, or 65 of signMessageV2 (r, s, v; tronweb writes `0x` before). */
  readonly signature: string;
}

const statement = {
  format: oneOf(CONSENT_FORMAT),
  sessionId: hexOf(32),
  policyHash: hexOf(32),
  termsHash: hexOf(32),
  role: oneOf(...consentRoles),
  party,
  acceptedAtUs: integer(0, Number.MAX_SAFE_INTEGER),
};
const statementShape = record(statement);
const signedShape = record({ ...statement, signature });

/** What is signed. @throws TypeError where the statement does not have its shape. */
export function consentBytes(consent: ConsentStatement): Uint8Array {
  const { format, sessionId, policyHash, termsHash, role, party: by, acceptedAtUs } = consent;
  const fault = statementShape(
    { format, sessionId, policyHash, termsHash, role, party: by, acceptedAtUs },
    'consent',
  );
  if (fault) throw new TypeError(fault);
  return statementBytes('Lucid consent', [
    ['session', sessionId],
    ['policy', policyHash],
    ['terms', termsHash],
    ['role', role],
    ['party', partyText(by)],
    ['accepted', acceptedAtUs],
  ]);
}

export const consentFaults = [
  /** Not a signed consent of this format. */
  'malformed',
  /** A role is spoken for twice. */
  'repeated',
  /** A role is not spoken for. */
  'missing',
  'other_session',
  'other_policy',
  'other_terms',
  /** Signed by somebody who is not the session's host or user. */
  'other_party',
  /** Host and user are one: nobody agrees with himself. */
  'same_party',
  /** Accepted later than the session began. */
  'accepted_late',
  /** Accepted longer before than a consent lasts. */
  'accepted_early',
  'signature_invalid',
] as const;
export type ConsentFault = (typeof consentFaults)[number];

export interface ConsentQuestion {
  readonly sessionId: string;
  readonly policyHash: string;
  readonly termsHash: string;
  readonly parties: Readonly<Record<ConsentRole, Party>>;
  /** When the session starts, or started. */
  readonly startsAtUs: number;
  /** Of strangers; at most two. */
  readonly consents: readonly unknown[];
  readonly verifyTron: VerifyTron;
}

export type ConsentJudgement =
  | { readonly agreed: true; readonly host: SignedConsent; readonly user: SignedConsent }
  | { readonly agreed: false; readonly fault: ConsentFault; readonly role: ConsentRole | null };

function faultOf(consent: SignedConsent, asked: ConsentQuestion): ConsentFault | null {
  if (consent.sessionId !== asked.sessionId) return 'other_session';
  if (consent.policyHash !== asked.policyHash) return 'other_policy';
  if (consent.termsHash !== asked.termsHash) return 'other_terms';
  if (!sameParty(consent.party, asked.parties[consent.role])) return 'other_party';
  if (!(consent.acceptedAtUs <= asked.startsAtUs + CONSENT_MAX_AHEAD_US)) return 'accepted_late';
  if (!(consent.acceptedAtUs >= asked.startsAtUs - CONSENT_MAX_AGE_US)) return 'accepted_early';
  return isSignedBy(consent.party, consentBytes(consent), consent.signature, asked.verifyTron)
    ? null
    : 'signature_invalid';
}

/**
 * Whether both parties agreed to exactly this policy for exactly this session: one sound consent of each and nothing besides. The question is
 * the caller's and must be sound (TypeError); the consents may be anything and never make it throw. The first fault is told.
 */
export function judgeConsents(asked: ConsentQuestion): ConsentJudgement {
  const no = (fault: ConsentFault, role: ConsentRole | null = null) => ({
    agreed: false as const,
    fault,
    role,
  });
  for (const role of consentRoles) {
    const fault = party(asked.parties[role], `parties.${role}`);
    if (fault) throw new TypeError(fault);
  }
  if (!Number.isSafeInteger(asked.startsAtUs)) throw new TypeError('startsAtUs must be an integer');
  if (sameParty(asked.parties.host, asked.parties.user)) return no('same_party');
  const found: Partial<Record<ConsentRole, SignedConsent>> = {};
  const given = plainCopy(asked.consents);
  if (!Array.isArray(given)) return no('malformed');
  for (const each of given as unknown[]) {
    if (signedShape(each, 'consent') !== null) return no('malformed');
    const consent = each as SignedConsent;
    if (found[consent.role]) return no('repeated', consent.role);
    const fault = faultOf(consent, asked);
    if (fault) return no(fault, consent.role);
    found[consent.role] = consent;
  }
  const { host, user } = found;
  if (!host) return no('missing', 'host');
  if (!user) return no('missing', 'user');
  return { agreed: true, host, user };
}
