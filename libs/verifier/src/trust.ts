/** Verifier keys, and which of them the caller pinned. */

import { bytesToHex } from '@lucid/bytes';
import {
  NOTE_ED25519,
  type Note,
  type NoteFault,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  verifyNote,
} from '@lucid/checkpoint';
import { sha256 } from '@lucid/crypto';
import type { FaultCode, FaultList } from './fault.ts';
import type { TreeState } from './signed-tree.ts';
import { VerifyError, type VerifyErrorCode } from './verdict.ts';

export interface SignedTree extends TreeState {
  readonly note: Note;
  readonly origin: string;
}

/** SHA-256 of the public key, its first 16 bytes in hex: what two people compare. Null where `vkey` is none. */
export function keyFingerprint(vkey: string): string | null {
  try {
    return bytesToHex(sha256(parseVerifierKey(vkey).publicKey)).slice(0, 32);
  } catch {
    return null;
  }
}

/** @throws VerifyError pin_malformed */
export function parsePins(vkeys: readonly string[]): readonly VerifierKey[] {
  return vkeys.map((vkey) => {
    try {
      return parseVerifierKey(vkey);
    } catch (cause) {
      throw new VerifyError('pin_malformed', `This is not a verifier key (NAME+ID+KEY): ${vkey}`, { cause });
    }
  });
}

export const isPinned = (pins: readonly VerifierKey[], key: VerifierKey): boolean =>
  pins.some(
    (pin) =>
      pin.name === key.name && pin.alg === key.alg && bytesToHex(pin.publicKey) === bytesToHex(key.publicKey),
  );

/** The key that signs a log, or null with a fault. */
export function readLogKey(
  vkey: string,
  code: FaultCode,
  faults: FaultList,
  record?: number,
): VerifierKey | null {
  try {
    const key = parseVerifierKey(vkey);
    if (key.alg === NOTE_ED25519) return key;
    faults.add(code, 'an Ed25519 key for notes (algorithm 1)', `algorithm ${key.alg}`, record);
  } catch (error) {
    faults.add(code, 'a verifier key NAME+ID+KEY', (error as Error).message, record);
  }
  return null;
}

/** A signed checkpoint as text; throws NoteError where it is none. */
export function readSignedTree(note: Uint8Array | string): SignedTree {
  const parsed = parseNote(note);
  const { origin, size, root } = parseCheckpoint(parsed.text);
  return { note: parsed, origin, size, root };
}

/** A checkpoint that the caller brought along. @throws VerifyError seen_malformed, seen_foreign */
export function readSeen(note: string, isOrigin: (origin: string) => boolean, what: string): SignedTree {
  const fail = (code: VerifyErrorCode, text: string, cause?: unknown) =>
    new VerifyError(code, text, { cause });
  let seen: SignedTree;
  try {
    seen = readSignedTree(note);
  } catch (cause) {
    throw fail('seen_malformed', `The ${what} checkpoint seen before is not a signed checkpoint.`, cause);
  }
  if (isOrigin(seen.origin)) return seen;
  throw fail('seen_foreign', `The ${what} checkpoint seen before is of another log: ${seen.origin}`);
}

const faultTexts: Readonly<Record<NoteFault, string>> = {
  'no-known-signature': 'no signature by it',
  'wrong-signature': 'a signature that does not verify',
  'ambiguous-verifiers': 'two keys of the same name and id',
};

/** What is wrong with the log's own signature, or null. */
export function signatureFault(note: Note, key: VerifierKey): string | null {
  const verdict = verifyNote(note, [key]);
  return verdict.ok ? null : faultTexts[verdict.why];
}
