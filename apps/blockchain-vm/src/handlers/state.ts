import type { Hex } from '@lucid/chain-application';
import { bytesToHex } from '@lucid/chain-application';
import { toQuantity } from '@lucid/chain-wire';
import type { blockchainVmContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { VmContext } from '../context.ts';
import { stateAt } from '../domain/requests.ts';
import { onChain } from './problems.ts';

type StateOperation = 'getAccount' | 'getCode' | 'getStorage' | 'getProof';

export const stateHandlers: Pick<Handlers<typeof blockchainVmContract, VmContext>, StateOperation> = {
  getAccount: ({ params, query }, _call, context) =>
    onChain(context, async (chain) => {
      const account = await chain.account(params.address as Hex, stateAt(query.block));
      return {
        balance: toQuantity(account.balance),
        nonce: toQuantity(account.nonce),
        codeHash: account.codeHash,
        storageHash: account.storageRoot,
      };
    }),
  getCode: ({ params, query }, _call, context) =>
    onChain(context, async (chain) => ({
      code: bytesToHex(await chain.code(params.address as Hex, stateAt(query.block))),
    })),
  getStorage: ({ params, query }, _call, context) =>
    onChain(context, async (chain) => ({
      value: await chain.storage(params.address as Hex, BigInt(query.slot), stateAt(query.block)),
    })),
  getProof: ({ params, body }, _call, context) =>
    onChain(context, async (chain) => {
      const proof = await chain.proof(params.address as Hex, body.slots.map(BigInt), stateAt(body.block));
      return {
        address: proof.address,
        balance: toQuantity(proof.balance),
        nonce: toQuantity(proof.nonce),
        codeHash: proof.codeHash,
        storageHash: proof.storageRoot,
        accountProof: [...proof.accountProof],
        storageProof: proof.storageProof.map(({ slot, value, proof: nodes }) => ({
          key: toQuantity(slot),
          value: toQuantity(value),
          proof: [...nodes],
        })),
      };
    }),
};
