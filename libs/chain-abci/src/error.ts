/** The closed set of what keeps CometBFT from driving the chain. Failures of the chain and the stores keep their own errors. */
export const chainAbciErrorMeanings = {
  begin_elsewhere: 'genesis.json of CometBFT begins on another block',
  height_conflict: 'the records of CometBFT’s heights do not fit the chain’s store',
  out_of_order: 'CometBFT asks for something else than the next step',
  no_restore: 'no snapshot is being restored',
} as const satisfies Record<string, string>;

export type ChainAbciErrorCode = keyof typeof chainAbciErrorMeanings;

/** The message says what to do as well; it holds hashes and heights alone. */
export class ChainAbciError extends Error {
  readonly code: ChainAbciErrorCode;

  constructor(code: ChainAbciErrorCode, detail: string) {
    super(`${chainAbciErrorMeanings[code]}: ${detail}`);
    this.name = 'ChainAbciError';
    this.code = code;
  }
}
