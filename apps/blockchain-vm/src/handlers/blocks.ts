/** ABCI over the contract: CheckTx, FinalizeBlock, Commit. */
import { bytesToHex, type ChainApplication, type ExecutedBlock, hexToBytes } from '@lucid/chain-application';
import { decodeProposal, decodeTransactions, encodeExecutedBlock, toQuantity } from '@lucid/chain-wire';
import type { blockchainVmContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { VmContext } from '../context.ts';
import type { Senders } from '../domain/sender-recovery.ts';
import { onChain, problem } from './problems.ts';

type BlockOperation =
  | 'getStatus'
  | 'getForks'
  | 'getGenesis'
  | 'checkTransactions'
  | 'finalizeBlock'
  | 'importBlock'
  | 'commitBlock';

const wireOf = ({ blockRlp, results, leftOut }: ExecutedBlock): Uint8Array =>
  encodeExecutedBlock({
    block: blockRlp,
    receipts: results.map(({ receiptRlp }) => receiptRlp),
    senders: results.map(({ sender }) => hexToBytes(sender)),
    leftOut: leftOut.map(({ hash, refusal }) => ({ hash: hexToBytes(hash), reason: refusal.message })),
  });

const headOf = ({ height, blockHash, stateRoot }: ExecutedBlock | ReturnType<ChainApplication['info']>) => ({
  height,
  blockHash,
  stateRoot,
});

/** The caller decides anew after a crash of its own: what was executed before and never committed is forgotten. */
async function expectNext(chain: ChainApplication, height: number): Promise<void> {
  const { height: committed } = chain.info();
  if (height !== committed + 1)
    throw problem('block_out_of_order', {
      detail: `Block ${height} cannot be executed: the committed one is ${committed}.`,
    });
  await chain.abandon();
}

async function checkAll(chain: ChainApplication, transactions: readonly Uint8Array[], senders: Senders) {
  const results = await Promise.all(
    transactions.map((raw, index) => {
      const sender = senders[index];
      return chain.checkTransaction(raw, sender === undefined ? {} : { sender });
    }),
  );
  return results.map((result) =>
    result.ok
      ? {
          ok: true as const,
          hash: result.hash,
          sender: result.sender,
          nonce: toQuantity(result.nonce),
          gasLimit: toQuantity(result.gasLimit),
          maxFeePerGas: toQuantity(result.maxFeePerGas),
          maxPriorityFeePerGas: toQuantity(result.maxPriorityFeePerGas),
          cost: toQuantity(result.cost),
          accountNonce: toQuantity(result.accountNonce),
          balance: toQuantity(result.balance),
        }
      : { ok: false as const, code: result.code, message: result.message },
  );
}

export const blockHandlers: Pick<Handlers<typeof blockchainVmContract, VmContext>, BlockOperation> = {
  getStatus: (_input, _call, context) =>
    onChain(context, (chain) => {
      const info = chain.info();
      const { chainId, pending } = info;
      return {
        ...headOf(info),
        chainId,
        minGasPrice: toQuantity(info.minGasPriceWei),
        pending: pending && {
          height: pending.height,
          blockHash: pending.blockHash,
          stateRoot: pending.stateRoot,
        },
      };
    }),
  getForks: (_input, _call, context) => onChain(context, (chain) => chain.forks()),
  getGenesis: (_input, _call, context) =>
    onChain(context, async (chain) => wireOf(await chain.genesisBlock())),
  checkTransactions: ({ body }, _call, context) =>
    onChain(context, async (chain) => {
      const transactions = decodeTransactions(body);
      const senders = await context.recovery.recover(body, transactions.length);
      return { results: await checkAll(chain, transactions, senders) };
    }),
  finalizeBlock: ({ params, body }, _call, context) =>
    onChain(context, async (chain) => {
      const { proposer, ...proposal } = decodeProposal(body);
      await expectNext(chain, params.height);
      return wireOf(
        await chain.finalizeBlock({ height: params.height, proposer: bytesToHex(proposer), ...proposal }),
      );
    }),
  importBlock: ({ params, body }, _call, context) =>
    onChain(context, async (chain) => {
      await expectNext(chain, params.height);
      return wireOf(await chain.importBlock(body));
    }),
  commitBlock: ({ params, body }, _call, context) =>
    onChain(context, async (chain) => {
      const info = chain.info();
      // An answer that was lost: it is committed already.
      if (info.height === params.height && info.blockHash === body.blockHash) return headOf(info);
      const { height, blockHash, stateRoot } = await chain.commit(body.blockHash as `0x${string}`);
      return { height, blockHash, stateRoot };
    }),
};
