export { type BundleReader, readAt as readBytesAt, WINDOW_BYTES } from './byte-window.ts';
export { verdictExitCode, verifyErrorExitCode, verifyExitCodes } from './exit-codes.ts';
export { type Fault, type FaultCode, faultCodes, MAX_FAULTS, timeText } from './fault.ts';
export { createBytesReader, type FileReader, openFileReader } from './file-reader.ts';
export { type JudgedChainAnchor, judgeChainAnchor } from './judge-chain-anchor.ts';
export { keyFingerprint } from './trust.ts';
export {
  type AnchorSummary,
  type BlockSummary,
  type Claim,
  type Cosignature,
  type Knowledge,
  type PolicySummary,
  type RecordHashes,
  type SessionOpener,
  type TrustedKeys,
  type Verdict,
  type VerdictSummary,
  VerifyError,
  type VerifyErrorCode,
  type VerifyOptions,
  type VerifyProgress,
} from './verdict.ts';
export {
  durationText,
  keyText,
  printable,
  sizeText,
  type VerdictTextOptions,
  verdictToText,
} from './verdict-text.ts';
export { verifyBundle } from './verify-bundle.ts';
export { type FoundRecord, walkRecords } from './walk-records.ts';
