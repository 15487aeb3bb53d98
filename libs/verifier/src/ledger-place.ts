/** The place of an anchor's entry in the ledger's tree, who signed that tree, and what it was before. */

import { bytesToHex, hexToBytes } from '@lucid/bytes';
import { type VerifierKey, verifyNote } from '@lucid/checkpoint';
import { leafHash, verifyConsistency, verifyInclusion } from '@lucid/merkle';
import { anchorEntryBytes, type BundleAnchor } from '@lucid/session-format';
import type { FaultList } from './fault.ts';
import {
  isPinned,
  noteFault,
  type Pins,
  readLogKey,
  readSeen,
  readSignedTree,
  type SignedTree,
  signatureFault,
} from './trust.ts';
import { type AnchorSummary, type Cosignature, VerifyError, type VerifyOptions } from './verdict.ts';

export interface PlaceInput {
  readonly pins: Pins;
  readonly options: VerifyOptions;
  readonly faults: FaultList;
}

function checkLedgerPin({ pins, options, faults }: PlaceInput, key: VerifierKey): void {
  const { ledgers, recorders } = pins;
  if (isPinned(ledgers, key)) return;
  if (ledgers.length === 0) {
    // Whoever trusts certain keys only would take anybody's anchor for one that he required.
    if (options.requireAnchor && recorders.length > 0)
      faults.add('ledger_not_pinned', 'the key of a trusted ledger, for the anchor is required', 'none');
    return;
  }
  const sameName = ledgers.some(({ name }) => name === key.name);
  const expected = ledgers.map(({ name }) => name).join(' or ');
  faults.add('ledger_not_pinned', expected, sameName ? `${key.name} with another key` : key.name);
}

const isVerified = ({ verified }: Cosignature): boolean => verified;

/** Those of trusted witnesses must hold, and of one of them there must be one; others are listed as unknown. */
function readCosignatures(
  { pins, faults }: PlaceInput,
  tree: SignedTree,
  ledger: VerifierKey,
): Cosignature[] {
  const cosignatures = tree.note.signatures
    .filter(({ name, keyId }) => name !== ledger.name || keyId !== ledger.keyId)
    .map((signature): Cosignature => {
      const { name, keyId } = signature;
      const id = { name, keyId: keyId.toString(16).padStart(8, '0') };
      const witness = pins.witnesses.find((each) => each.name === name && each.keyId === keyId);
      if (witness === undefined) return { ...id, verified: false };
      const verdict = verifyNote({ text: tree.note.text, signatures: [signature] }, [witness]);
      if (!verdict.ok) {
        faults.add('anchor_signature_wrong', `a cosignature by witness ${name}`, 'one that does not verify');
        return { ...id, verified: false };
      }
      return { ...id, verified: true, timestamp: verdict.verified[0]?.timestamp };
    });
  if (pins.witnesses.length > 0 && !faults.has('anchor_signature_wrong') && !cosignatures.some(isVerified)) {
    const names = pins.witnesses.map(({ name }) => name).join(' or ');
    faults.add('anchor_signature_wrong', `a cosignature by witness ${names}`, 'none');
  }
  return cosignatures;
}

/** Against the ledger checkpoint seen before; trees of two sizes need the caller's proof. */
function compareSeen(
  { options, faults }: PlaceInput,
  tree: SignedTree,
  ledger: VerifierKey,
): AnchorSummary['seen'] {
  const { seenLedgerCheckpoint, ledgerConsistency } = options;
  if (seenLedgerCheckpoint === undefined) return 'not_asked';
  const seen = readSeen(seenLedgerCheckpoint, () => true, 'ledger');
  const differs = (expected: string, found: string): AnchorSummary['seen'] => {
    faults.add('split_view', expected, found);
    return 'differs';
  };
  if (seen.origin !== tree.origin) return differs(`the ledger ${seen.origin} seen before`, tree.origin);
  const unsigned = signatureFault(seen.note, ledger);
  if (unsigned !== null) return differs('the ledger key that signed the checkpoint seen before', ledger.name);
  const [first, second] = seen.size <= tree.size ? [seen, tree] : [tree, seen];
  if (first.size !== second.size && ledgerConsistency === undefined) return 'not_comparable';
  const agrees = verifyConsistency({
    first: first.size,
    second: second.size,
    firstRoot: first.root,
    secondRoot: second.root,
    proof: first.size === second.size ? [] : readProof(ledgerConsistency ?? []),
  });
  if (agrees) return 'agrees';
  const expected = `a ledger consistent with size ${seen.size} root ${bytesToHex(seen.root)}`;
  return differs(expected, `size ${tree.size} root ${bytesToHex(tree.root)}`);
}

function readProof(proof: readonly string[]): Uint8Array[] {
  try {
    return proof.map(hexToBytes);
  } catch (cause) {
    throw new VerifyError('seen_malformed', 'The ledger consistency proof is not a list of hashes in hex.', {
      cause,
    });
  }
}

function checkTree(input: PlaceInput, anchor: BundleAnchor, tree: SignedTree): void {
  const included = verifyInclusion({
    leafHash: leafHash(anchorEntryBytes(anchor)),
    index: anchor.index,
    size: tree.size,
    proof: anchor.inclusion.map(hexToBytes),
    root: tree.root,
  });
  if (!included) {
    const what = anchor.kind === 'chain' ? 'the block header as entry' : 'entry';
    const expected = `${what} ${anchor.index} in the tree of size ${tree.size} with root ${bytesToHex(tree.root)}`;
    input.faults.add('anchor_inclusion_wrong', expected, 'a path that leads elsewhere');
  }
}

function readLedgerTree({ faults }: PlaceInput, anchor: BundleAnchor): SignedTree | null {
  try {
    return readSignedTree(anchor.checkpoint);
  } catch (error) {
    faults.addDetail('anchor_malformed', `the checkpoint of the ledger ${noteFault(error)}`);
    return null;
  }
}

export type LedgerPlace = Omit<AnchorSummary, 'kind' | 'verified' | 'block'>;

/** Null where the ledger's key or checkpoint cannot be read. */
export function checkLedgerPlace(input: PlaceInput, anchor: BundleAnchor): LedgerPlace | null {
  const { faults, pins } = input;
  const ledger = readLogKey(anchor.ledger, 'anchor_malformed', faults);
  const tree = readLedgerTree(input, anchor);
  if (ledger === null || tree === null) return null;
  checkTree(input, anchor, tree);
  if (tree.origin !== ledger.name)
    faults.add('anchor_signature_wrong', `a checkpoint of the log ${ledger.name}`, `one of ${tree.origin}`);
  const wrong = signatureFault(tree.note, ledger);
  if (wrong !== null) faults.add('anchor_signature_wrong', `a signature by ${ledger.name}`, wrong);
  checkLedgerPin(input, ledger);
  const cosignatures = readCosignatures(input, tree, ledger);
  return {
    ledger: anchor.ledger,
    ledgerPinned: isPinned(pins.ledgers, ledger),
    index: anchor.index,
    treeSize: tree.size,
    treeRoot: bytesToHex(tree.root),
    cosignatures,
    seen: compareSeen(input, tree, ledger),
  };
}
