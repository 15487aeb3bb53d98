/**
 * How policy, terms, consents and approvals stand in the evidence: as details of event records of kind `policy`, written when the
 * session starts (docs/evidence-format.md section 1.4), so that a stranger can judge the consent from the bundle alone.
 *
 *     {"type":"policy","policyHash","part","parts","text"}      canonical policy, cut into parts of at most 4000 characters, from part 1
 *     {"type":"terms","termsHash","part","parts","text"}        text of the terms, cut likewise
 *     {"type":"consent","role","address","policyHash","termsHash","acceptedAtUs","signature"}
 *     {"type":"approval","opens","fromUs","untilUs","address","policyHash","signature"}
 *     {"type":"decision","decision","reason","rule","action","attempted"}    what was denied, the first time of its kind
 *     {"type":"ended","reason","rule","action"?}                             why the policy ended the session
 */
import { bytesToHex, utf8ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { APPROVAL_FORMAT, judgeApproval, type SignedApproval } from './approval.ts';
import { type CheckedPolicy, parsePolicy } from './checked-policy.ts';
import { CONSENT_FORMAT, type ConsentFault, type ConsentRole, judgeConsents } from './consent.ts';
import type { VerifyTron } from './statement.ts';

export type PolicyEventDetail = Readonly<Record<string, string | number | boolean>>;

/** Below what an event's string may hold. */
const PART_CHARACTERS = 4000;
const MAX_PARTS = 64;

/** SHA-256 of the terms' text. */
export const termsHashOf = (terms: string): string => bytesToHex(sha256(utf8ToBytes(terms)));

/** No part ends between the halves of a character. */
function partsOf(text: string): string[] {
  const characters = Array.from(text);
  const parts: string[] = [];
  let part = '';
  for (const each of characters) {
    if (part.length + each.length > PART_CHARACTERS) {
      parts.push(part);
      part = '';
    }
    part += each;
  }
  return [...parts, part];
}

const textEvents = (type: 'policy' | 'terms', hash: string, text: string): PolicyEventDetail[] => {
  const parts = partsOf(text);
  const hashName = type === 'policy' ? 'policyHash' : 'termsHash';
  return parts.map((each, at) => ({ type, [hashName]: hash, part: at + 1, parts: parts.length, text: each }));
};

/** A party's consent without what the session says anyway. */
export interface PartyConsent {
  readonly role: ConsentRole;
  /** TRON address. */
  readonly party: string;
  readonly acceptedAtUs: number;
  readonly signature: string;
}

/** Details of the events that a session under a policy begins with, in order. */
export function policyStartEvents(session: {
  readonly policyHash: string;
  /** Canonical JSON. */
  readonly policyText: string;
  readonly termsHash: string;
  readonly terms: string;
  readonly consents: readonly PartyConsent[];
}): PolicyEventDetail[] {
  const { policyHash, termsHash } = session;
  return [
    ...textEvents('policy', policyHash, session.policyText),
    ...textEvents('terms', termsHash, session.terms),
    ...session.consents.map(({ role, party, acceptedAtUs, signature }) => ({
      type: 'consent',
      role,
      address: party,
      policyHash,
      termsHash,
      acceptedAtUs,
      signature,
    })),
  ];
}

export const approvalEvent = (approval: SignedApproval): PolicyEventDetail => ({
  type: 'approval',
  opens: approval.opens,
  fromUs: approval.fromUs,
  untilUs: approval.untilUs,
  address: approval.party.kind === 'tron' ? approval.party.address : approval.party.publicKey,
  policyHash: approval.policyHash,
  signature: approval.signature,
});

export type EvidencedConsent =
  | { readonly agreed: true; readonly host: string; readonly user: string }
  | {
      readonly agreed: false;
      readonly fault: ConsentFault | 'policy_missing' | 'policy_differs';
      readonly role: ConsentRole | null;
    };

export interface PolicyEvidence {
  /** Null where it is not there whole, or is not the one whose hash the header names. */
  readonly policy: CheckedPolicy | null;
  readonly terms: string | null;
  readonly consent: EvidencedConsent;
  readonly approvals: { readonly valid: number; readonly invalid: number };
  /** Reason of the first event that says the policy ended the session. */
  readonly ended: string | null;
}

/** The text whose parts the events hold; null where one is missing, contradicts another, or there are too many. */
function joined(
  details: readonly PolicyEventDetail[],
  type: 'policy' | 'terms',
  hash: string,
): string | null {
  const hashName = type === 'policy' ? 'policyHash' : 'termsHash';
  const own = details.filter((each) => each.type === type && each[hashName] === hash);
  const count = own[0]?.parts;
  if (typeof count !== 'number' || count < 1 || count > MAX_PARTS) return null;
  const parts: (string | undefined)[] = new Array(count).fill(undefined);
  for (const { part, parts: said, text } of own) {
    if (typeof part !== 'number' || part < 1 || part > count || said !== count) return null;
    if (typeof text !== 'string' || (parts[part - 1] ?? text) !== text) return null;
    parts[part - 1] = text;
  }
  return parts.some((each) => each === undefined) ? null : parts.join('');
}

const isConsentRole = (value: unknown): value is ConsentRole => value === 'host' || value === 'user';

/** The first consent of each role; written twice after a crash it is the same. */
function consentsOf(details: readonly PolicyEventDetail[]): PolicyEventDetail[] {
  const byRole = new Map<ConsentRole, PolicyEventDetail>();
  for (const each of details)
    if (each.type === 'consent' && isConsentRole(each.role) && !byRole.has(each.role))
      byRole.set(each.role, each);
  return [...byRole.values()];
}

/**
 * What the event records of a session say of its policy. `details` are those of its `policy` events, in order; they may be anything.
 * Never throws. Parties are who signed: whether they are who they should be, the reader must know.
 */
export function readPolicyEvidence(session: {
  readonly sessionId: string;
  readonly policyHash: string;
  readonly startedAtUs: number;
  readonly details: readonly PolicyEventDetail[];
  readonly verifyTron: VerifyTron;
}): PolicyEvidence {
  const { sessionId, policyHash, startedAtUs, details, verifyTron } = session;
  const text = joined(details, 'policy', policyHash);
  const parsed = text === null ? null : parsePolicy(utf8ToBytes(text));
  const policy = parsed?.ok && parsed.value.hash === policyHash ? parsed.value : null;
  const given = consentsOf(details);
  const partyOf = (role: ConsentRole) => {
    const address = given.find((each) => each.role === role)?.address;
    return typeof address === 'string' ? address : null;
  };
  const [host, user] = [partyOf('host'), partyOf('user')];
  const termsHash = String(given[0]?.termsHash ?? '');
  const joinedTerms = joined(details, 'terms', termsHash);
  const terms = joinedTerms !== null && termsHashOf(joinedTerms) === termsHash ? joinedTerms : null;
  const judge = (): EvidencedConsent => {
    const no = (fault: (EvidencedConsent & { agreed: false })['fault'], role: ConsentRole | null = null) =>
      ({ agreed: false, fault, role }) as const;
    if (policy === null) return no(text === null ? 'policy_missing' : 'policy_differs');
    if (host === null) return no('missing', 'host');
    if (user === null) return no('missing', 'user');
    const tron = (address: string) => ({ kind: 'tron', address }) as const;
    const parties = { host: tron(host), user: tron(user) };
    const consents = given.map(({ role, acceptedAtUs, signature, ...said }) => ({
      format: CONSENT_FORMAT,
      sessionId,
      policyHash: said.policyHash,
      termsHash: said.termsHash,
      role,
      party: tron(String(said.address)),
      acceptedAtUs,
      signature,
    }));
    try {
      const question = { sessionId, policyHash, termsHash, parties, startsAtUs: startedAtUs, consents };
      const judged = judgeConsents({ ...question, verifyTron });
      return judged.agreed ? { agreed: true, host, user } : judged;
    } catch {
      return no('malformed');
    }
  };
  const consent = judge();
  const approvals = details
    .filter((each) => each.type === 'approval')
    .map((each) => {
      const { opens, fromUs, untilUs, signature } = each;
      const party = { kind: 'tron', address: String(each.address) } as const;
      const approval = {
        format: APPROVAL_FORMAT,
        sessionId,
        policyHash,
        opens,
        fromUs,
        untilUs,
        party,
        signature,
      };
      const by = { kind: 'tron', address: host ?? '' } as const;
      return judgeApproval({ sessionId, policyHash, host: by, approval, verifyTron }).ok;
    });
  const ended = details.find((each) => each.type === 'ended')?.reason;
  return {
    policy,
    terms,
    consent,
    approvals: {
      valid: approvals.filter((ok) => ok).length,
      invalid: approvals.filter((ok) => !ok).length,
    },
    ended: typeof ended === 'string' ? ended : null,
  };
}
