import { addresses } from './addresses.ts';
import type { Hex } from './artifact.ts';
import { lucidAnchors, lucidChunkStore } from './generated/index.ts';

/** An account as `alloc` of a genesis file has it; the balance in wei, hexadecimal. */
export interface PredeployedAccount {
  readonly balance: '0x0';
  readonly code: Hex;
}

const account = ({ deployedBytecode }: { readonly deployedBytecode: Hex }): PredeployedAccount => ({
  balance: '0x0',
  code: deployedBytecode,
});

/** Part of a genesis file's `alloc`: contracts without constructor, storage or immutable values, by address. */
export const predeploys: Readonly<Record<string, PredeployedAccount>> = {
  [addresses.lucidAnchors]: account(lucidAnchors),
  [addresses.lucidChunkStore]: account(lucidChunkStore),
};
