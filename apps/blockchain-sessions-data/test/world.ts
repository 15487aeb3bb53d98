/** The service over a real chain: ledger, vm and node in folders, with an account that pays. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { nodeGenesis } from '@lucid/chain-application';
import { addresses, lucidAnchors, lucidChunkStore } from '@lucid/chain-contracts';
import { formatSignerKey, formatVerifierKey } from '@lucid/checkpoint';
import { blockchainLedgerContract, blockchainSessionsDataContract } from '@lucid/contracts';
import { ed25519GenerateKey, ed25519PublicKey } from '@lucid/crypto';
import { createMemoryDocumentStore, type DocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { onSystemChain } from '@lucid/on-system-chain';
import type { AnyServiceDefinition } from '@lucid/service-kit';
import { startTestStack, type TestStack } from '@lucid/service-kit/testing';
import { ownerAddress, type Registration } from '@lucid/session-format';
import { encodeFunctionData, type Hex } from 'viem';
import {
  accountOf,
  chainId,
  eventually,
  gwei,
  rpcOf,
  secretOf,
} from '../../on-system-chain/test/chain-stack.ts';
import { blockchainSessionsData } from '../src/index.ts';

export const owner = 'age1owner';
const secretKey = ed25519GenerateKey().secretKey;
const name = 'lucid.invalid/ledger';
export const ledgerSigner = formatSignerKey({ name, secretKey });
export const ledgerKey = formatVerifierKey({ name, publicKey: ed25519PublicKey(secretKey) });

/** A session whose values all differ from those of another number. */
export const sessionOf = (number: number): Registration => ({
  sessionId: number.toString(16).padStart(64, 'a'),
  manifestHash: number.toString(16).padStart(64, 'b'),
  startedAt: 1_700_000_000 + number,
  owner: ownerAddress(owner),
  merkleRoot: number.toString(16).padStart(64, 'c'),
  chunkCount: number + 1,
});

export const fieldsOf = ({ manifestHash, startedAt, merkleRoot, chunkCount }: Registration) => ({
  ...{ manifestHash, startedAt, merkleRoot, chunkCount },
  owner,
});

const hex = (digits: string): Hex => `0x${digits}`;
const anchors = { abi: lucidAnchors.abi };
const store = { abi: lucidChunkStore.abi };

/** Calls of the contracts, encoded by another's code. */
export const callOf = {
  registerSession: (each: Registration) => ({
    to: addresses.lucidAnchors,
    data: encodeFunctionData({
      ...anchors,
      functionName: 'registerSession',
      args: [
        hex(each.sessionId),
        hex(each.manifestHash),
        BigInt(each.startedAt),
        hex(each.owner),
        hex(each.merkleRoot),
        each.chunkCount,
      ],
    }),
  }),
  registerSessions: (root: string, count: number) => ({
    to: addresses.lucidAnchors,
    data: encodeFunctionData({ ...anchors, functionName: 'registerSessions', args: [hex(root), count] }),
  }),
  anchorChunk: (sessionId: string, index: number, hash: string) => ({
    to: addresses.lucidAnchors,
    data: encodeFunctionData({
      ...anchors,
      functionName: 'anchorChunk',
      args: [hex(sessionId), index, hex(hash)],
    }),
  }),
  storeChunk: (sessionId: string, index: number, hash: string, sizeBytes: number) => ({
    to: addresses.lucidChunkStore,
    data: encodeFunctionData({
      ...store,
      functionName: 'storeChunkMetadata',
      args: [hex(sessionId), index, hex(hash), sizeBytes],
    }),
  }),
  updateTotal: (sessionId: string, total: number) => ({
    to: addresses.lucidChunkStore,
    data: encodeFunctionData({
      ...store,
      functionName: 'updateSessionTotalChunks',
      args: [hex(sessionId), total],
    }),
  }),
  updateStatus: (sessionId: string, index: number, status: number) => ({
    to: addresses.lucidChunkStore,
    data: encodeFunctionData({
      ...store,
      functionName: 'updateChunkStatus',
      args: [hex(sessionId), index, status],
    }),
  }),
  complete: (sessionId: string) => ({
    to: addresses.lucidChunkStore,
    data: encodeFunctionData({ ...store, functionName: 'markSessionComplete', args: [hex(sessionId)] }),
  }),
};
export type ContractCall = ReturnType<(typeof callOf)[keyof typeof callOf]>;

