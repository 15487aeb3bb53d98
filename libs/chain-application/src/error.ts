/** The closed set of what can go wrong in the chain's state machine. Failures of the store itself stay `KvError`s. */
export const chainErrorMeanings = {
  genesis_invalid: 'the genesis file is not one',
  genesis_conflict: 'the store holds the state of another chain',
  block_out_of_order: 'the block is not the next one after the committed state',
  block_invalid: 'the block breaks a rule of the chain',
  block_pending: 'a block is executed already and waits to be committed or abandoned',
  block_not_executed: 'no such block waits to be committed',
  block_unknown: 'there is no such block here',
  state_unknown: 'the state of this block is not kept',
  state_damaged: 'the store does not hold what the state root says',
  transaction_unknown: 'no block that is kept holds this transaction',
  transaction_invalid: 'the bytes are no transaction of this chain',
  request_invalid: 'the request contradicts itself',
  execution_limit: 'the execution takes longer than is allowed here',
  precompile_unavailable: 'a precompiled contract cannot be loaded',
  snapshot_unknown: 'there is no such snapshot, or no such chunk of it',
  snapshot_invalid: 'the snapshot is not what its manifest says',
} as const satisfies Record<string, string>;

export type ChainErrorCode = keyof typeof chainErrorMeanings;

/** The message is the meaning and, in brackets, what exactly; no user data but hashes, heights and addresses. */
export class ChainError extends Error {
  readonly code: ChainErrorCode;
  readonly detail: string | undefined;

  constructor(code: ChainErrorCode, detail?: string, options: { cause?: unknown } = {}) {
    super(
      detail === undefined ? chainErrorMeanings[code] : `${chainErrorMeanings[code]} (${detail})`,
      options,
    );
    this.name = 'ChainError';
    this.code = code;
    this.detail = detail;
  }
}
