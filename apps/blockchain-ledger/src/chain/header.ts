import { bigintOf, bytesOf, listOf, numberOf, RlpError, type RlpItem, readRlp } from './rlp.ts';

/**
 * What the ledger needs of a header. Fields 16 to 21 came with the forks: base fee (London), withdrawals root (Shanghai),
 * blob gas used, excess blob gas, parent beacon block root (Cancun), requests hash (Prague).
 */
export interface Header {
  readonly parentHash: Uint8Array;
  readonly unclesHash: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly bloom: Uint8Array;
  readonly height: number;
  readonly gasUsed: bigint;
  readonly timestampSec: number;
  /** Undefined before Shanghai. */
  readonly withdrawalsRoot: Uint8Array | undefined;
}

const FEWEST_FIELDS = 15;
const MOST_FIELDS = 21;

/** Throws `RlpError` where this is no header of any fork. */
export function readHeader(item: RlpItem | Uint8Array): Header {
  const fields = listOf(item instanceof Uint8Array ? readRlp(item) : item, 'the header');
  if (fields.length < FEWEST_FIELDS || fields.length > MOST_FIELDS)
    throw new RlpError(`a header has 15 to 21 fields, not ${fields.length}`);
  bytesOf(fields[2], 'beneficiary', 20);
  bigintOf(fields[7], 'difficulty');
  bigintOf(fields[9], 'gas limit');
  bytesOf(fields[12], 'extra data');
  bytesOf(fields[13], 'mix hash', 32);
  bytesOf(fields[14], 'nonce', 8);
  checkForkFields(fields);
  return {
    parentHash: bytesOf(fields[0], 'parent hash', 32),
    unclesHash: bytesOf(fields[1], 'uncles hash', 32),
    stateRoot: bytesOf(fields[3], 'state root', 32),
    transactionsRoot: bytesOf(fields[4], 'transactions root', 32),
    receiptsRoot: bytesOf(fields[5], 'receipts root', 32),
    bloom: bytesOf(fields[6], 'bloom', 256),
    height: numberOf(fields[8], 'number'),
    gasUsed: bigintOf(fields[10], 'gas used'),
    timestampSec: numberOf(fields[11], 'timestamp'),
    withdrawalsRoot: fields.length > 16 ? bytesOf(fields[16], 'withdrawals root', 32) : undefined,
  };
}

function checkForkFields(fields: readonly RlpItem[]): void {
  if (fields.length > 15) bigintOf(fields[15], 'base fee');
  if (fields.length > 17) bigintOf(fields[17], 'blob gas used');
  if (fields.length > 18) bigintOf(fields[18], 'excess blob gas');
  if (fields.length > 19) bytesOf(fields[19], 'parent beacon block root', 32);
  if (fields.length > 20) bytesOf(fields[20], 'requests hash', 32);
}