export const genesisOf = (timestampSec = 1_700_000_000): string =>
  nodeGenesis({
    account: accountOf(0).address.toLowerCase() as Hex,
    // Pays for what `on-system-chain-client` sends.
    helpers: [accountOf(1).address.toLowerCase() as Hex],
    timestampSec,
  });

export const environmentOf = (folder: string): Record<string, string> => ({
  LEDGER_DATA_DIR: join(folder, 'ledger'),
  LEDGER_SIGNING_KEY: ledgerSigner,
  VM_DATA_DIR: join(folder, 'vm'),
  VM_GENESIS_FILE: join(folder, 'genesis.json'),
  CHAIN_DATA_DIR: join(folder, 'chain'),
  LUCID_LEDGER_VERIFIER_KEY: ledgerKey,
  CHAIN_ACCOUNT_KEY: secretOf(1),
  SESSIONS_DATA_POLL_MS: '50',
  SESSIONS_DATA_IDLE_MS: '200',
});

type Rpc = ReturnType<typeof rpcOf>;

/** Sends the calls with the account's next nonces and gives their hashes when blocks hold all of them. */
export async function sendAll(rpc: Rpc, calls: readonly ContractCall[]): Promise<string[]> {
  const account = accountOf(0);
  const { result } = await rpc('eth_getTransactionCount', account.address, 'pending');
  const first = Number(result);
  const hashes: string[] = [];
  for (const [at, { to, data }] of calls.entries()) {
    const signed = await account.signTransaction({
      ...{ type: 'eip1559', chainId, nonce: first + at, to, data, gas: 300_000n },
      ...{ maxFeePerGas: 1_000n * gwei, maxPriorityFeePerGas: gwei },
    });
    const answer = await rpc('eth_sendRawTransaction', signed);
    if (answer.error) throw new Error(answer.error.message);
    hashes.push(answer.result as string);
  }
  for (const hash of hashes) {
    const receipt = await eventually(
      async () => (await rpc('eth_getTransactionReceipt', hash)).result as { status: string } | null,
    );
    if (receipt.status !== '0x1') throw new Error(`the transaction ${hash} failed`);
  }
  return hashes;
}

const allServices = [blockchainLedger, blockchainVm, onSystemChain, blockchainSessionsData];

/** The chain and the service, in a folder and documents that outlive them. */
export class World {
  readonly folder: string;
  readonly documents: MemoryDocuments = new Map();
  /** Of the services, besides. */
  environment: Readonly<Record<string, string>> = {};
  stack!: TestStack;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async start(definitions?: readonly AnyServiceDefinition[]): Promise<World> {
    const world = new World(await mkdtemp(join(tmpdir(), 'sessions-data-')));
    await writeFile(join(world.folder, 'genesis.json'), genesisOf());
    await world.open(undefined, definitions);
    return world;
  }

  /** Without the chain's services where `definitions` says so. */
  async open(
    wrap: (store: DocumentStore) => DocumentStore = (each) => each,
    definitions: readonly AnyServiceDefinition[] = allServices,
  ): Promise<void> {
    const documents = wrap(createMemoryDocumentStore(this.documents, () => Date.now()));
    this.stack = await startTestStack({
      transport: 'tcp',
      definitions,
      environment: { ...environmentOf(this.folder), ...this.environment },
      adapters: {
        'blockchain-sessions-data': { documents },
        'on-system-chain-client': { documents: createMemoryDocumentStore() },
      },
    });
    const url = this.stack.targetOf('on-system-chain')?.origin;
    if (url) await eventually(async () => (await fetch(`${url}/ready`)).ok);
  }

  get rpc(): Rpc {
    return rpcOf(this.stack.targetOf('on-system-chain')?.origin ?? '');
  }

  get client() {
    return this.stack.clientOf(blockchainSessionsDataContract, { retry: false, breaker: false });
  }

  get ledger() {
    return this.stack.clientOf(blockchainLedgerContract);
  }

  send(...calls: readonly ContractCall[]): Promise<string[]> {
    return sendAll(this.rpc, calls);
  }

  /** Until the index has the newest block. */
  async indexed() {
    return eventually(async () => {
      const status = await this.client.getStatus();
      return status.state === 'following' && status.lag === 0 && status;
    });
  }

  async close(): Promise<void> {
    await this.stack.close();
  }

  async dispose(): Promise<void> {
    await this.stack.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The code that it is refused with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
}
