/** The chain as it is (vm, ledger, node) with the client before it, over folders and documents that outlive them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { bytesToHex, hexToBytes } from '@lucid/bytes';
import { nodeGenesis } from '@lucid/chain-application';
import { createChainClient } from '@lucid/chain-client';
import { formatSignerKey, formatVerifierKey } from '@lucid/checkpoint';
import {
  blockchainLedgerContract,
  onSystemChainClientContract,
  onSystemChainContract,
} from '@lucid/contracts';
import { ed25519GenerateKey, randomBytes } from '@lucid/crypto';
import { createMemoryDocumentStore, type DocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { onSystemChain } from '@lucid/on-system-chain';
import { createServiceKeys } from '@lucid/service-kit';
import { eventually, startTestStack } from '@lucid/service-kit/testing';
import { onSystemChainClient } from '../src/index.ts';
import { memoryOutbox } from './memory-outbox.ts';

export const accountKey = `${'0'.repeat(62)}4c`;
export const poorKey = `${'0'.repeat(62)}4d`;
const strangerKey = `${'0'.repeat(62)}4e`;
const ledgerPair = ed25519GenerateKey();
const name = 'lucid.invalid/ledger';
export const ledgerKey = formatVerifierKey({ name, publicKey: ledgerPair.publicKey });

const noCall = async () => {
  throw new Error('not asked');
};
const addressOf = (secretKey: string) =>
  createChainClient(
    { chainId: 1337, secretKey },
    { call: noCall, outbox: memoryOutbox(), clock: { nowMs: () => 0, sleep: async () => {} } },
  ).address;

const keys = createServiceKeys([
  ...['blockchain-ledger', 'blockchain-vm', 'on-system-chain'],
  ...['on-system-chain-client', 'session-orchestrator', 'operator'],
]);

export interface ChainWorld {
  readonly folder: string;
  readonly documents: MemoryDocuments;
}

/** A folder with a genesis that pays two accounts: the client's and a stranger's. */
export async function createWorld(): Promise<ChainWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'lucid-anchors-'));
  const genesis = JSON.parse(nodeGenesis({ account: addressOf(accountKey), timestampSec: 1_700_000_000 }));
  genesis.alloc[addressOf(strangerKey)] = { balance: `0x${(10n ** 24n).toString(16)}` };
  await writeFile(join(folder, 'genesis.json'), JSON.stringify(genesis));
  return { folder, documents: new Map() };
}

export const removeWorld = ({ folder }: ChainWorld) => rm(folder, { recursive: true, force: true });

export interface ChainStackOptions {
  readonly environment?: Record<string, string>;
  readonly wrap?: (store: DocumentStore) => DocumentStore;
  /** False: the ledger, vm and node are not there. */
  readonly hasChain?: boolean;
}

export async function startChainClient({ folder, documents }: ChainWorld, options: ChainStackOptions = {}) {
  const { wrap = (store) => store, hasChain = true } = options;
  const chainServices = [blockchainLedger, blockchainVm, onSystemChain];
  const stack = await startTestStack({
    transport: 'local',
    definitions: [...(hasChain ? chainServices : []), onSystemChainClient],
    environment: {
      LEDGER_DATA_DIR: join(folder, 'ledger'),
      LEDGER_SIGNING_KEY: formatSignerKey({ name, secretKey: ledgerPair.secretKey }),
      VM_DATA_DIR: join(folder, 'vm'),
      VM_GENESIS_FILE: join(folder, 'genesis.json'),
      CHAIN_DATA_DIR: join(folder, 'chain'),
      LUCID_LEDGER_VERIFIER_KEY: ledgerKey,
      CHAIN_ACCOUNT_KEY: accountKey,
      CHAIN_CLIENT_RETRY_BASE_MS: '20',
      CHAIN_CLIENT_RETRY_CAP_MS: '500',
      ...options.environment,
    },
    adapters: { 'on-system-chain-client': { documents: wrap(createMemoryDocumentStore(documents)) } },
    keys,
  });
  const chain = stack.clientOf(onSystemChainContract);
  return {
    stack,
    chain,
    ledger: stack.clientOf(blockchainLedgerContract),
    anchors: stack.clientOf(onSystemChainClientContract, { as: 'session-orchestrator' }),
    /** An account of somebody else. */
    stranger: createChainClient(
      { chainId: 1337, secretKey: strangerKey, confirmations: 1, pollMs: 20 },
      {
        call: (request) => chain.rpc({ body: request }),
        outbox: memoryOutbox(),
        clock: { nowMs: Date.now, sleep: (delayMs) => new Promise((done) => setTimeout(done, delayMs)) },
      },
    ),
  };
}

export type ChainStack = Awaited<ReturnType<typeof startChainClient>>;

export const sessionBody = (sessionId = bytesToHex(randomBytes(32))) => ({
  sessionId,
  manifestHash: bytesToHex(hexToBytes(sessionId).reverse()),
  startedAt: 1_700_000_000,
  owner: 'age1owner',
  merkleRoot: '22'.repeat(32),
  chunkCount: 3,
  checkpoint: 'a checkpoint\n',
});

export { eventually };

/** What became of a session in the end. */
export const outcomeOf = ({ anchors }: Pick<ChainStack, 'anchors'>, sessionId: string) =>
  eventually(async () => {
    const found = await anchors.getAnchor({ params: { sessionId } });
    return ['confirmed', 'failed', 'expired'].includes(found.status) && found;
  });
