export { type ChainAbci, type ChainAbciOptions, createChainAbci, transactionCodes } from './application.ts';
export { ChainAbciError, type ChainAbciErrorCode, chainAbciErrorMeanings } from './error.ts';
