/** What a caller wants to be in the chain once. */
import { type Abi, type Hex, keccak256, toHex } from 'viem';
import { ChainClientError } from './error.ts';
import type { FinalRecord, InFlight } from './outbox.ts';
import { type ChainReceipt, isHexOf } from './shapes.ts';

export interface Intent {
  /** Names it for ever: the same id is the same transaction. 1 to 128 of A-Z, a-z, 0-9, `.`, `_`, `:`, `-`. */
  readonly intentId: string;
  /** Null makes a contract, of `data`; its address follows from account and nonce: `createdAddress`. */
  readonly to: Hex | null;
  readonly data: Hex;
  /** Wei; 0 where absent. */
  readonly value?: bigint;
  /** Gas limit; estimated, and a quarter more, where absent. */
  readonly gas?: bigint;
  /** It gets this nonce or none: `nonce_taken`. */
  readonly nonce?: number;
  /** By which a revert is decoded. */
  readonly abi?: Abi;
}

export type IntentStatus =
  /** Signed and stored; not seen in a block. `hash` is that of the newest bytes, another may still be the one. */
  | { readonly state: 'pending'; readonly nonce: number; readonly hash: Hex }
  | {
      readonly state: 'included' | 'final';
      readonly nonce: number;
      readonly receipt: ChainReceipt;
      /** Blocks from the one that holds it to the newest, both counted. */
      readonly confirmations: number;
    }
  /** The node would not take it: it will never be in the chain. */
  | { readonly state: 'refused'; readonly nonce: number }
  /** A stranger's transaction took its nonce: it will never be in the chain. */
  | { readonly state: 'displaced'; readonly nonce: number };

const INTENT_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** @throws TypeError or RangeError that names the part. */
export function assertIntent({ intentId, to, data, value = 0n, gas = 1n, nonce = 0 }: Intent): void {
  if (typeof intentId !== 'string' || !INTENT_ID.test(intentId))
    throw new RangeError('intent: not an intent id');
  if (to !== null && !isHexOf(to, 20)) throw new RangeError('intent: receiver is not an address');
  if (!isHexOf(data)) throw new RangeError('intent: data is not hex');
  if (to === null && data === '0x') throw new RangeError('intent: a contract is made of code');
  if (!Number.isSafeInteger(nonce) || nonce < 0) throw new RangeError('intent: nonce is not a count');
  if (typeof value !== 'bigint' || typeof gas !== 'bigint')
    throw new TypeError('intent: value and gas are bigint');
  if (value < 0n || gas < 1n) throw new RangeError('intent: value or gas below what is possible');
}

const sameHex = (one: Hex | null, other: Hex | null): boolean => one?.toLowerCase() === other?.toLowerCase();

/** @throws ChainClientError intent_changed */
export function assertSameIntent(intent: Intent, known: InFlight | FinalRecord): void {
  const sameData =
    'dataHash' in known ? keccak256(intent.data) === known.dataHash : sameHex(intent.data, known.data);
  const sameNonce = intent.nonce === undefined || intent.nonce === known.nonce;
  const sameWorth = toHex(intent.value ?? 0n) === known.value;
  const same = sameData && sameNonce && sameWorth && sameHex(intent.to, known.to);
  if (!same) throw new ChainClientError('intent_changed');
}
