/** Clients of Ethereum, unchanged, over a real port: they deploy, call, read events and proofs. Each answer's shape is judged. */

import { verifyMerkleProof } from '@ethereumjs/mpt';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lucidAnchors } from '@lucid/chain-contracts';
import { Contract, ContractFactory, JsonRpcProvider, Wallet } from 'ethers';
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  getContract,
  hexToBytes,
  http,
  keccak256,
  parseEventLogs,
  toHex,
  webSocket,
} from 'viem';
import { accountOf, chainId, secretOf, startChain } from './chain-stack.ts';
import { judgeFetch } from './judged-fetch.ts';

/**
 * A slot and more: ethers looks for a receipt at once and then after each block, so where the block came between those two looks it waits
 * for the next one, which is empty and comes with the slot.
 */
const ETHERS_TIMEOUT_MS = 200_000;

let node: Awaited<ReturnType<typeof startChain>>;
const judge = judgeFetch();
beforeAll(async () => {
  node = await startChain();
});
afterAll(async () => {
  await node?.close();
  judge.restore();
});
afterEach(() => expect(judge.faults.splice(0)).toEqual([]));

const viem = () => {
  const chain = defineChain({
    id: chainId,
    name: 'lucid_blocks',
    nativeCurrency: { name: 'Lucid', symbol: 'LUCID', decimals: 18 },
    rpcUrls: { default: { http: [node.url] } },
  });
  return {
    reader: createPublicClient({ chain, transport: http(node.url, { batch: true }), pollingInterval: 50 }),
    wallet: createWalletClient({ account: accountOf(0), chain, transport: http(node.url) }),
  };
};

const session = (name: string) => ({
  sessionId: keccak256(toHex(name)),
  manifestHash: keccak256(toHex(`${name} manifest`)),
  startedAt: 1_700_000_000n,
  owner: accountOf(5).address,
  merkleRoot: keccak256(toHex(`${name} root`)),
  chunkCount: 7,
});
const argumentsOf = (each: ReturnType<typeof session>) =>
  [each.sessionId, each.manifestHash, each.startedAt, each.owner, each.merkleRoot, each.chunkCount] as const;

test('viem deploys, writes, reads an event and what a refusal says', async () => {
  const { reader, wallet } = viem();
  const hash = await wallet.deployContract({ abi: lucidAnchors.abi, bytecode: lucidAnchors.bytecode });
  const { contractAddress } = await reader.waitForTransactionReceipt({ hash });
  if (!contractAddress) throw new Error('there is no contract');
  expect(await reader.getCode({ address: contractAddress })).toBe(lucidAnchors.deployedBytecode);
  const contract = getContract({
    address: contractAddress,
    abi: lucidAnchors.abi,
    client: { public: reader, wallet },
  });
  const one = session('viem');
  const receipt = await reader.waitForTransactionReceipt({
    hash: await contract.write.registerSession(argumentsOf(one)),
  });
  const [event] = parseEventLogs({ abi: lucidAnchors.abi, logs: receipt.logs });
  expect(event).toMatchObject({ eventName: 'SessionRegistered', args: { sessionId: one.sessionId } });
  const found = await contract.getEvents.SessionRegistered({ sessionId: one.sessionId }, { fromBlock: 0n });
  expect(found).toMatchObject([{ transactionHash: receipt.transactionHash, logIndex: 0 }]);
  await expect(contract.simulate.registerSession(argumentsOf(one))).rejects.toThrow(
    'SessionAlreadyRegistered',
  );
  const failed = await wallet.writeContract({
    address: contractAddress,
    abi: lucidAnchors.abi,
    functionName: 'registerSession',
    args: argumentsOf(one),
    gas: 200_000n,
  });
  expect((await reader.waitForTransactionReceipt({ hash: failed })).status).toBe('reverted');
});

test('a proof of an account holds against the state root, judged by another’s code', async () => {
  const { reader } = viem();
  const address = accountOf(0).address;
  const block = await reader.getBlock();
  const proof = await reader.getProof({ address, storageKeys: [], blockNumber: block.number });
  const nodes = proof.accountProof.map((each) => hexToBytes(each));
  const value = await verifyMerkleProof(hexToBytes(keccak256(address)), nodes, {
    useKeyHashing: false,
    root: hexToBytes(block.stateRoot),
  });
  expect(value).not.toBeNull();
  expect(proof.balance).toBe(await reader.getBalance({ address, blockNumber: block.number }));
  expect(proof.nonce).toBe(await reader.getTransactionCount({ address, blockNumber: block.number }));
});

test(
  'ethers deploys, writes, reads an event and what a refusal says',
  async () => {
    const provider = new JsonRpcProvider(node.url, chainId, { pollingInterval: 50 });
    try {
      const wallet = new Wallet(secretOf(1), provider);
      const factory = new ContractFactory(lucidAnchors.abi, lucidAnchors.bytecode, wallet);
      const deployed = await (await factory.deploy()).waitForDeployment();
      const contract = new Contract(await deployed.getAddress(), lucidAnchors.abi, wallet);
      const one = session('ethers');
      const write = contract.getFunction('registerSession');
      const receipt = await (await write(...argumentsOf(one))).wait();
      expect(receipt.status).toBe(1);
      const events = await contract.queryFilter(contract.getEvent('SessionRegistered'), 0);
      expect(events).toHaveLength(1);
      expect(events[0]?.transactionHash).toBe(receipt.hash);
      const refusal = {
        code: 'CALL_EXCEPTION',
        data: expect.stringMatching(new RegExp(`^${lucidAnchors.errors.SessionAlreadyRegistered}`)),
      };
      await expect(write.staticCall(...argumentsOf(one))).rejects.toMatchObject(refusal);
      await expect(write(...argumentsOf(one))).rejects.toMatchObject(refusal);
      const fees = await provider.getFeeData();
      expect(fees.maxFeePerGas).toBeGreaterThanOrEqual(1_000_000_000n);
      const [block, network] = [await provider.getBlock('latest', true), await provider.getNetwork()];
      expect(block?.prefetchedTransactions.length).toBeGreaterThanOrEqual(0);
      expect(network.chainId).toBe(BigInt(chainId));
    } finally {
      provider.destroy();
    }
  },
  ETHERS_TIMEOUT_MS,
);

test('over a WebSocket viem hears of heads, events and what waits', async () => {
  const { wallet } = viem();
  const transport = webSocket(node.url.replace('http', 'ws'));
  const reader = createPublicClient({ transport });
  const heads: bigint[] = [];
  const waiting: string[] = [];
  const stops = [
    reader.watchBlocks({ onBlock: (block) => heads.push(block.number) }),
    reader.watchPendingTransactions({ onTransactions: (hashes) => waiting.push(...hashes) }),
  ];
  try {
    await reader.getChainId();
    const before = await reader.getBlockNumber();
    const hash = await wallet.sendTransaction({ to: accountOf(9).address, value: 1n });
    const { blockNumber } = await reader.waitForTransactionReceipt({ hash, pollingInterval: 50 });
    const deadline = new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (!heads.includes(blockNumber) || !waiting.includes(hash)) return;
        clearInterval(look);
        resolve();
      }, 10);
    });
    await deadline;
    expect(blockNumber).toBeGreaterThan(before);
  } finally {
    for (const stop of stops) stop();
    (await reader.transport.getRpcClient()).close();
  }
});

test('enough answers were judged', () => expect(judge.judged()).toBeGreaterThan(40));
