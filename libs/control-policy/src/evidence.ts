/**
 * How policy, terms, consents and approvals stand in the evidence: as details of event records of kind `policy`, written when the
 * session starts (docs/evidence-format.md section 1.4), so that a stranger can judge the consent from the bundle alone.
 */
import { bytesToHex, utf8ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { APPROVAL_FORMAT, judgeApproval, type SignedApproval } from './approval.ts';
import { type CheckedPolicy, parsePolicy } from './checked-policy.ts';
import { CONSENT_FORMAT, type ConsentFault, type ConsentRole, judgeConsents } from './consent.ts';
import type { VerifyTron } from './statement.ts';

/** Whatever was read is taken for this; every member is judged before it is believed. */
export type PolicyEventDetail = Readonly<Record<string, string | number | boolean>>;

/** UTF-16 code units: below what an event's string may hold. */
const PART_LENGTH = 4000;
/** Enough for the largest policy and the longest terms. */
const PARTS_MAX = 64;

/** SHA-256 of the terms' text. */
export const termsHashOf = (terms: string): string => bytesToHex(sha256(utf8ToBytes(terms)));

/** No part ends between the halves of a character. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    if (part.length + character.length > PART_LENGTH) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

type TextKind = 'policy' | 'terms';
const hashNames = { policy: 'policyHash', terms: 'termsHash' } as const;

const textEvents = (type: TextKind, hash: string, text: string): PolicyEventDetail[] =>
  partsOf(text).map((each, at, { length }) => ({
    type,
    [hashNames[type]]: hash,
    part: at + 1,
    parts: length,
    text: each,
  }));

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
      ...{ type: 'consent', role, address: party, policyHash, termsHash, acceptedAtUs, signature },
    })),
  ];
}

export const approvalEvent = ({ party, ...approval }: SignedApproval): PolicyEventDetail => ({
  type: 'approval',
  opens: approval.opens,
  fromUs: approval.fromUs,
  untilUs: approval.untilUs,
  address: party.kind === 'tron' ? party.address : party.publicKey,
  policyHash: approval.policyHash,
  signature: approval.signature,
});

export type EvidencedFault = ConsentFault | 'policy_missing' | 'policy_differs' | 'terms_missing';

export type EvidencedConsent =
  | { readonly agreed: true; readonly host: string; readonly user: string }
  | { readonly agreed: false; readonly fault: EvidencedFault; readonly role: ConsentRole | null };

export interface PolicyEvidence {
  /** Null where it is not there whole, or is not the one whose hash the header names. */
  readonly policy: CheckedPolicy | null;
  readonly terms: string | null;
  /** Parties are who signed; that they are who they should be, the reader must know. */
  readonly consent: EvidencedConsent;
  readonly approvals: { readonly valid: number; readonly invalid: number };
  /** Reason of the first event that says that the policy ended the session. */
  readonly ended: string | null;
}

export interface EvidencedSession {
  readonly sessionId: string;
  /** Of the header record. */
  readonly policyHash: string;
  readonly startedAtUs: number;
  /** Of its `policy` events, in order. */
  readonly details: readonly PolicyEventDetail[];
  readonly verifyTron: VerifyTron;
}

/** The text whose parts the events hold; null where one is missing, contradicts another, or there are too many. */
function joined(details: readonly PolicyEventDetail[], type: TextKind, hash: string): string | null {
  const own = details.filter((each) => each.type === type && each[hashNames[type]] === hash);
  const count = own[0]?.parts;
  if (!Number.isInteger(count) || (count as number) < 1 || (count as number) > PARTS_MAX) return null;
  const parts = new Map<number, string>();
  for (const { part, parts: said, text } of own) {
    if (!Number.isInteger(part) || (part as number) < 1 || (part as number) > (count as number)) return null;
    if (said !== count || typeof text !== 'string') return null;
    if ((parts.get(part as number) ?? text) !== text) return null;
    parts.set(part as number, text);
  }
  if (parts.size !== count) return null;
  return Array.from({ length: count }, (_, at) => parts.get(at + 1)).join('');
}

