/** The anchor: what was registered of this session, and where. */
import type { VerifierKey } from '@lucid/checkpoint';
import {
  anchorEntryBytes,
  type Manifest,
  ownerAddress,
  parseDocument,
  type SessionRegistered,
} from '@lucid/session-format';
import { type ChainAnchorInput, checkChainAnchor } from './chain-anchor.ts';
import { checkLedgerPlace, type PlaceInput } from './ledger-place.ts';
import { compareRegistration, registrationOf } from './registration.ts';
import { noteFault, readSignedTree, signatureFault } from './trust.ts';
import type { AnchorSummary, VerifyOptions } from './verdict.ts';

export interface AnchorInput extends PlaceInput {
  /** Body of the section, if there is one. */
  readonly bytes: Uint8Array | undefined;
  readonly manifest: Manifest | null;
  readonly manifestBytes: Uint8Array | undefined;
  /** Text of the final checkpoint without its signatures. */
  readonly checkpointText: string | null;
  /** The recorder's key, where it is known. */
  readonly recorder: VerifierKey | null;
}

function checkEntryCheckpoint(input: AnchorInput, entry: SessionRegistered): void {
  const { faults, checkpointText, recorder } = input;
  try {
    const { note } = readSignedTree(entry.checkpoint);
    if (checkpointText !== null && note.text !== checkpointText)
      faults.add('anchor_differs', `checkpoint ${JSON.stringify(checkpointText)}`, JSON.stringify(note.text));
    const wrong = recorder === null ? null : signatureFault(note, recorder);
    if (wrong !== null) faults.add('anchor_differs', `a checkpoint signed by ${recorder?.name}`, wrong);
  } catch (error) {
    faults.addDetail('anchor_malformed', `the checkpoint in its entry ${noteFault(error)}`);
  }
}

/** `lucid-anchor/1`: the entry is the session's own. */
function checkEntry(input: AnchorInput, bytes: Uint8Array): void {
  const { faults, manifest, manifestBytes } = input;
  const parsed = parseDocument('sessionRegistered', bytes);
  if (!parsed.ok) {
    faults.addDetail('anchor_malformed', `its entry: ${parsed.detail}`);
    return;
  }
  checkEntryCheckpoint(input, parsed.value);
  if (manifest === null || manifestBytes === undefined) return;
  compareRegistration(faults, registrationOf(manifest, manifestBytes), parsed.value);
}

/** Who names a ledger or a witness wants its signature: a bundle whose anchor was taken out has none. */
const isRequired = ({ requireAnchor, ledgerKeys = [], witnessKeys = [] }: VerifyOptions): boolean =>
  requireAnchor === true || ledgerKeys.length > 0 || witnessKeys.length > 0;

/** On a chain an address stands for the owner. */
function chainInputOf({ manifest, manifestBytes, options, faults }: AnchorInput): ChainAnchorInput {
  const named =
    manifest === null || manifestBytes === undefined ? null : registrationOf(manifest, manifestBytes);
  return { expected: named && { ...named, owner: ownerAddress(named.owner) }, options, faults };
}

/** Null without an anchor that can be read. */
export function checkAnchor(input: AnchorInput): AnchorSummary | null {
  const { bytes, options, faults } = input;
  if (bytes === undefined) {
    if (isRequired(options)) faults.add('anchor_missing', 'an anchor', 'none');
    return null;
  }
  const faultsBefore = faults.size;
  const parsed = parseDocument('anchor', bytes);
  if (!parsed.ok) {
    faults.addDetail('anchor_malformed', parsed.detail);
    return null;
  }
  const anchor = parsed.value;
  if (anchor.kind === 'ledger') checkEntry(input, anchorEntryBytes(anchor));
  const place = checkLedgerPlace(input, anchor);
  const block = anchor.kind === 'chain' ? checkChainAnchor(chainInputOf(input), anchor) : null;
  return place && { ...place, kind: anchor.kind, block, verified: faults.size === faultsBefore };
}
