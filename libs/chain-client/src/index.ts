export type { Abi, AbiEvent, AbiFunction, AbiParameter, Hex } from 'viem';
export {
  constructorInputs,
  createdAddress,
  decodeValues,
  encodeFunction,
  encodeValues,
  functionOf,
  hashOfBytes,
  isPayable,
  joined,
  libraryPlaceholder,
  reasonText,
  signatureOf,
} from './abi-items.ts';
export {
  type AbiJsonOptions,
  AbiValueError,
  Known,
  valuesFromJson,
  valuesToJson,
  valueToJson,
} from './abi-values.ts';
export type {
  ChainClient,
  ChainClientDependencies,
  ChainClientOptions,
  ChainClock,
  ReceiptStatus,
} from './api.ts';
export { createChainClient } from './chain-client.ts';
export { type CallAnswer, type ChainView, createChainView } from './chain-view.ts';
export {
  type Answers,
  ContractReader,
  type ContractReaderOptions,
  type JsonRpcBatchCaller,
  type Outcome,
  type Question,
  question,
  type ReadAt,
  rawQuestion,
  type UnsignedCall,
} from './contract-reader.ts';
export {
  type ContractAt,
  type DecodedEvent,
  decodeEvents,
  decodeRevert,
  encodeCall,
} from './contracts.ts';
export { createDocumentOutbox, outboxCollection } from './document-outbox.ts';
export {
  ChainClientError,
  type ChainClientErrorCode,
  isChainClientError,
  type RevertReason,
} from './error.ts';
export type { Intent, IntentStatus } from './intent.ts';
export type { JsonRpcCaller, JsonRpcRequest } from './json-rpc.ts';
export type {
  AccountRecord,
  Attempt,
  FinalRecord,
  InFlight,
  Outbox,
  OutboxRecord,
  StoredRecord,
} from './outbox.ts';
export type { Refusal } from './refusal.ts';
export type { ChainLog, ChainReceipt } from './shapes.ts';
export { readCall, readSignedCall, type SignedCall } from './signed-call.ts';
export type { SimulatedResult, SimulatedTransaction } from './simulation.ts';
