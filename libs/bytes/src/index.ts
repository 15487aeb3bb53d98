export { bytesToU64, compareBytes, concatBytes, equalBytes, u64ToBytes } from './arrays.ts';
export { base64ToBytes, bytesToBase64 } from './base64.ts';
export { assertBytes, assertText, isBytes } from './check.ts';
export { bytesToHex, hexToBytes, isHex } from './hex.ts';
export { bytesToUtf8, isWellFormedText, utf8ToBytes } from './text.ts';
