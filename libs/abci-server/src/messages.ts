/**
 * The messages of ABCI 0.38 that an application without vote extensions needs
 * (https://docs.cometbft.com/v0.38/spec/abci/abci++_methods). Fields that nobody here reads are left out of the tables: they are
 * passed over on the wire.
 */
import { AbciError } from './error.ts';
import {
  bytes,
  decode,
  encodeEnvelope,
  int64,
  type Message,
  type MessageOf,
  manyBytes,
  manyNested,
  manyStrings,
  message,
  nested,
  openEnvelope,
  string,
  uint32,
} from './wire.ts';

const timestamp = message({ seconds: int64(1), nanos: uint32(2) });
const empty = message({});

const snapshot = message({
  height: int64(1),
  format: uint32(2),
  chunks: uint32(3),
  hash: bytes(4),
  metadata: bytes(5),
});
export type Snapshot = MessageOf<typeof snapshot>;

/** Code, data, gas wanted and gas used of a block's transactions are part of the consensus: they must be equal everywhere. */
const transactionResult = message({
  code: uint32(1),
  data: bytes(2),
  log: string(3),
  info: string(4),
  gasWanted: int64(5),
  gasUsed: int64(6),
  codespace: string(8),
});
export type TransactionResult = Partial<MessageOf<typeof transactionResult>>;

/** Vote of the application on a proposal. */
export const proposalStatus = { accept: 1, reject: 2 } as const;
export const offerResult = { accept: 1, abort: 2, reject: 3, rejectFormat: 4, rejectSender: 5 } as const;
export const chunkResult = { accept: 1, abort: 2, retry: 3, retrySnapshot: 4, rejectSnapshot: 5 } as const;

const exception = message({ error: string(1) });

/** Number of the request and of its answer in the envelopes, and what is in them. */
const kind = <Q, A>(requestNo: number, request: Message<Q>, responseNo: number, response: Message<A>) => ({
  requestNo,
  request,
  responseNo,
  response,
});

export const kinds = {
  echo: kind(1, message({ message: string(1) }), 2, message({ message: string(1) })),
  flush: kind(2, empty, 3, empty),
  info: kind(
    3,
    message({ version: string(1), abciVersion: string(4) }),
    4,
    message({
      data: string(1),
      version: string(2),
      appVersion: int64(3),
      lastBlockHeight: int64(4),
      lastBlockAppHash: bytes(5),
    }),
  ),
  initChain: kind(
    5,
    message({
      time: nested(1, timestamp),
      chainId: string(2),
      appStateBytes: bytes(5),
      initialHeight: int64(6),
    }),
    6,
    message({ appHash: bytes(3) }),
  ),
  query: kind(
    6,
    message({ data: bytes(1), path: string(2), height: int64(3) }),
    7,
    message({ code: uint32(1), log: string(3), value: bytes(7), height: int64(9), codespace: string(10) }),
  ),
  checkTx: kind(8, message({ tx: bytes(1), type: uint32(2) }), 9, transactionResult),
  commit: kind(11, empty, 12, message({ retainHeight: int64(3) })),
  listSnapshots: kind(12, empty, 13, message({ snapshots: manyNested(1, snapshot) })),
  offerSnapshot: kind(
    13,
    message({ snapshot: nested(1, snapshot), appHash: bytes(2) }),
    14,
    message({ result: uint32(1) }),
  ),
  loadSnapshotChunk: kind(
    14,
    message({ height: int64(1), format: uint32(2), chunk: uint32(3) }),
    15,
    message({ chunk: bytes(1) }),
  ),
  applySnapshotChunk: kind(
    15,
    message({ index: uint32(1), chunk: bytes(2), sender: string(3) }),
    16,
    message({ result: uint32(1), rejectSenders: manyStrings(3) }),
  ),
  prepareProposal: kind(
    16,
    message({
      maxTxBytes: int64(1),
      txs: manyBytes(2),
      height: int64(5),
      time: nested(6, timestamp),
      proposerAddress: bytes(8),
    }),
    17,
    message({ txs: manyBytes(1) }),
  ),
  processProposal: kind(
    17,
    message({ txs: manyBytes(1), height: int64(5), time: nested(6, timestamp), proposerAddress: bytes(8) }),
    18,
    message({ status: uint32(1) }),
  ),
  finalizeBlock: kind(
    20,
    message({ txs: manyBytes(1), height: int64(5), time: nested(6, timestamp), proposerAddress: bytes(8) }),
    21,
    message({ txResults: manyNested(2, transactionResult), appHash: bytes(5) }),
  ),
} as const;

export type AbciKind = keyof typeof kinds;
export type RequestOf<K extends AbciKind> = MessageOf<(typeof kinds)[K]['request']>;
export type ResponseOf<K extends AbciKind> = Partial<MessageOf<(typeof kinds)[K]['response']>>;

const kindByRequestNo = new Map(
  (Object.keys(kinds) as AbciKind[]).map((name) => [kinds[name].requestNo as number, name]),
);

export type Request = {
  readonly [K in AbciKind]: { readonly kind: K; readonly value: RequestOf<K> };
}[AbciKind];

/** Throws `malformed`, and `not_offered` for a kind that is not known here. */
export function decodeRequest(encoded: Uint8Array): Request {
  const { no, content } = openEnvelope(encoded);
  const kind = kindByRequestNo.get(no);
  if (kind === undefined) throw new AbciError('not_offered', `request ${no}`);
  return { kind, value: decode(kinds[kind].request as Message<unknown>, content) } as Request;
}

export function encodeResponse<K extends AbciKind>(kind: K, value: ResponseOf<K>): Uint8Array {
  const { responseNo, response } = kinds[kind];
  return encodeEnvelope(responseNo, response as Message<ResponseOf<K>>, value);
}

/** For whoever plays CometBFT: tests, and tools that ask an application. */
export const encodeRequest = <K extends AbciKind>(kind: K, value: Partial<RequestOf<K>>): Uint8Array =>
  encodeEnvelope(kinds[kind].requestNo, kinds[kind].request as Message<RequestOf<K>>, value);

const exceptionNo = 1;
export const encodeException = (error: string): Uint8Array =>
  encodeEnvelope(exceptionNo, exception, { error });

/** The answer to a request of `kind`; throws with the text of an exception. */
export function decodeResponse<K extends AbciKind>(kind: K, encoded: Uint8Array): ResponseOf<K> {
  const { no, content } = openEnvelope(encoded);
  if (no === exceptionNo) throw new Error(decode(exception, content).error);
  if (no !== kinds[kind].responseNo) throw new AbciError('malformed', `answer ${no} to ${kind}`);
  return decode(kinds[kind].response as Message<unknown>, content) as ResponseOf<K>;
}
