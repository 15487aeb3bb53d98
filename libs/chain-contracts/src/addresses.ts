import type { Hex } from './artifact.ts';

/** Where genesis holds what needs no constructor. The rest is deployed by a plan, which records where. */
export const addresses = {
  lucidAnchors: '0x00000000000000000000000000000000004c4101',
  lucidChunkStore: '0x00000000000000000000000000000000004c4102',
} as const satisfies Record<string, Hex>;
