/** Accounts, code, storage and proofs. */
import { toQuantity } from '@lucid/chain-wire';
import { type Methods, method } from '../method.ts';
import { type RpcNode, stateAt } from '../node.ts';
import {
  address,
  block,
  optional,
  parameter,
  readAddress,
  readArray,
  readObject,
  readSlot,
  readText,
  slot,
} from '../parameters.ts';
import { ParameterError } from '../rpc-error.ts';

const mostSlots = 1024;

interface AskedSlot {
  readonly slot: bigint;
  /** As the answer names it: 32 bytes where the question did, else a quantity (geth). */
  readonly name: string;
}

const proofSlots = parameter((value): AskedSlot[] =>
  readArray(value, mostSlots).map((each) => {
    const slot = readSlot(each);
    const isWhole = /^(?:0[xX])?[0-9a-fA-F]{64}$/.test(readText(each));
    return { slot, name: isWhole ? `0x${slot.toString(16).padStart(64, '0')}` : toQuantity(slot) };
  }),
);

const slotsByAddress = parameter((value): [string, bigint[]][] => {
  const entries = Object.entries(readObject(value));
  if (entries.length === 0) throw new ParameterError('empty request');
  const slots = entries.map(([key, each]): [string, bigint[]] => [
    readAddress(key),
    readArray(each, mostSlots).map(readSlot),
  ]);
  if (slots.reduce((sum, [, each]) => sum + each.length, 0) > mostSlots)
    throw new ParameterError(`too many slots (max ${mostSlots})`);
  return slots;
});

export function stateMethods(node: RpcNode): Methods {
  const { vm, pool } = node;
  const storageAt = async (address: string, slot: bigint, at: { block?: number }) =>
    (await vm.getStorage({ params: { address }, query: { slot: toQuantity(slot), ...at } })).value;
  return {
    eth_getBalance: method([address, optional(block)], async ([account, id]) => {
      const query = await stateAt(node, id);
      return (await vm.getAccount({ params: { address: account }, query })).balance;
    }),
    eth_getTransactionCount: method([address, optional(block)], async ([account, id]) => {
      const query = await stateAt(node, id);
      const { nonce } = await vm.getAccount({ params: { address: account }, query });
      const next = id === 'pending' ? pool.nextNonce(account) : undefined;
      return next !== undefined && next > Number(nonce) ? toQuantity(next) : nonce;
    }),
    eth_getCode: method([address, optional(block)], async ([account, id]) => {
      const query = await stateAt(node, id);
      return (await vm.getCode({ params: { address: account }, query })).code;
    }),
    eth_getStorageAt: method([address, slot, optional(block)], async ([account, key, id]) =>
      storageAt(account, key, await stateAt(node, id)),
    ),
    eth_getStorageValues: method([slotsByAddress, optional(block)], async ([asked, id]) => {
      const at = await stateAt(node, id);
      const values = asked.map(async ([account, keys]) => [
        account,
        await Promise.all(keys.map((key) => storageAt(account, key, at))),
      ]);
      return Object.fromEntries(await Promise.all(values));
    }),
    eth_getProof: method([address, proofSlots, optional(block)], async ([account, asked, id]) => {
      const body = { slots: asked.map(({ slot }) => toQuantity(slot)), ...(await stateAt(node, id)) };
      const proof = await vm.getProof({ params: { address: account }, body });
      return {
        ...proof,
        storageProof: proof.storageProof.map((each, at) => ({ ...each, key: asked[at]?.name ?? each.key })),
      };
    }),
  };
}
