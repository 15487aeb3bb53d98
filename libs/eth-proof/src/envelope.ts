import { EthProofError } from './error.ts';

/** EIP-2930, EIP-1559, EIP-4844, EIP-7702. */
const MAX_TYPE = 4;
const LIST = 0xc0;

/** A legacy value is an RLP list; before any other stands its type (EIP-2718). */
export function splitTyped(bytes: Uint8Array, at: string): { type: number; payload: Uint8Array } {
  const first = bytes[0];
  if (first === undefined) throw new EthProofError('rlp_truncated', at, 'no bytes');
  if (first >= LIST) return { type: 0, payload: bytes };
  if (first === 0 || first > MAX_TYPE)
    throw new EthProofError('unknown_type', at, `type ${first} where 1 to ${MAX_TYPE}, or a list, belongs`);
  return { type: first, payload: bytes.subarray(1) };
}
