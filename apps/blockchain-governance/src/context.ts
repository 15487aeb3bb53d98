import {
  type ChainClient,
  ContractReader,
  createChainClient,
  createDocumentOutbox,
  outboxCollection,
} from '@lucid/chain-client';
import { accountKeyFaults } from '@lucid/chain-client/account-key';
import { createIndexWorker, Indexer } from '@lucid/chain-index';
import type { blockchainLedgerContract, onSystemChainContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import { createMemoryRateLimits } from '@lucid/rate-limit';
import { type Client, ConfigError, type ContextOptions, Wakeup } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import type { Config } from './config.ts';
import { Governance } from './domain/contracts.ts';
import { watchOf } from './domain/governance-event.ts';
import { IndexReader } from './domain/index-reader.ts';
import { Keeping } from './domain/keeping.ts';
import { NodeBook } from './domain/node-book.ts';
import { ParameterBook } from './domain/parameter-book.ts';
import { ProposalBook } from './domain/proposal-book.ts';
import { Proposing } from './domain/proposing.ts';
import { RelayDesk } from './domain/relay-desk.ts';
import { Voting } from './domain/voting.ts';
import { openGovernanceIndex } from './store/index-store.ts';
import { openRelayStore } from './store/relay-store.ts';
import { createKeeperWorker } from './workers/keeper-worker.ts';
import { createRelayWorker } from './workers/relay-worker.ts';

export interface Adapters {
  readonly documents: DocumentStore;
}

export interface Clients {
  readonly ledger: Client<typeof blockchainLedgerContract>;
  readonly chain: Client<typeof onSystemChainContract>;
}

type Options = ContextOptions<Config, Clients, Adapters>;

/** Transactions whose blocks are waited for. */
const MAX_IN_FLIGHT = 64;

async function openPayer(
  { config, clients, clock }: Options,
  documents: DocumentStore,
): Promise<ChainClient | null> {
  const { CHAIN_ACCOUNT_KEY: secretKey, CHAIN_ID: chainId, CHAIN_CONFIRMATIONS: confirmations } = config;
  if (secretKey === undefined) return null;
  const faults = accountKeyFaults(secretKey);
  if (faults.length > 0) throw new ConfigError('blockchain-governance', faults);
  const outbox = createDocumentOutbox(await documents.collection(outboxCollection));
  return createChainClient(
    { chainId, secretKey, confirmations, maxInFlight: MAX_IN_FLIGHT },
    { call: (body) => clients.chain.rpc({ body }), outbox, clock },
  );
}

/** What reads: contracts, index, and the books over both. */
async function openBooks(options: Options, documents: DocumentStore, onIndexed: (documents: number) => void) {
  const { config, clients, clock, log } = options;
  const { chain, ledger } = clients;
  const reader = new ContractReader(
    { chainId: config.CHAIN_ID },
    {
      call: (body) => chain.rpc({ body }),
      callAll: (body) => chain.rpc({ body: [...body] }),
    },
  );
  const governance = new Governance({
    reader,
    governor: config.GOVERNANCE_GOVERNOR_ADDRESS,
    nowSec: () => Math.floor(clock.nowMs() / 1000),
  });
  const store = await openGovernanceIndex(documents);
  const indexer = new Indexer({
    ...{ store, ledger, log, onIndexed },
    watch: async () => watchOf(await governance.contracts()),
    onForgotten: () => proposals.forget(),
  });
  await indexer.open();
  const index = new IndexReader({ store, indexer });
  const parameters = new ParameterBook({ governance, index });
  const proposals = new ProposalBook({ governance, index, parameters });
  return { reader, governance, indexer, parameters, proposals, nodes: new NodeBook({ governance, index }) };
}

export async function createContext(options: Options) {
  const { config, adapters, clock, log } = options;
  const stores = await openServiceStores({
    service: 'blockchain-governance',
    kinds: ['documents'],
    settings: config,
    given: adapters,
  });
  const { documents } = stores;
  const wakeups = { index: new Wakeup(clock), relay: new Wakeup(clock), keeper: new Wakeup(clock) };
  const books = await openUpon(stores, () =>
    openBooks(options, documents, (count) => {
      if (count > 0) wakeups.keeper.notify();
    }),
  );
  const { reader, governance, proposals, parameters, indexer } = books;
  const client = await openUpon(stores, () => openPayer(options, documents));
  const desk = new RelayDesk({
    ...{ store: await openUpon(stores, () => openRelayStore(documents)), reader, client, clock, log },
    wakeup: wakeups.relay,
    onIncluded: () => wakeups.index.notify(),
  });
  const keeping = new Keeping({ governance, proposals, desk });
  const paces = { pollMs: config.GOVERNANCE_POLL_MS, idleMs: config.GOVERNANCE_IDLE_MS, log };
  const hasKeeper = config.GOVERNANCE_KEEPER === 'on' && client !== null;
  const limits = createMemoryRateLimits({ nowMs: () => clock.nowMs() });
  return {
    ...books,
    ...{ config, documents, desk, keeping, limits, hasKeeper },
    indexWakeup: wakeups.index,
    voting: new Voting({ governance, desk, chainId: config.CHAIN_ID }),
    proposing: new Proposing({ governance, proposals, parameters, desk, chainId: config.CHAIN_ID }),
    workers: [
      createIndexWorker({ indexer, wakeup: wakeups.index, ...paces }),
      createRelayWorker({ desk, wakeup: wakeups.relay, ...paces }),
      ...(hasKeeper
        ? [createKeeperWorker({ proposals, keeping, clock, wakeup: wakeups.keeper, ...paces })]
        : []),
    ],
    close: async () => {
      await limits.close();
      await stores.close();
    },
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
