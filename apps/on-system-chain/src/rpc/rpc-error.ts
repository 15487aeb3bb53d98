/** Errors of JSON-RPC 2.0 (section 5.1), EIP-1474 and geth: code, words, and what revert data there is. */
export const codes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** Any failure that has no code of its own, as geth answers it. */
  server: -32000,
  /** EIP-1474: what is needed for the answer is away now. */
  unavailable: -32002,
  responseTooLarge: -32003,
  /** EIP-1474: a limit of this node. */
  limit: -32005,
  /** EIP-4444: history that is not kept any more. */
  pruned: 4444,
  reverted: 3,
} as const;

export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: string | undefined;

  constructor(code: number, message: string, options: { data?: string | undefined; cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.data = options.data;
  }
}

/** A parameter that is not what its method takes. */
export class ParameterError extends RpcError {
  constructor(message: string) {
    super(codes.invalidParams, message);
  }
}
