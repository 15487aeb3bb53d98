/** Gas of the calls that are made most, on the reference EVM. */
import { encodeFunctionData, type Hex, keccak256, toHex } from 'viem';
import {
  addresses,
  lucidAnchors,
  lucidChunkStore,
  predeploys,
} from '../../libs/chain-contracts/src/index.ts';
import { deployGovernance } from '../../libs/chain-contracts/test/kit/governance.ts';
import type { TestChain } from '../../libs/chain-contracts/test/kit/test-chain.ts';
import { createVmChain } from '../../libs/chain-contracts/test/kit/vm-chain.ts';

export interface GasRow {
  readonly what: string;
  readonly gas: bigint;
}

let words = 0;
/** 32 bytes that look like a hash: no zeros to speak of, which would be cheaper. */
const word = (): Hex => keccak256(toHex(++words));

async function anchorRows(chain: TestChain): Promise<GasRow[]> {
  const to = await chain.place(addresses.lucidAnchors, predeploys[addresses.lucidAnchors]!.code);
  const from = chain.accounts[1]!;
  const gas = async (what: string, data: Hex) => ({
    what,
    gas: (await chain.send({ from, to, data })).gasUsed,
  });
  const { abi } = lucidAnchors;
  const session = [word(), word(), 1_790_000_000n, from, word(), 1_200] as const;
  return [
    await gas('registerSession', encodeFunctionData({ abi, functionName: 'registerSession', args: session })),
    await gas(
      'registerSessions (a batch of any size)',
      encodeFunctionData({ abi, functionName: 'registerSessions', args: [word(), 20_000] }),
    ),
    await gas(
      'anchorChunk',
      encodeFunctionData({ abi, functionName: 'anchorChunk', args: [word(), 7, word()] }),
    ),
  ];
}

async function chunkRows(chain: TestChain): Promise<GasRow[]> {
  const to = await chain.place(addresses.lucidChunkStore, predeploys[addresses.lucidChunkStore]!.code);
  const from = chain.accounts[1]!;
  const { abi } = lucidChunkStore;
  const sessionId = word();
  const costs: bigint[] = [];
  for (let index = 0; index < 64; index++) {
    const args = [sessionId, index, word(), 1_048_576] as const;
    const data = encodeFunctionData({ abi, functionName: 'storeChunkMetadata', args });
    costs.push((await chain.send({ from, to, data })).gasUsed);
  }
  const complete = encodeFunctionData({ abi, functionName: 'markSessionComplete', args: [sessionId] });
  return [
    { what: 'storeChunkMetadata, the first of a session', gas: costs[0]! },
    { what: 'storeChunkMetadata, mean of 64', gas: costs.reduce((a, b) => a + b) / 64n },
    { what: 'storeChunkMetadata, dearest of 64', gas: costs.reduce((a, b) => (a > b ? a : b)) },
    { what: 'markSessionComplete', gas: (await chain.send({ from, to, data: complete })).gasUsed },
  ];
}

async function governanceRows(chain: TestChain): Promise<GasRow[]> {
  const governance = await deployGovernance(chain, 4);
  const { governor, founders, nodes, oracle, gas } = governance.parts;
  const rows = Object.entries(gas).map(([name, cost]) => ({ what: `deploy ${name}`, gas: cost }));
  const report = await nodes.send(oracle, 'report', [founders[3]!, 9_000, 5n]);
  const proposal = await governance.propose('parameter_change', 'normal', [governance.set('MAX_PEERS', 60n)]);
  await governance.openVoting(proposal);
  const votes = [];
  for (const from of founders) votes.push(await governor.send(from, 'castVote', [proposal.id, 1]));
  await governance.closeVoting(proposal);
  const queued = await governance.queue(proposal);
  await chain.advanceTo(await governance.eta(proposal));
  const executed = await governance.execute(proposal);
  return [
    ...rows,
    { what: 'LucidNodes.report', gas: report.gasUsed },
    { what: 'proposeAs, one action', gas: proposal.receipt.gasUsed },
    { what: 'castVote', gas: votes.at(-1)!.gasUsed },
    { what: 'queue, one action', gas: queued.gasUsed },
    { what: 'execute, one parameter', gas: executed.gasUsed },
  ];
}

export async function measure(): Promise<GasRow[]> {
  const chain = await createVmChain();
  return [...(await anchorRows(chain)), ...(await chunkRows(chain)), ...(await governanceRows(chain))];
}
