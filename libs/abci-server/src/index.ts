export type { AbciApplication } from './application.ts';
export { AbciError, type AbciErrorCode, abciErrorMeanings } from './error.ts';
export { encodeFrame, FrameReader } from './frames.ts';
export {
  type AbciKind,
  chunkResult,
  decodeResponse,
  encodeRequest,
  offerResult,
  proposalStatus,
  type RequestOf,
  type ResponseOf,
  type Snapshot,
  type TransactionResult,
} from './messages.ts';
export { type AbciServer, type AbciServerOptions, startAbciServer } from './server.ts';
