/** A block of a chain as @ethereumjs/vm makes it, with the real contract of anchors in it. Same calls, same bytes. */
import { type Block, createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createMerkleProof, createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { createFeeMarket1559Tx, createLegacyTx, type TypedTransaction } from '@ethereumjs/tx';
import { Account, createAddressFromString, hexToBytes, intToBytes } from '@ethereumjs/util';
import { buildBlock, createVM, encodeReceipt, type VM } from '@ethereumjs/vm';
import { addresses, lucidAnchors } from '@lucid/chain-contracts';
import { encodeFunctionData } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';

type Hex = `0x${string}`;

export interface ChainCall {
  readonly data: Hex;
  readonly to?: Hex;
  /** Signed without a chain id, as before EIP-155. */
  readonly unprotected?: boolean;
}

export interface ChainBlock {
  readonly headerRlp: Uint8Array;
  readonly transactions: readonly Uint8Array[];
  readonly receipts: readonly Uint8Array[];
}

export const CHAIN_ID = 1337;
/** The same code at another address: a contract that says the same, but is not the one. */
export const IMPOSTOR: Hex = '0x000000000000000000000000000000000badc0de';
const BLOCK_NUMBER = 42;
const BLOCK_TIME_SEC = 1_763_683_290;
const SENDER_KEY: Hex = `0x${'5e'.repeat(32)}`;
const GAS_LIMIT = 60_000_000n;
const GWEI = 10n ** 9n;

/** Arguments as the contract's ABI has them. */
export const registerSession = (
  ...args: readonly [
    sessionId: Hex,
    manifestHash: Hex,
    startedAt: bigint,
    owner: Hex,
    merkleRoot: Hex,
    chunkCount: number,
  ]
): ChainCall => ({
  data: encodeFunctionData({ abi: lucidAnchors.abi, functionName: 'registerSession', args }),
});

export const registerSessions = (root: Hex, count: number): ChainCall => ({
  data: encodeFunctionData({ abi: lucidAnchors.abi, functionName: 'registerSessions', args: [root, count] }),
});

async function openVm(): Promise<VM> {
  const common = new Common({ chain: { ...Mainnet, chainId: CHAIN_ID }, hardfork: Hardfork.Cancun });
  const vm = await createVM({ common });
  const code = hexToBytes(lucidAnchors.deployedBytecode);
  for (const address of [addresses.lucidAnchors, IMPOSTOR])
    await vm.stateManager.putCode(createAddressFromString(address), code);
  const sender = createAddressFromString(privateKeyToAddress(SENDER_KEY));
  await vm.stateManager.putAccount(sender, new Account(0n, 10n ** 24n));
  return vm;
}

/** Every third one is of the old type. */
function sign(
  { data, to = addresses.lucidAnchors, unprotected }: ChainCall,
  nonce: number,
  common: Common,
): TypedTransaction {
  const given = { nonce, to, data, gasLimit: 200_000n };
  const key = hexToBytes(SENDER_KEY);
  if (unprotected) {
    const old = new Common({ chain: { ...Mainnet, chainId: CHAIN_ID }, hardfork: Hardfork.Homestead });
    const signed = createLegacyTx({ ...given, gasPrice: 2n * GWEI }, { common: old }).sign(key);
    return createLegacyTx(
      { ...given, gasPrice: 2n * GWEI, v: signed.v, r: signed.r, s: signed.s },
      { common },
    );
  }
  if (nonce % 3 === 2) return createLegacyTx({ ...given, gasPrice: 2n * GWEI }, { common }).sign(key);
  const fees = { maxFeePerGas: 2n * GWEI, maxPriorityFeePerGas: GWEI, chainId: CHAIN_ID };
  return createFeeMarket1559Tx({ ...given, ...fees }, { common }).sign(key);
}

function parentOf(common: Common): Block {
  const header = {
    number: BLOCK_NUMBER - 1,
    timestamp: BLOCK_TIME_SEC - 1,
    gasLimit: GAS_LIMIT,
    baseFeePerGas: GWEI,
  };
  return createBlock({ header }, { common });
}

export async function buildChainBlock(calls: readonly ChainCall[]): Promise<ChainBlock> {
  const vm = await openVm();
  const { common } = vm;
  const parentBlock = parentOf(common);
  const headerData = {
    number: BLOCK_NUMBER,
    timestamp: BLOCK_TIME_SEC,
    gasLimit: GAS_LIMIT,
    baseFeePerGas: parentBlock.header.calcNextBaseFee(),
    extraData: new TextEncoder().encode('lucid'),
  };
  const builder = await buildBlock(vm, {
    parentBlock,
    headerData,
    blockOpts: { putBlockIntoBlockchain: false },
  });
  const signed = calls.map((call, nonce) => sign(call, nonce, common));
  for (const transaction of signed) await builder.addTransaction(transaction);
  const receipts = builder.transactionReceipts.map((receipt, at) => encodeReceipt(receipt, signed[at]!.type));
  const { block } = await builder.build();
  return {
    headerRlp: block.header.serialize(),
    transactions: signed.map((transaction) => transaction.serialize()),
    receipts,
  };
}

const keyOf = (index: number): Uint8Array => RLP.encode(index === 0 ? new Uint8Array() : intToBytes(index));

async function trieOf(values: readonly Uint8Array[]): Promise<MerklePatriciaTrie> {
  const trie = await createMPT();
  for (const [index, value] of values.entries()) await trie.put(keyOf(index), value);
  return trie;
}

/** The proof of a block's transaction or receipt, or that it has none at `index`. */
export const trieNodes = async (values: readonly Uint8Array[], index: number): Promise<Uint8Array[]> =>
  createMerkleProof(await trieOf(values), keyOf(index));
