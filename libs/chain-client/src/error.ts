/** Why the client could not do what it was asked for. Closed set. */
export type ChainClientErrorCode =
  /** The caller of JSON-RPC rejected: whether the node got the request is unknown. */
  | 'rpc_unreachable'
  /** What came back is no answer to the request. */
  | 'rpc_malformed'
  /** The node answered with an error of its own; `rpcCode` says which. */
  | 'rpc_refused'
  /** The node is of another chain than the options say. */
  | 'wrong_chain'
  /** The node knows fewer of the account's transactions than were final: it lags, or it lost blocks. */
  | 'chain_behind'
  /** A call or an estimate reverted; `reason` says why. Nothing was sent. */
  | 'call_reverted'
  /** The transaction is in a final block and reverted. */
  | 'transaction_reverted'
  /** The node will never take the transaction (gas, size); its nonce was given to an empty one. */
  | 'transaction_refused'
  /** A transaction that this client did not make took the nonce: the key is in use elsewhere. */
  | 'transaction_displaced'
  /** The node wants more fee than the last try offered. */
  | 'underpriced'
  /** More gas than `maxGas` is needed. Nothing was sent. */
  | 'gas_too_high'
  /** Another transaction has the nonce that the intent asks for. Nothing was sent. */
  | 'nonce_taken'
  /** More fee is needed than `maxFeePerGasCap` allows. */
  | 'fee_cap_reached'
  | 'insufficient_funds'
  /** The intent is known with another receiver, data, value or nonce. */
  | 'intent_changed'
  | 'intent_unknown'
  | 'too_many_in_flight'
  /** The outbox rejected, or other writers won every time. */
  | 'outbox_failed'
  /** Not final within the time that was given; the intent stays and may be asked for again. */
  | 'timed_out';

/** Decoded revert: `Error(string)` as its text, `Panic(uint256)` by number, custom errors by name and arguments, else the bytes. */
export interface RevertReason {
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface ChainClientErrorDetails extends ErrorOptions {
  readonly rpcCode?: number;
  readonly reason?: RevertReason;
}

/** Messages are fixed texts: no address, data, key or answer of a node stands in them. */
export class ChainClientError extends Error {
  readonly code: ChainClientErrorCode;
  readonly rpcCode: number | undefined;
  readonly reason: RevertReason | undefined;

  constructor(code: ChainClientErrorCode, { rpcCode, reason, ...options }: ChainClientErrorDetails = {}) {
    super(`chain client: ${code}`, options);
    this.name = 'ChainClientError';
    this.code = code;
    this.rpcCode = rpcCode;
    this.reason = reason;
  }
}

export const isChainClientError = (
  error: unknown,
  ...codes: readonly ChainClientErrorCode[]
): error is ChainClientError =>
  error instanceof ChainClientError && (codes.length === 0 || codes.includes(error.code));
