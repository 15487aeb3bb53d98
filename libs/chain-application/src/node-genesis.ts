import { predeploys } from '@lucid/chain-contracts';
import { lucidGenesis } from './genesis.ts';
import type { Hex } from './values.ts';

/** What the account of a node has at the beginning, in wei: gas for ever, since nobody else can spend it. */
const NODE_BALANCE_WEI = 10n ** 27n;

/** The genesis.json, as text, of a chain that one node makes: the contracts that every chain of ours has, and the node's account. */
export const nodeGenesis = ({ account, timestampSec }: { account: Hex; timestampSec: number }): string => {
  const contracts = Object.entries(predeploys).map(([address, { code }]) => [address, { code }]);
  const alloc = { ...Object.fromEntries(contracts), [account]: { balance: NODE_BALANCE_WEI } };
  return `${JSON.stringify(lucidGenesis({ timestampSec, alloc }), null, 1)}\n`;
};
