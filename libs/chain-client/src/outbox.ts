/**
 * What must outlive a crash: which nonce an intent has, and every byte that was signed for it, durable before it is sent.
 *
 * Two kinds of records. The account's holds the next nonce and the intents in flight, and changes by compare-and-set alone, so one nonce
 * goes to one intent. An intent's is written once, when it is final, before it leaves the account's record. Who reads the account's record
 * first and an intent's second therefore sees every intent that had a nonce when its compare-and-set holds.
 */
import type { Hex } from 'viem';

/** Signed bytes. Numbers in wei are 0x and hex. */
export interface Attempt {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly maxFeePerGas: Hex;
  readonly maxPriorityFeePerGas: Hex;
  readonly signedAtMs: number;
  /** It does nothing but use the nonce. */
  readonly empty: boolean;
}

export interface InFlight {
  readonly intentId: string;
  readonly nonce: number;
  /** Null: makes a contract. */
  readonly to: Hex | null;
  readonly data: Hex;
  readonly value: Hex;
  readonly gas: Hex;
  /** Oldest first; at most one of them is ever in the chain. */
  readonly attempts: readonly Attempt[];
}

export interface AccountRecord {
  readonly kind: 'account';
  readonly key: string;
  readonly nextNonce: number;
  /** By nonce, ascending. */
  readonly inFlight: readonly InFlight[];
}

export interface FinalRecord {
  readonly kind: 'final';
  readonly key: string;
  readonly intentId: string;
  readonly nonce: number;
  readonly to: Hex | null;
  readonly value: Hex;
  /** Keccak-256 of the data. */
  readonly dataHash: Hex;
  /** `refused`: the nonce went to an empty transaction; `displaced`: to a stranger's. */
  readonly outcome: 'included' | 'refused' | 'displaced';
  /** What was included of ours; null where displaced. */
  readonly transactionHash: Hex | null;
}

export type OutboxRecord = AccountRecord | FinalRecord;

export interface StoredRecord {
  readonly record: OutboxRecord;
  readonly version: number;
}

/** Records are plain data. Reads see every write that resolved, of whichever process. */
export interface Outbox {
  /** Null where there is none. */
  get(key: string): Promise<StoredRecord | null>;
  /**
   * Writes where the record is still at `expected` (null: absent), durable when it resolves; false where it is not. Where it rejects, it
   * may have been written.
   */
  compareAndSet(record: OutboxRecord, expected: number | null): Promise<boolean>;
}
