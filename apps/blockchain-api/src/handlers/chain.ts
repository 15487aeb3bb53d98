import { bytesToHex } from '@lucid/bytes';
import { addresses } from '@lucid/chain-contracts';
import { toQuantity } from '@lucid/chain-wire';
import type { blockchainApiContract } from '@lucid/contracts';
import { blockHash } from '@lucid/eth-proof';
import type { Call, Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { RpcRefusal } from '../domain/chain-rpc.ts';
import { toCount, toTime, toWei } from '../domain/readable.ts';
import { asking, problem } from '../problem.ts';

type ChainOperation =
  | 'getInfo'
  | 'getStatus'
  | 'getHeight'
  | 'getNetwork'
  | 'getBalance'
  | 'getConsensusStatus';

const statusOf = (call: Call, { chain }: Context) => asking(chain.getStatus({}, { call }));

const pointOf = ({ height, blockHash, timestampSec }: Awaited<ReturnType<typeof statusOf>>) => ({
  ...{ height, blockHash },
  time: toTime(timestampSec),
});

export const chainHandlers: Pick<Handlers<typeof blockchainApiContract, Context>, ChainOperation> = {
  getInfo: async (_input, call, context) => {
    const [status, head, genesis] = await Promise.all([
      statusOf(call, context),
      asking(context.ledger.getChainHead({}, { call })),
      asking(context.ledger.getHeader({ params: { height: 0 } }, { call })),
    ]);
    return {
      ...pointOf(status),
      network: status.network,
      chainId: status.chainId,
      genesisHash: `0x${bytesToHex(blockHash(genesis))}`,
      transactions: head.transactions,
      oldestBlock: head.oldestBody,
      contracts: addresses,
    };
  },
  getStatus: async (_input, call, context) => {
    const status = await statusOf(call, context);
    const { pendingTransactions, queuedTransactions, producer } = status;
    return { ...pointOf(status), pendingTransactions, queuedTransactions, producer };
  },
  getHeight: async (_input, call, context) => pointOf(await statusOf(call, context)),
  getNetwork: async (_input, call, context) => {
    const { network, chainId } = await statusOf(call, context);
    const methods = ['net_peerCount', 'eth_baseFee', 'eth_gasPrice'];
    const answers = await context.rpc.askAll(
      call,
      methods.map((method) => ({ method, params: [] })),
    );
    const [peers = '0x0', baseFee = '0x0', gasPrice = '0x0'] = answers as string[];
    return {
      ...{ name: network, chainId, peers: toCount(peers) },
      ...{ baseFeeWei: toWei(baseFee), gasPriceWei: toWei(gasPrice) },
    };
  },
  getBalance: async ({ params: { address }, query }, call, context) => {
    const height = query.height ?? (await statusOf(call, context)).height;
    const at = [address, toQuantity(height)];
    const [balance, nonce] = await context.rpc.askAll(call, [
      { method: 'eth_getBalance', params: at },
      { method: 'eth_getTransactionCount', params: at },
    ]);
    if (balance instanceof RpcRefusal || nonce instanceof RpcRefusal) throw problem('state_unknown');
    return {
      ...{ address, height, balanceWei: toWei(balance as string) },
      nonce: toCount(nonce as string),
    };
  },
  getConsensusStatus: async (_input, call, context) => {
    const [{ producer, height }, { mode }] = await Promise.all([
      statusOf(call, context),
      asking(context.chain.getProducers({}, { call })),
    ]);
    return mode === 'single'
      ? { mechanism: 'single-producer', producer, height, confirmationsToFinal: 0 }
      : { mechanism: 'leader-schedule', producer, height, confirmationsToFinal: null };
  },
};
