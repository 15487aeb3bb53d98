/**
 * What a node means by refusing signed bytes. JSON-RPC has no codes for it, so the words of geth, anvil, besu, nethermind and erigon
 * count; what is not recognised is passed on as it is.
 */
import type { RpcFault } from './json-rpc.ts';

export type Refusal =
  /** The node has these bytes already. */
  | 'already-known'
  /** The nonce is used: by these bytes, by others of the intent, or by a stranger. */
  | 'nonce-used'
  /** Bytes with this nonce are in the pool, and these do not offer enough more. */
  | 'replacement-underpriced'
  | 'underpriced'
  | 'insufficient-funds'
  /** An estimate found no limit that is enough. */
  | 'gas-too-high'
  /** No repetition changes it: gas, size or form. */
  | 'permanent'
  | 'other';

const WORDS: readonly (readonly [Refusal, RegExp])[] = [
  ['already-known', /already (?:known|imported|exists)|known transaction/i],
  ['nonce-used', /nonce (?:is )?too low|old ?nonce|nonce has already been used/i],
  ['replacement-underpriced', /replacement transaction underpriced|could not replace|replacement fee/i],
  ['insufficient-funds', /insufficient (?:funds|balance)|upfront cost exceeds|overdraft/i],
  [
    'underpriced',
    /underpriced|fee ?(?:cap |per gas )?(?:too low|less than block base fee|below)|gas price (?:too low|below)|max fee per gas less than/i,
  ],
  ['gas-too-high', /gas required exceeds/i],
  [
    'permanent',
    /intrinsic gas|exceeds block gas limit|gas limit (?:too high|exceeded|is greater)|exceeds (?:max|the cap)|gas limit.*(?:exceeds|greater than).*(?:cap|maximum|block)|floor data gas|oversized|transaction (?:size )?too (?:large|big)|max initcode size/i,
  ],
];

export const refusalOf = ({ message }: RpcFault): Refusal =>
  WORDS.find(([, words]) => words.test(message))?.[0] ?? 'other';
