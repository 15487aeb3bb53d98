/**
 * Reading, judging and hashing of policies. The policy hash is
 *
 *     SHA-256("lucid/policy/v1" || 0x00 || canonical JSON of the policy)
 *
 * and stands as `policyHash` in the header record of its session. The prefix keeps it apart from every other hash of a document.
 */
import { bytesToHex, utf8ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { canonicalBytes, canonicalJson, JcsError, parseCanonical } from '@lucid/jcs';
import { type ControlPolicy, POLICY_MAX_BYTES, policyShape } from './policy.ts';
import { namedPolicies } from './profiles.ts';

/** A policy that was judged: frozen, with its hash. Only `parsePolicy` and `checkPolicy` make one that `evaluate` heeds. */
export interface CheckedPolicy {
  readonly policy: ControlPolicy;
  /** Hex, 64 digits. */
  readonly hash: string;
}

export type PolicyJudgement =
  | { readonly ok: true; readonly value: CheckedPolicy }
  | { readonly ok: false; readonly detail: string };

const HASH_LABEL = utf8ToBytes('lucid/policy/v1\0');
const checked = new WeakSet<object>();

export const isCheckedPolicy = (value: unknown): value is CheckedPolicy =>
  typeof value === 'object' && value !== null && checked.has(value);

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const each of Object.values(value)) freeze(each);
  return Object.freeze(value);
}

/** Nobody may be shown a name that stands for less than the policy allows. */
function nameFault(policy: ControlPolicy): string | null {
  if (policy.profile === 'custom') return null;
  return canonicalJson(policy) === canonicalJson(namedPolicies[policy.profile])
    ? null
    : `policy.profile says "${policy.profile}", but that is another policy; this one is "custom"`;
}

/** Reads canonical JSON. Never throws: says what is wrong and where. */
export function parsePolicy(bytes: Uint8Array): PolicyJudgement {
  try {
    const value = parseCanonical(bytes, { maxBytes: POLICY_MAX_BYTES });
    const fault = policyShape(value, 'policy') ?? nameFault(value as ControlPolicy);
    if (fault) return { ok: false, detail: fault };
    const hash = bytesToHex(sha256(HASH_LABEL, bytes));
    const judged = Object.freeze({ policy: freeze(value as ControlPolicy), hash });
    checked.add(judged);
    return { ok: true, value: judged };
  } catch (error) {
    return {
      ok: false,
      detail: `it is not canonical JSON (${error instanceof JcsError ? error.code : 'no bytes'})`,
    };
  }
}

/** As `parsePolicy`, of a value, in any order of members. What is judged is a copy. Never throws. */
export function checkPolicy(value: unknown): PolicyJudgement {
  let bytes: Uint8Array;
  try {
    bytes = canonicalBytes(value);
  } catch (error) {
    const why = error instanceof JcsError ? error.code : 'it cannot be read';
    return { ok: false, detail: `it has no canonical JSON (${why})` };
  }
  return parsePolicy(bytes);
}

/** The canonical bytes, as they are stored beside a session and hashed. */
export const encodePolicy = ({ policy }: CheckedPolicy): Uint8Array => canonicalBytes(policy);

export const policyMatches = ['same', 'none_named', 'differs'] as const;
export type PolicyMatch = (typeof policyMatches)[number];

/**
 * What a session's header says of a policy. Anything but `same` voids a session that runs under it: `none_named` where the header has no
 * policy hash, `differs` where it has that of another.
 */
export function matchHeader(header: { readonly policyHash?: string }, policy: CheckedPolicy): PolicyMatch {
  if (header.policyHash === undefined) return 'none_named';
  return isCheckedPolicy(policy) && header.policyHash === policy.hash ? 'same' : 'differs';
}
