/** The parts that bring sessions to the chain, put together. */
import {
  type ChainClient,
  createChainClient,
  createDocumentOutbox,
  type JsonRpcCaller,
  outboxCollection,
} from '@lucid/chain-client';
import type { blockchainLedgerContract, onSystemChainContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import type { Client, Clock, Log } from '@lucid/service-kit';
import type { Config } from '../config.ts';
import type { SessionChain } from '../domain/session-chain.ts';
import { BatchStore } from '../store/batch-store.ts';
import { AnchorEvents } from './anchor-events.ts';
import { createChainSessionChain } from './chain-session-chain.ts';
import { Composer } from './composer.ts';
import { Registrar } from './registrar.ts';
import { proveRegistration } from './registration-proof.ts';

type Chain = Client<typeof onSystemChainContract>;

export interface OnChain {
  readonly sessionChain: SessionChain;
  /** Goes on with what a process left that fell. */
  recover(): Promise<void>;
  /** What keeps registrations from going on; null where nothing does. */
  readonly fault: string | null;
}

interface OnChainOptions {
  readonly config: Config;
  /** Of the account that pays. */
  readonly secretKey: string;
  readonly clients: { readonly ledger: Client<typeof blockchainLedgerContract>; readonly chain: Chain };
  readonly documents: DocumentStore;
  readonly ledgerChain: SessionChain;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (sizeBytes: number) => Uint8Array;
}

/** Transactions whose blocks are waited for. */
const MAX_IN_FLIGHT = 64;

async function openClient(options: OnChainOptions): Promise<ChainClient> {
  const { config, secretKey, clients, documents, clock } = options;
  const call: JsonRpcCaller = (request) => clients.chain.rpc({ body: request });
  const outbox = createDocumentOutbox(await documents.collection(outboxCollection));
  const { CHAIN_ID: chainId, CHAIN_CONFIRMATIONS: confirmations } = config;
  return createChainClient(
    { chainId, secretKey, confirmations, maxInFlight: MAX_IN_FLIGHT },
    { call, outbox, clock },
  );
}

export async function openOnChain(options: OnChainOptions): Promise<OnChain> {
  const { config, clients, documents, ledgerChain, log, random } = options;
  const { CHAIN_ID: chainId, LUCID_LEDGER_VERIFIER_KEY: ledgerKey } = config;
  const client = await openClient(options);
  const store = await BatchStore.open(documents);
  const events = new AnchorEvents(clients.ledger);
  const { ledger } = clients;
  const registrar = new Registrar({
    ...{ store, client, events, log },
    prove: (batch, transactionHash) =>
      proveRegistration({ ledger, ledgerKey, chainId }, batch, transactionHash),
  });
  const composer = new Composer({ store, events, random });
  return {
    sessionChain: createChainSessionChain({ composer, registrar, ledgerChain }),
    recover: () => registrar.recover(),
    get fault() {
      return registrar.fault;
    },
  };
}
