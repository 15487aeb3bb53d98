import { bytesToHex, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { predeploys } from '@lucid/chain-contracts';
import { hmacSha256 } from '@lucid/crypto';
import { lucidGenesis } from './genesis.ts';
import type { Hex } from './values.ts';

/** Who of a node sends transactions beside its own account, each with nonces of its own: contract-deployment, and blockchain-governance. */
export type HelperAccount = 'deployer' | 'relayer';

/** Secret key of an account that follows from the key of the node's, both 64 hex digits: one backup holds them all. */
export const helperKey = (nodeKey: string, helper: HelperAccount): string =>
  bytesToHex(hmacSha256(hexToBytes(nodeKey), utf8ToBytes(`lucid/account/${helper}/v1`)));

/** What each account of a node has at the beginning, in wei: gas for ever, since nobody else can spend it. */
const NODE_BALANCE_WEI = 10n ** 27n;

export interface NodeGenesis {
  readonly account: Hex;
  /** Those that have funds as well. */
  readonly helpers?: readonly Hex[];
  readonly timestampSec: number;
}

/** The genesis.json, as text, of a chain that one node makes: the contracts that every chain of ours has, and the node's accounts. */
export const nodeGenesis = ({ account, helpers = [], timestampSec }: NodeGenesis): string => {
  const contracts = Object.entries(predeploys).map(([address, { code }]) => [address, { code }]);
  const funded = [account, ...helpers].map((each) => [each, { balance: NODE_BALANCE_WEI }]);
  const alloc = Object.fromEntries([...contracts, ...funded]);
  return `${JSON.stringify(lucidGenesis({ timestampSec, alloc }), null, 1)}\n`;
};
