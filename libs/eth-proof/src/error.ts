/** Why bytes were refused. Closed set. */
export type EthProofFault =
  /** An item reaches beyond the end of its list or of the input. */
  | 'rlp_truncated'
  /** Bytes lie behind the item. */
  | 'rlp_trailing'
  /** Another encoding of the same value exists, and is the only good one. */
  | 'rlp_not_canonical'
  /** Lists lie deeper in each other than is allowed. */
  | 'rlp_too_deep'
  /** More bytes or items than are allowed. */
  | 'rlp_too_large'
  /** A list where a byte string belongs. */
  | 'not_bytes'
  /** A byte string where a list belongs. */
  | 'not_a_list'
  /** A list with another number of members than its kind has. */
  | 'wrong_count'
  /** A byte string of another length than its kind has. */
  | 'wrong_size'
  /** An integer with leading zeros, or above the largest of its kind. */
  | 'not_an_integer'
  /** A type of transaction or receipt that is not known. */
  | 'unknown_type'
  /** A value that its place does not allow, such as a status that is neither 0 nor 1. */
  | 'wrong_value'
  /** The bloom filter is not that of the logs. */
  | 'bloom_differs'
  /** The proof ends before the path does. */
  | 'proof_too_short'
  /** The proof has nodes behind the end of the path. */
  | 'proof_too_long'
  /** A node does not have the hash by which the node before it, or the root, names it. */
  | 'proof_hash_differs'
  /** A node that no trie holds. */
  | 'node_malformed';

/** The bytes, which may come from anybody, are not what they claim to be. */
export class EthProofError extends Error {
  override readonly name = 'EthProofError';
  readonly code: EthProofFault;
  /** Where, such as `receipt.logs[3].topics[1]`. */
  readonly at: string;

  constructor(code: EthProofFault, at: string, detail: string) {
    super(`${at}: ${detail}`);
    this.code = code;
    this.at = at;
  }
}
