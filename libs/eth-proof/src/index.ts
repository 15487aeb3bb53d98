export { type Account, decodeAccount, decodeStorageValue } from './account.ts';
export { bloomOf, type Log } from './bloom.ts';
export { EthProofError, type EthProofFault } from './error.ts';
export { type BlockHeader, blockHash, decodeHeader, encodeHeader } from './header.ts';
export { keccak256 } from './keccak.ts';
export { decodeReceipt, type Receipt } from './receipt.ts';
export { decodeRlp, encodeRlp, integerToBytes, RLP_LIMITS, type RlpItem, type RlpLimits } from './rlp.ts';
export { decodeTransaction, type Transaction } from './transaction.ts';
export { EMPTY_TRIE_ROOT, indexToTrieKey, type TrieProof, verifyTrieProof } from './trie.ts';
