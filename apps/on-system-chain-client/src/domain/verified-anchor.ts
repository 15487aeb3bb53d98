/** Judges what the chain says before anybody is told that a session is anchored. */
import { bytesToBase64, hexToBytes, isHex } from '@lucid/bytes';
import { parseCheckpoint, parseNote, parseVerifierKey, verifyNote } from '@lucid/checkpoint';
import { HASH_SIZE_BYTES, leafHash, verifyInclusion } from '@lucid/merkle';
import type { BundleAnchor, ChainAnchor } from '@lucid/session-format';
import { judgeChainAnchor } from '@lucid/verifier';
import { registrationOf } from './registration.ts';
import type { ChainProof, RegisterSessionArguments } from './session-chain.ts';

type JudgedAnchor =
  | { readonly ok: true; readonly anchor: BundleAnchor }
  | { readonly ok: false; readonly why: string };

const refused = (why: string): JudgedAnchor => ({ ok: false, why });

/** `ledgerKey` is the verifier key that the checkpoint must be signed by. Never throws for what the chain answered. */
export function judgeAnchor(ledgerKey: string, entry: Uint8Array, proof: ChainProof): JudgedAnchor {
  const key = parseVerifierKey(ledgerKey);
  let checkpoint: ReturnType<typeof parseCheckpoint>;
  try {
    const note = parseNote(proof.checkpoint);
    if (!verifyNote(note, [key]).ok)
      return refused('the checkpoint is not signed by the ledger that is trusted');
    checkpoint = parseCheckpoint(note.text);
  } catch {
    return refused('the checkpoint cannot be read');
  }
  if (checkpoint.origin !== key.name) return refused('the checkpoint is of another log');
  if (!proof.inclusion.every((hash) => isHex(hash, HASH_SIZE_BYTES)))
    return refused('the proof cannot be read');
  const included = verifyInclusion({
    leafHash: leafHash(entry),
    index: proof.index,
    size: checkpoint.size,
    root: checkpoint.root,
    proof: proof.inclusion.map((hash) => hexToBytes(hash)),
  });
  if (!included) return refused('the proof does not lead from the entry to the checkpoint');
  const anchor: BundleAnchor = {
    format: 'lucid-anchor/1',
    kind: 'ledger',
    ledger: ledgerKey,
    entry: bytesToBase64(entry),
    index: proof.index,
    inclusion: [...proof.inclusion],
    checkpoint: proof.checkpoint,
  };
  return { ok: true, anchor };
}

/** The same of a registration on the chain: as a verifier of its bundle will judge it. */
export function judgeRegistration(
  ledgerKey: string,
  args: RegisterSessionArguments,
  anchor: ChainAnchor,
): JudgedAnchor {
  try {
    const judged = judgeChainAnchor(anchor, registrationOf(args), { ledgerKey });
    if (judged.ok) return { ok: true, anchor };
    const codes = [...new Set(judged.faults.map(({ code }) => code))];
    return refused(`the proof does not hold: ${codes.join(', ')}`);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return refused('the proof cannot be read');
  }
}
