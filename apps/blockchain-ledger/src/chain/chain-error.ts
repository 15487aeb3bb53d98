/** The closed set of what the chain's store refuses or cannot do; the service's contract gives each its HTTP status. */
export const chainErrorMeanings = {
  block_conflict: 'another block is kept at this height',
  block_out_of_order: 'the block does not follow the newest one',
  block_invalid: 'this is no block with its receipts and senders',
  not_in_chain: 'no block holds that',
  block_pruned: 'only the header of this block is still kept',
  too_many_logs: 'more logs match than are given at once',
  range_invalid: 'a range of blocks begins after its end',
  chain_damaged: 'the store does not hold what the chain says',
  chain_rolled_back: 'the log holds another block, or a later one, than the store',
  store_full: 'there is no room for the block',
  chain_unavailable: 'the store of the blocks failed',
} as const satisfies Record<string, string>;

export type ChainErrorCode = keyof typeof chainErrorMeanings;

export class ChainError extends Error {
  override readonly name = 'ChainError';
  readonly code: ChainErrorCode;
  readonly detail: string | undefined;

  constructor(code: ChainErrorCode, options: { detail?: string | undefined; cause?: unknown } = {}) {
    const detail = options.detail === undefined ? '' : `: ${options.detail}`;
    super(`${chainErrorMeanings[code]}${detail}`, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
  }
}

export const damaged = (detail: string, cause?: unknown): ChainError =>
  new ChainError('chain_damaged', { detail, cause });
