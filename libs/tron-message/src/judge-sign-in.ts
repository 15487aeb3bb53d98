/** What a well-formed sign-in message is worth to the server that asked for it. */
import { assertText } from '@lucid/bytes';
import type { SignInMessage } from './sign-in-fields.ts';
import { parseSignIn, type SignInFault } from './sign-in-message.ts';
import { type RecoverSigner, recoverSigner, type SignatureFault } from './signed-message.ts';

/** What the server asked for, and its clock. */
export interface ExpectedSignIn {
  readonly domain: string;
  readonly uri: string;
  readonly chainId: string;
  /** The challenge that was given out; that it is used once is the caller's to keep. */
  readonly nonce: string;
  /** Milliseconds since 1970, now. */
  readonly nowMs: number;
  /** How long after its issue a message is taken, in milliseconds. */
  readonly maxAgeMs: number;
  /** By how much the clock that wrote the times may differ from `nowMs`, in milliseconds; 0 where it is one clock. */
  readonly clockSkewMs: number;
}

/** Why a message is refused, in the order of the checks. Closed set. */
export type SignInRefusal =
  | 'wrong-domain'
  | 'wrong-uri'
  | 'wrong-chain'
  | 'wrong-nonce'
  /** Expires, or begins, where no moment is left: the expiration is not after issue and not-before. */
  | 'empty-validity'
  | 'issued-in-future'
  /** Issued longer than `maxAgeMs` ago. */
  | 'too-old'
  | 'expired'
  | 'not-yet-valid';

/** Why a login by signature is refused: the text, what it says, the signature, or whose it is. Closed set. */
export type LoginRefusal =
  | SignInFault
  | SignInRefusal
  | SignatureFault
  /** A good signature of another key, another text, or another version of signing. */
  | 'wrong-signer';

export type LoginVerdict =
  | { readonly ok: true; readonly message: SignInMessage }
  | { readonly ok: false; readonly why: LoginRefusal };

function assertExpected(expected: ExpectedSignIn): void {
  const { domain, uri, chainId, nonce, nowMs, maxAgeMs, clockSkewMs } = expected;
  for (const [name, text] of Object.entries({ domain, uri, chainId, nonce })) {
    assertText(text, `judgeSignIn: ${name}`);
  }
  for (const [name, timeMs] of Object.entries({ nowMs, maxAgeMs, clockSkewMs })) {
    // A clock that gives NaN would find nothing expired.
    if (typeof timeMs !== 'number') throw new TypeError(`judgeSignIn: ${name}: expected number`);
    if (!Number.isSafeInteger(timeMs) || timeMs < 0)
      throw new RangeError(`judgeSignIn: ${name}: not milliseconds`);
  }
}

function judgeTimes(message: SignInMessage, expected: ExpectedSignIn): SignInRefusal | null {
  const { issuedAtMs, expirationTimeMs = Number.POSITIVE_INFINITY, notBeforeMs = issuedAtMs } = message;
  const { nowMs, maxAgeMs, clockSkewMs } = expected;
  if (expirationTimeMs <= Math.max(issuedAtMs, notBeforeMs)) return 'empty-validity';
  if (issuedAtMs > nowMs + clockSkewMs) return 'issued-in-future';
  if (nowMs - clockSkewMs > issuedAtMs + maxAgeMs) return 'too-old';
  if (nowMs - clockSkewMs >= expirationTimeMs) return 'expired';
  return notBeforeMs > nowMs + clockSkewMs ? 'not-yet-valid' : null;
}

/**
 * The first reason to refuse a message, null where there is none. Texts are equal character for character or not at all.
 *
 * @throws TypeError, RangeError where `expected` is not as its type says: a wrong clock must not let anybody in.
 */
export function judgeSignIn(message: SignInMessage, expected: ExpectedSignIn): SignInRefusal | null {
  assertExpected(expected);
  if (message.domain !== expected.domain) return 'wrong-domain';
  if (message.uri !== expected.uri) return 'wrong-uri';
  if (message.chainId !== expected.chainId) return 'wrong-chain';
  if (message.nonce !== expected.nonce) return 'wrong-nonce';
  return judgeTimes(message, expected);
}

/**
 * A whole login: the text parsed, judged, its signer recovered and compared with the address in it; the dear step last.
 *
 * @param text The message as it was signed.
 * @param signature 65 bytes in hex, as `recoverSigner` takes it.
 * @param recover Another implementation of it, such as that of `@lucid/tron-message/fast`.
 * @throws TypeError where text or signature is no string; as `judgeSignIn`. Never for what stands in text or signature.
 */
export function verifySignIn(
  text: string,
  signature: string,
  expected: ExpectedSignIn,
  recover: RecoverSigner = recoverSigner,
): LoginVerdict {
  assertText(signature, 'verifySignIn');
  assertExpected(expected);
  const parsed = parseSignIn(text);
  if (!parsed.ok) return parsed;
  const refusal = judgeSignIn(parsed.message, expected);
  if (refusal !== null) return { ok: false, why: refusal };
  const signer = recover(text, signature);
  if (!signer.ok) return signer;
  return signer.address === parsed.message.address ? parsed : { ok: false, why: 'wrong-signer' };
}
