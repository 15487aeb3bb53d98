/** `web3_`, `net_`, and what `eth_` tells of the node itself. */
import { fromHex, toQuantity } from '@lucid/chain-wire';
import type { blockchainVmContract, OutputOf } from '@lucid/contracts';
import { hashOf } from '../../formats/keccak.ts';
import { type Methods, method } from '../method.ts';
import { headOf, type RpcNode } from '../node.ts';
import { data } from '../parameters.ts';
import { codes, RpcError } from '../rpc-error.ts';

export function chainIdOf({ driver }: RpcNode): number {
  if (driver.chainId !== null) return driver.chainId;
  throw new RpcError(codes.unavailable, 'the chain is starting; try again');
}

export const chainMethods = (node: RpcNode): Methods => ({
  web3_clientVersion: method([], () => node.clientVersion),
  web3_sha3: method([data], ([bytes]) => hashOf(fromHex(bytes))),
  net_version: method([], () => String(chainIdOf(node))),
  net_listening: method([], () => true),
  net_peerCount: method([], () => '0x0'),
  eth_chainId: method([], () => toQuantity(chainIdOf(node))),
  eth_syncing: method([], () => describeProgress(node)),
  eth_blockNumber: method([], () => toQuantity(headOf(node).height)),
  eth_accounts: method([], () => []),
  eth_coinbase: method([], () => node.producer),
  eth_mining: method([], () => node.isProducing),
  eth_hashrate: method([], () => '0x0'),
  eth_config: method([], async () => {
    const { current, next, last } = await node.vm.getForks();
    return { current: describeFork(current), next: describeFork(next), last: describeFork(last) };
  }),
  eth_capabilities: method([], async () => {
    const head = headOf(node);
    const { oldestBody } = await node.ledger.getChainHead();
    const all = { disabled: false, oldestBlock: '0x0' };
    const bodies = { disabled: false, oldestBlock: toQuantity(oldestBody) };
    return {
      head: { number: toQuantity(head.height), hash: head.hash },
      state: all,
      tx: bodies,
      logs: bodies,
      receipts: bodies,
      blocks: bodies,
      stateproofs: all,
    };
  }),
});

type ForkConfig = OutputOf<(typeof blockchainVmContract)['operations']['getForks']>['current'];

const describeFork = (fork: ForkConfig) =>
  fork === null ? null : { ...fork, chainId: toQuantity(fork.chainId) };

/** False, or how far the vm is with what the ledger has, or this node with the chain that it follows. */
export function describeProgress(node: RpcNode): unknown {
  const progress = node.progress();
  if (progress === null) return false;
  return {
    startingBlock: toQuantity(progress.starting),
    currentBlock: toQuantity(progress.current),
    highestBlock: toQuantity(progress.highest),
  };
}
