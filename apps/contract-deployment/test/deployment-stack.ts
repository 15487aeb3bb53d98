/** The service with the chain and the compiler as they are, over folders and documents that outlive them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { nodeGenesis } from '@lucid/chain-application';
import { createChainClient, createDocumentOutbox, type Hex, outboxCollection } from '@lucid/chain-client';
import { formatSignerKey } from '@lucid/checkpoint';
import { contractCompiler } from '@lucid/contract-compiler';
import {
  contractCompilerContract,
  contractDeploymentContract,
  type InputOf,
  onSystemChainContract,
} from '@lucid/contracts';
import { ed25519GenerateKey } from '@lucid/crypto';
import { createMemoryDocumentStore, type DocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { onSystemChain } from '@lucid/on-system-chain';
import { type AnyServiceDefinition, createServiceKeys } from '@lucid/service-kit';
import { eventually, problemOf, startTestStack } from '@lucid/service-kit/testing';
import { privateKeyToAccount } from 'viem/accounts';
import { contractDeployment } from '../src/index.ts';

export const deployerKey = `${'0'.repeat(61)}d01`;
export const poorKey = `${'0'.repeat(61)}d02`;
const strangerKey = `${'0'.repeat(61)}d03`;
export const addressOf = (secretKey: string): Hex =>
  privateKeyToAccount(`0x${secretKey}`).address.toLowerCase() as Hex;
const ledgerKey = formatSignerKey({
  name: 'lucid.invalid/ledger',
  secretKey: ed25519GenerateKey().secretKey,
});

const keys = createServiceKeys([
  ...['blockchain-ledger', 'blockchain-vm', 'on-system-chain', 'contract-compiler', 'contract-deployment'],
  ...['deployment-orchestrator', 'operator', 'api-server'],
]);

export interface World {
  readonly folder: string;
  readonly documents: MemoryDocuments;
  readonly compiled: MemoryDocuments;
}

/** A folder with a genesis that pays two accounts: the deployer's and a stranger's. */
export async function createWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'lucid-deployment-'));
  const genesis = JSON.parse(nodeGenesis({ account: addressOf(deployerKey), timestampSec: 1_700_000_000 }));
  genesis.alloc[addressOf(strangerKey)] = { balance: `0x${(10n ** 24n).toString(16)}` };
  await writeFile(join(folder, 'genesis.json'), JSON.stringify(genesis));
  return { folder, documents: new Map(), compiled: new Map() };
}

export const removeWorld = ({ folder }: World) => rm(folder, { recursive: true, force: true });

export interface StackOptions {
  readonly environment?: Record<string, string>;
  readonly wrap?: (store: DocumentStore) => DocumentStore;
  /** Script of the compiler's worker; without it there is no compiler. */
  readonly workerUrl?: URL;
  /** False: the ledger, vm and node are not there. */
  readonly hasChain?: boolean;
  readonly more?: readonly AnyServiceDefinition[];
  readonly adapters?: Record<string, Record<string, unknown>>;
}

const realClock = {
  nowMs: Date.now,
  sleep: (delayMs: number) => new Promise<void>((done) => setTimeout(done, delayMs)),
};

export async function startDeployment({ folder, documents, compiled }: World, options: StackOptions = {}) {
  const { wrap = (store) => store, hasChain = true, workerUrl, more = [] } = options;
  const chainServices = hasChain ? [blockchainLedger, blockchainVm, onSystemChain] : [];
  const stack = await startTestStack({
    transport: 'local',
    definitions: [...chainServices, ...(workerUrl ? [contractCompiler] : []), contractDeployment, ...more],
    environment: {
      LEDGER_DATA_DIR: join(folder, 'ledger'),
      LEDGER_SIGNING_KEY: ledgerKey,
      VM_DATA_DIR: join(folder, 'vm'),
      VM_GENESIS_FILE: join(folder, 'genesis.json'),
      CHAIN_DATA_DIR: join(folder, 'chain'),
      CHAIN_ACCOUNT_KEY: deployerKey,
      DEPLOYMENT_POLL_MS: '20',
      ...options.environment,
    },
    adapters: {
      'contract-deployment': { documents: wrap(createMemoryDocumentStore(documents)) },
      'contract-compiler': { documents: createMemoryDocumentStore(compiled), workerUrl },
      ...options.adapters,
    },
    keys,
  });
  const chain = stack.clientOf(onSystemChainContract);
  const deployment = stack.clientOf(contractDeploymentContract, { retry: false });
  const rpc = async (method: string, ...params: unknown[]) =>
    (await chain.rpc({ body: { jsonrpc: '2.0', id: 1, method, params } })) as {
      readonly result?: never;
      readonly error?: { readonly message: string };
    };
  const outboxStore = createMemoryDocumentStore();
  return {
    stack,
    chain,
    rpc,
    deployment,
    compiler: stack.clientOf(contractCompilerContract),
    /** An account of somebody else, or with a key of one's own choice. */
    stranger: async (secretKey = strangerKey) =>
      createChainClient(
        { chainId: 1337, secretKey, confirmations: 1, pollMs: 20 },
        {
          call: (request) => chain.rpc({ body: request }),
          outbox: createDocumentOutbox(await outboxStore.collection(outboxCollection)),
          clock: realClock,
        },
      ),
    /** Waits until a deployment is over. */
    ended: (deploymentId: string) =>
      eventually(async () => {
        const found = await deployment.getDeployment({ params: { deploymentId } });
        return ['confirmed', 'failed'].includes(found.status) && found;
      }),
    transactionEnded: (transactionId: string) =>
      eventually(async () => {
        const found = await deployment.getTransaction({ params: { transactionId } });
        return ['confirmed', 'failed'].includes(found.status) && found;
      }),
    put: (
      deploymentId: string,
      body: InputOf<(typeof contractDeploymentContract)['operations']['putDeployment']>['body'],
    ) => deployment.putDeployment({ params: { deploymentId }, body }),
  };
}

export type DeploymentStack = Awaited<ReturnType<typeof startDeployment>>;

export { eventually, problemOf };

/** Waits until the chain answers. */
export const chainIsUp = ({ deployment }: Pick<DeploymentStack, 'deployment'>) =>
  eventually(() => deployment.getAccount({}).catch(() => null));