/** Null where it has none: half a character stands alone. */
function bytesOf(text: string): Uint8Array | null {
  try {
    return utf8ToBytes(text);
  } catch {
    return null;
  }
}

function policyIn({
  details,
  policyHash,
}: EvidencedSession): CheckedPolicy | 'policy_missing' | 'policy_differs' {
  const text = joined(details, 'policy', policyHash);
  if (text === null) return 'policy_missing';
  const bytes = bytesOf(text);
  const parsed = bytes && parsePolicy(bytes);
  return parsed?.ok && parsed.value.hash === policyHash ? parsed.value : 'policy_differs';
}

function termsIn(details: readonly PolicyEventDetail[], termsHash: string): string | null {
  const terms = joined(details, 'terms', termsHash);
  const bytes = terms === null ? null : bytesOf(terms);
  return bytes && bytesToHex(sha256(bytes)) === termsHash ? terms : null;
}

/** The first consent of a role; one that was written twice after a crash is the same. */
const consentIn = (details: readonly PolicyEventDetail[], role: ConsentRole): PolicyEventDetail | null =>
  details.find((each) => each.type === 'consent' && each.role === role) ?? null;

const tron = (address: unknown) => ({ kind: 'tron', address: String(address) }) as const;

const statementOf = (sessionId: string, given: PolicyEventDetail) => ({
  format: CONSENT_FORMAT,
  sessionId,
  policyHash: given.policyHash,
  termsHash: given.termsHash,
  role: given.role,
  party: tron(given.address),
  acceptedAtUs: given.acceptedAtUs,
  signature: given.signature,
});

function consentOf(session: EvidencedSession, terms: (hash: string) => string | null): EvidencedConsent {
  const { sessionId, policyHash, startedAtUs, details, verifyTron } = session;
  const no = (fault: EvidencedFault, role: ConsentRole | null = null) =>
    ({ agreed: false, fault, role }) as const;
  const policy = policyIn(session);
  if (typeof policy === 'string') return no(policy);
  const host = consentIn(details, 'host');
  if (!host) return no('missing', 'host');
  const user = consentIn(details, 'user');
  if (!user) return no('missing', 'user');
  const termsHash = String(host.termsHash);
  if (terms(termsHash) === null) return no('terms_missing');
  try {
    const judged = judgeConsents({
      ...{ sessionId, policyHash, termsHash, startsAtUs: startedAtUs, verifyTron },
      parties: { host: tron(host.address), user: tron(user.address) },
      consents: [statementOf(sessionId, host), statementOf(sessionId, user)],
    });
    return judged.agreed ? { agreed: true, host: String(host.address), user: String(user.address) } : judged;
  } catch {
    // The question itself is made of what a stranger wrote: an address that is none.
    return no('malformed');
  }
}

function approvalsIn({
  sessionId,
  policyHash,
  details,
  verifyTron,
}: EvidencedSession): PolicyEvidence['approvals'] {
  const host = tron(consentIn(details, 'host')?.address);
  const holds = ({ opens, fromUs, untilUs, address, signature, policyHash: said }: PolicyEventDetail) => {
    const own = { format: APPROVAL_FORMAT, sessionId, policyHash: said, opens, fromUs, untilUs };
    const approval = { ...own, party: tron(address), signature };
    return judgeApproval({ sessionId, policyHash, host, approval, verifyTron }).ok;
  };
  const given = details.filter((each) => each.type === 'approval');
  const valid = given.filter(holds);
  // One that was written twice after a crash is the same.
  const different = new Set(valid.map(({ signature }) => signature));
  return { valid: different.size, invalid: given.length - valid.length };
}

/** What the event records of a session say of its policy. The details may be anything; it never throws. */
export function readPolicyEvidence(session: EvidencedSession): PolicyEvidence {
  const { details } = session;
  const policy = policyIn(session);
  const ended = details.find((each) => each.type === 'ended')?.reason;
  return {
    policy: typeof policy === 'string' ? null : policy,
    terms: termsIn(details, String(consentIn(details, 'host')?.termsHash)),
    consent: consentOf(session, (hash) => termsIn(details, hash)),
    approvals: approvalsIn(session),
    ended: typeof ended === 'string' ? ended : null,
  };
}
