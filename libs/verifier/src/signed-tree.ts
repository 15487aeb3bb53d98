/** The tree over the records as they were found, and what of it a checkpoint states. */
import { TreeBuilder } from '@lucid/merkle';

export interface TreeState {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** Hash of leaf `index`. */
export type LeafHashes = (index: number) => Uint8Array;

/** Root over leaves 0 to `size - 1`. */
export function rootOver(leafHashes: LeafHashes, size: number): Uint8Array {
  const tree = new TreeBuilder();
  for (let index = 0; index < size; index++) tree.append(leafHashes(index));
  return tree.root();
}
