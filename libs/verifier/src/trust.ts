/** Verifier keys, and which of them the caller trusts in which role. */

import { bytesToHex } from '@lucid/bytes';
import {
  NOTE_COSIGNATURE_V1,
  NOTE_ED25519,
  type Note,
  NoteError,
  type NoteFault,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  verifyNote,
} from '@lucid/checkpoint';
import { sha256 } from '@lucid/crypto';
import { type FaultCode, FaultList } from './fault.ts';
import type { TreeState } from './signed-tree.ts';
import { type TrustedKeys, VerifyError, type VerifyErrorCode } from './verdict.ts';

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

/** The trusted keys, read. */
export interface Pins {
  readonly recorders: readonly VerifierKey[];
  readonly ledgers: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
}

function parsePin(vkey: string, role: string, alg: number): VerifierKey {
  const fail = (cause?: unknown) =>
    new VerifyError('pin_malformed', `This is not the verifier key of a ${role} (NAME+ID+KEY): ${vkey}`, {
      cause,
    });
  let key: VerifierKey;
  try {
    key = parseVerifierKey(vkey);
  } catch (cause) {
    throw fail(cause);
  }
  if (key.alg !== alg) throw fail();
  return key;
}

/** Role by role, the given keys replace the recalled ones. @throws VerifyError pin_malformed */
export function parsePins(given: TrustedKeys, recalled: TrustedKeys = {}): Pins {
  const read = (name: keyof TrustedKeys, role: string, alg: number): VerifierKey[] => {
    const keys = given[name]?.length ? given[name] : recalled[name];
    return (keys ?? []).map((vkey) => parsePin(vkey, role, alg));
  };
  return {
    recorders: read('recorderKeys', 'recorder', NOTE_ED25519),
    ledgers: read('ledgerKeys', 'ledger', NOTE_ED25519),
    witnesses: read('witnessKeys', 'witness', NOTE_COSIGNATURE_V1),
  };
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
    faults.addDetail(code, `${vkey} is no verifier key NAME+ID+KEY (${noteCode(error)})`, record);
  }
  return null;
}

const noteCode = (error: unknown): string => (error instanceof NoteError ? error.code : String(error));

/** The rest of a sentence about what `readSignedTree` did not take. */
export const noteFault = (error: unknown): string => `is no signed checkpoint (${noteCode(error)})`;

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

/** Whether one of these verifier keys, of which some may be none, signed it. */
export const isSignedByAny = (
  { note }: Pick<SignedTree, 'note'>,
  vkeys: readonly (string | undefined)[],
): boolean =>
  vkeys.some((vkey) => {
    const key = vkey === undefined ? null : readLogKey(vkey, 'header_invalid', new FaultList());
    return key !== null && signatureFault(note, key) === null;
  });
