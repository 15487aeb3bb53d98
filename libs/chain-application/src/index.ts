export type * from './application.ts';
export { loadCrypto } from './crypto.ts';
export { decodeTransaction, recoverSender, TransactionFault } from './decode-transaction.ts';
export { ChainError, type ChainErrorCode, chainErrorMeanings } from './error.ts';
export { type LucidAllocation, type LucidGenesisOptions, lucidChainId, lucidGenesis } from './genesis.ts';
export { type HelperAccount, helperKey, nodeGenesis } from './node-genesis.ts';
export { type ChainApplicationOptions, defaultBlockLimits, openChainApplication } from './open.ts';
export { type RestoreSnapshotOptions, restoreSnapshot } from './restore-snapshot.ts';
export { bytesToHex, emptyCodeHash, emptyTrieRoot, type Hex, hexToBytes } from './values.ts';
