/** A block's bloom filter of logs is all of its receipts' together (Yellow Paper, section 4.3.1). */
export function mergeBloom(bloom: Uint8Array, other: Uint8Array): void {
  for (let index = 0; index < other.length; index++) bloom[index]! |= other[index]!;
}
