/** The signed root: over which records, by whom, and against what was seen before. */

import { bytesToHex, equalBytes } from '@lucid/bytes';
import type { VerifierKey } from '@lucid/checkpoint';
import { sessionOrigin } from '@lucid/session-format';
import type { FaultList } from './fault.ts';
import { type LeafHashes, rootOver } from './signed-tree.ts';
import { isPinned, noteFault, readSeen, readSignedTree, type SignedTree, signatureFault } from './trust.ts';

/** Null where the section is absent or cannot be read. */
export function readCheckpoint(
  bytes: Uint8Array | undefined,
  sessionId: string,
  faults: FaultList,
): SignedTree | null {
  if (bytes === undefined) return null;
  try {
    const tree = readSignedTree(bytes);
    if (tree.origin === sessionOrigin(sessionId)) return tree;
    faults.add('foreign_checkpoint', sessionOrigin(sessionId), tree.origin);
  } catch (error) {
    faults.addDetail('checkpoint_malformed', `it ${noteFault(error)}`);
  }
  return null;
}

export interface FoundTree {
  readonly leafHashes: LeafHashes;
  readonly size: number;
}

/** The records found against the signed size and root; returns their own root in hex. */
export function checkRoot(found: FoundTree, signed: SignedTree | null, faults: FaultList): string {
  const root = rootOver(found.leafHashes, found.size);
  const own = bytesToHex(root);
  if (signed === null || (signed.size === found.size && equalBytes(signed.root, root))) return own;
  const expected = `${signed.size} records with root ${bytesToHex(signed.root)}`;
  if (found.size < signed.size)
    faults.add('record_missing', `${signed.size} records, as signed`, `${found.size} records`, found.size);
  const added =
    found.size > signed.size && equalBytes(rootOver(found.leafHashes, signed.size), signed.root)
      ? signed.size
      : undefined;
  faults.add('root_differs', expected, `${found.size} records with root ${own}`, added);
  return own;
}

export interface RecorderInput {
  readonly key: VerifierKey | null;
  /** Recorders that the caller trusts. */
  readonly pins: readonly VerifierKey[];
  readonly signed: SignedTree | null;
  readonly faults: FaultList;
}

export function checkRecorder({ key, pins, signed, faults }: RecorderInput): void {
  if (key === null) return;
  if (pins.length > 0 && !isPinned(pins, key)) {
    const sameName = pins.some(({ name }) => name === key.name);
    const found = sameName ? `${key.name} with another key` : key.name;
    faults.add('recorder_not_pinned', pins.map(({ name }) => name).join(' or '), found);
  }
  const wrong = signed === null ? null : signatureFault(signed.note, key);
  if (wrong !== null) faults.add('checkpoint_signature_wrong', `a signature by ${key.name}`, wrong);
}

export interface SeenInput {
  readonly seenCheckpoint: string;
  readonly sessionId: string;
  readonly key: VerifierKey | null;
  /** Null where the records are not whole. */
  readonly found: FoundTree | null;
  /** What the bundle itself claims. */
  readonly signed: SignedTree | null;
  readonly faults: FaultList;
}

/** A smaller state than one seen is a roll-back; one that does not extend it is a split view. @throws VerifyError */
export function checkSeen({ seenCheckpoint, sessionId, key, found, signed, faults }: SeenInput): void {
  const seen = readSeen(seenCheckpoint, (origin) => origin === sessionOrigin(sessionId), 'session');
  const expected = `records that extend those seen, size ${seen.size} root ${bytesToHex(seen.root)}`;
  if (key !== null && signatureFault(seen.note, key) !== null)
    faults.add('split_view', 'the recorder that signed the checkpoint seen before', key.name);
  const size = found?.size ?? signed?.size;
  if (size !== undefined && size < seen.size) {
    faults.add('rolled_back', `at least ${seen.size} records`, `${size} records`);
    return;
  }
  if (found === null) {
    if (signed?.size === seen.size && !equalBytes(signed.root, seen.root))
      faults.add('split_view', expected, `root ${bytesToHex(signed.root)}`);
    return;
  }
  const root = rootOver(found.leafHashes, seen.size);
  if (!equalBytes(root, seen.root))
    faults.add('split_view', expected, `root ${bytesToHex(root)} at size ${seen.size}`);
}
