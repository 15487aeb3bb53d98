/** Foreign programs that judge ours: three libraries for RLP, and the EVM library's tries, headers, receipts and transactions. */

import { RLP } from '@ethereumjs/rlp';
import { bytesToHex, hexToBytes } from '@lucid/bytes';
import { decodeRlp as ethersDecode, encodeRlp as ethersEncode } from 'ethers';
import { fromRlp, toRlp } from 'viem';
import type { RlpItem } from '../src/index.ts';

export type Nested = string | readonly Nested[];

/** As 0x-texts, the form in which viem and ethers take it. */
export const toNested = (item: RlpItem): Nested =>
  item instanceof Uint8Array ? `0x${bytesToHex(item)}` : item.map(toNested);

type Mutable = `0x${string}` | Mutable[];

export const encoders: Readonly<Record<string, (item: RlpItem) => string>> = {
  ethereumjs: (item) => bytesToHex(RLP.encode(item as Uint8Array)),
  ethers: (item) => ethersEncode(toNested(item) as Mutable).slice(2),
  viem: (item) => toRlp(toNested(item) as Mutable).slice(2),
};

export const decoders: Readonly<Record<string, (bytes: Uint8Array) => Nested>> = {
  ethereumjs: (bytes) => toNested(RLP.decode(bytes) as unknown as RlpItem),
  ethers: (bytes) => ethersDecode(`0x${bytesToHex(bytes)}`) as Nested,
  viem: (bytes) => fromRlp(`0x${bytesToHex(bytes)}`) as Nested,
};

export const fromHex = (text: string): Uint8Array => hexToBytes(text.replace(/^0x/, '').toLowerCase());
