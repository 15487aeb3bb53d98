/** The closed set of what can go wrong between CometBFT and the application. */
export const abciErrorMeanings = {
  malformed: 'the bytes are no message of ABCI 0.38',
  too_large: 'the message is larger than is taken',
  not_offered: 'the application does not offer this',
} as const satisfies Record<string, string>;

export type AbciErrorCode = keyof typeof abciErrorMeanings;

export class AbciError extends Error {
  readonly code: AbciErrorCode;

  constructor(code: AbciErrorCode, detail?: string, options: { cause?: unknown } = {}) {
    super(detail === undefined ? abciErrorMeanings[code] : `${abciErrorMeanings[code]} (${detail})`, options);
    this.name = 'AbciError';
    this.code = code;
  }
}
