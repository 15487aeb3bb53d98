/**
 * What nodes tell each other, as JSON over HTTP:
 *
 *   GET /v1/blocks/HEIGHT                  PeerBlock, or 204 where it is not there yet (after waiting for it a while)
 *   GET /v1/consistency?first=&second=     { proof }: the tree of `first` entries is the beginning of that of `second` (RFC 9162)
 *
 * Everything in an answer may come from an attacker.
 */
import { base64ToBytes, bytesToBase64, bytesToHex, hexToBytes } from '@lucid/bytes';
import { PeerFault } from './error.ts';

/** A block with the proof that its header is an entry of the log of who made it. */
export interface PeerBlock {
  /** RLP [header, transactions, …]. */
  readonly block: Uint8Array;
  /** Place of the header in the log, and its RFC 9162 path to the root of the checkpoint, lowest first. */
  readonly index: number;
  readonly inclusion: readonly Uint8Array[];
  /** Signed note (C2SP tlog-checkpoint). */
  readonly checkpoint: string;
  /** Height of its newest block, which it may say as it likes. */
  readonly head: number;
}

/** Of an answer with a block: 16 MiB of RLP in base64, and the proof. */
export const maxPeerAnswerBytes = 24 * 1024 * 1024;
const mostHashes = 64;
const maxCheckpointLength = 65_536;
/** Commas and brackets of an answer: base64 and hex have none, a name in a checkpoint may. */
const mostMarks = 1_000;

export const encodePeerBlock = ({ block, index, inclusion, checkpoint, head }: PeerBlock): string =>
  JSON.stringify({
    block: bytesToBase64(block),
    index,
    inclusion: inclusion.map(bytesToHex),
    checkpoint,
    head,
  });

export const encodeConsistency = (proof: readonly Uint8Array[]): string =>
  JSON.stringify({ proof: proof.map(bytesToHex) });

/** JSON of many values takes thirty times its size in memory, before anything of it can be judged. */
function hasFewValues(text: string): boolean {
  let marks = 0;
  for (const mark of [',', '[', '{'])
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1))
      if (++marks > mostMarks) return false;
  return true;
}

function parse(text: string): Record<string, unknown> {
  if (!hasFewValues(text)) throw new PeerFault('peer_malformed', 'too many values');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new PeerFault('peer_malformed', 'no JSON', { cause });
  }
  throw new PeerFault('peer_malformed', 'no object');
}

function hashesOf(value: unknown): Uint8Array[] {
  if (!Array.isArray(value) || value.length > mostHashes) throw new PeerFault('peer_malformed', 'a proof');
  return value.map((hash: unknown) => {
    if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash))
      throw new PeerFault('peer_malformed', 'a hash');
    return hexToBytes(hash);
  });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** @throws PeerFault `peer_malformed` */
export function decodePeerBlock(text: string): PeerBlock {
  const { block, index, inclusion, checkpoint, head } = parse(text);
  if (typeof block !== 'string' || typeof checkpoint !== 'string' || checkpoint.length > maxCheckpointLength)
    throw new PeerFault('peer_malformed', 'a block has block, index, inclusion and checkpoint');
  if (!isCount(index) || !isCount(head)) throw new PeerFault('peer_malformed', 'an index or a height');
  try {
    return { block: base64ToBytes(block), index, inclusion: hashesOf(inclusion), checkpoint, head };
  } catch (cause) {
    throw cause instanceof PeerFault ? cause : new PeerFault('peer_malformed', 'base64', { cause });
  }
}

/** @throws PeerFault `peer_malformed` */
export const decodeConsistency = (text: string): Uint8Array[] => hashesOf(parse(text).proof);
