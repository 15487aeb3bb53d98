/** Receipts of a block, and how JSON-RPC shows them. */
import { bytesToBigInt, toHex, toQuantity } from '@lucid/chain-wire';
import { RlpFault, splitCounted, splitList, stringOf } from './rlp-slices.ts';

interface ReceiptLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface ReadReceipt {
  readonly type: number;
  /** Null before Byzantium, whose receipts have a state root in its place. */
  readonly status: 0 | 1 | null;
  readonly root: string | null;
  readonly gasUsed: bigint;
  readonly cumulativeGasUsed: bigint;
  readonly bloom: Uint8Array;
  /** Logs of the block before this one's first. */
  readonly firstLogIndex: number;
  readonly logs: readonly Uint8Array[];
}

/** All of a block, in order: gas and log index of each depend on those before. @throws RlpFault */
export function readReceipts(envelopes: readonly Uint8Array[]): ReadReceipt[] {
  let gasBefore = 0n;
  let logsBefore = 0;
  return envelopes.map((envelope) => {
    const first = envelope[0] ?? 0;
    const type = first >= 0xc0 ? 0 : first;
    const [outcome, gas, bloom, logItems] = splitCounted(type === 0 ? envelope : envelope.subarray(1), 4);
    const cumulativeGasUsed = bytesToBigInt(stringOf(gas));
    const logs = splitList(logItems as Uint8Array);
    const receipt: ReadReceipt = {
      type,
      ...readOutcome(stringOf(outcome)),
      gasUsed: cumulativeGasUsed - gasBefore,
      cumulativeGasUsed,
      bloom: stringOf(bloom),
      firstLogIndex: logsBefore,
      logs,
    };
    gasBefore = cumulativeGasUsed;
    logsBefore += logs.length;
    return receipt;
  });
}

function readOutcome(outcome: Uint8Array): Pick<ReadReceipt, 'status' | 'root'> {
  if (outcome.length === 32) return { status: null, root: toHex(outcome) };
  if (outcome.length > 1) throw new RlpFault('a receipt has no status');
  return { status: outcome[0] === 1 ? 1 : 0, root: null };
}

function readLog(log: Uint8Array): ReceiptLog {
  const [address, topics, data] = splitCounted(log, 3);
  return {
    address: toHex(stringOf(address)),
    topics: splitList(topics as Uint8Array).map((topic) => toHex(stringOf(topic))),
    data: toHex(stringOf(data)),
  };
}

/** Where a log is, in the words of JSON-RPC. */
export interface LogPlace {
  readonly blockHash: string;
  readonly blockNumber: string;
  readonly blockTimestamp: string;
  readonly transactionHash: string;
  readonly transactionIndex: string;
}

/** Log object of execution-apis, its members in geth's order. */
export const describeLog = (log: ReceiptLog, place: LogPlace, logIndex: number) => ({
  address: log.address,
  topics: log.topics,
  data: log.data,
  blockNumber: place.blockNumber,
  transactionHash: place.transactionHash,
  transactionIndex: place.transactionIndex,
  blockHash: place.blockHash,
  blockTimestamp: place.blockTimestamp,
  logIndex: toQuantity(logIndex),
  removed: false,
});

export const describeLogs = (receipt: ReadReceipt, place: LogPlace) =>
  receipt.logs.map((log, at) => describeLog(readLog(log), place, receipt.firstLogIndex + at));

export interface ReceiptOptions {
  readonly place: LogPlace;
  readonly sender: string;
  readonly to: string | null;
  readonly contractAddress: string | null;
  readonly effectiveGasPrice: bigint;
  /** Of a transaction with blobs. */
  readonly blobs?: { readonly gasUsed: bigint; readonly gasPrice: bigint } | undefined;
}

/** Receipt object of execution-apis, its members in geth's order. */
export function describeReceipt(receipt: ReadReceipt, options: ReceiptOptions) {
  const { place, sender, to, contractAddress, effectiveGasPrice, blobs } = options;
  return {
    ...(blobs ? { blobGasPrice: toQuantity(blobs.gasPrice), blobGasUsed: toQuantity(blobs.gasUsed) } : {}),
    blockHash: place.blockHash,
    blockNumber: place.blockNumber,
    contractAddress,
    cumulativeGasUsed: toQuantity(receipt.cumulativeGasUsed),
    effectiveGasPrice: toQuantity(effectiveGasPrice),
    from: sender,
    gasUsed: toQuantity(receipt.gasUsed),
    logs: describeLogs(receipt, place),
    logsBloom: toHex(receipt.bloom),
    ...(receipt.status === null ? { root: receipt.root } : { status: toQuantity(receipt.status) }),
    to,
    transactionHash: place.transactionHash,
    transactionIndex: place.transactionIndex,
    type: toQuantity(receipt.type),
  };
}
