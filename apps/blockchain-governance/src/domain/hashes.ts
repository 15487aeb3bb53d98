import { bytesToHex, concatBytes, hexToBytes } from '@lucid/bytes';
import type { Hex } from '@lucid/chain-client';
import { keccak256 } from '@lucid/eth-proof';

const bytesOf = (hex: Hex): Uint8Array => hexToBytes(hex.slice(2));
const hexOf = (bytes: Uint8Array): Hex => `0x${bytesToHex(bytes)}`;

/** Keccak-256 of the UTF-8 of a text: key of a parameter, hash of a description. */
export const hashOfText = (text: string): Hex => hexOf(keccak256(new TextEncoder().encode(text)));

/** Stands for one call of one contract: the same call, the same id. */
export const hashOfCall = ({ to, data }: { readonly to: Hex; readonly data: Hex }): Hex =>
  hexOf(keccak256(concatBytes(bytesOf(to), bytesOf(data))));
