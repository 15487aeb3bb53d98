import { accountKeyFaults } from '@lucid/chain-client/account-key';
import { parseVerifierKey } from '@lucid/checkpoint';
import type { blockchainLedgerContract, onSystemChainContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import { type Client, ConfigError, type ContextOptions, Wakeup } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import { MAX_BATCH_SESSIONS } from './chain/composer.ts';
import { createLateOnChain, type LateOnChain } from './chain/late-on-chain.ts';
import { createLedgerSessionChain } from './chain/ledger-session-chain.ts';
import { createLeftOnChain } from './chain/left-on-chain.ts';
import type { Config } from './config.ts';
import { Anchoring } from './domain/anchoring.ts';
import type { SessionChain } from './domain/session-chain.ts';
import { openAnchoringStore } from './store/anchoring-store.ts';
import { createAnchoringWorker } from './workers/anchoring-worker.ts';

export interface Adapters {
  readonly documents: DocumentStore;
  /** Instead of the ledger; sessions go to the chain all the same where CHAIN_ACCOUNT_KEY is set. */
  readonly chain: SessionChain;
}

export interface Clients {
  readonly ledger: Client<typeof blockchainLedgerContract>;
  readonly chain: Client<typeof onSystemChainContract>;
}

const fault = (variable: string, expected: string, hint: string, cause?: unknown) =>
  Object.assign(new ConfigError('on-system-chain-client', [{ variable, expected, hint }]), { cause });

function assertLedgerKey(config: Config): void {
  try {
    parseVerifierKey(config.LUCID_LEDGER_VERIFIER_KEY);
  } catch (cause) {
    const expected = 'a verifier key, NAME+HEX+BASE64';
    throw fault('LUCID_LEDGER_VERIFIER_KEY', expected, 'copy it from the ledger', cause);
  }
}

/** Null where sessions are anchored in the ledger's log. @throws ConfigError */
function openLate(
  { config, clients, clock, log, random }: ContextOptions<Config, Clients, Adapters>,
  { documents, ledgerChain }: { readonly documents: DocumentStore; readonly ledgerChain: SessionChain },
): LateOnChain | null {
  const { CHAIN_ACCOUNT_KEY: secretKey, CHAIN_ID: chainId } = config;
  if (secretKey === undefined) return null;
  return createLateOnChain({
    ...{ chain: clients.chain, chainId, ledgerChain, log },
    async open() {
      const { openOnChain } = await import('./chain/on-chain.ts');
      return openOnChain({ config, secretKey, clients, documents, ledgerChain, clock, log, random });
    },
  });
}

/** Uniform in [0, 1), from 32 random bits. */
const uniformFrom = (random: (sizeBytes: number) => Uint8Array) => () =>
  new DataView(random(4).slice().buffer).getUint32(0) / 2 ** 32;

export async function createContext(options: ContextOptions<Config, Clients, Adapters>) {
  const { config, clients, adapters, clock, log, random } = options;
  assertLedgerKey(config);
  const faults = config.CHAIN_ACCOUNT_KEY === undefined ? [] : accountKeyFaults(config.CHAIN_ACCOUNT_KEY);
  if (faults.length > 0) throw new ConfigError('on-system-chain-client', faults);
  const stores = await openServiceStores({
    service: 'on-system-chain-client',
    kinds: ['documents'],
    settings: config,
    given: adapters,
  });
  const { documents } = stores;
  const store = await openUpon(stores, () => openAnchoringStore(documents));
  const ledgerChain = adapters.chain ?? createLedgerSessionChain(clients.ledger);
  const onChain = openLate(options, { documents, ledgerChain });
  const wakeup = new Wakeup(clock);
  const anchoring = new Anchoring({
    store,
    chain: onChain?.sessionChain ?? { ...ledgerChain, leftOnChain: createLeftOnChain(documents) },
    ledgerKey: config.LUCID_LEDGER_VERIFIER_KEY,
    retryBaseMs: config.CHAIN_CLIENT_RETRY_BASE_MS,
    retryCapMs: config.CHAIN_CLIENT_RETRY_CAP_MS,
    expireMs: config.CHAIN_CLIENT_EXPIRE_MS,
    clock,
    log,
    random: uniformFrom(random),
    wakeup,
  });
  return {
    documents,
    anchoring,
    ledger: clients.ledger,
    onChain,
    worker: createAnchoringWorker({
      ...{ store, anchoring, wakeup, clock, log },
      batches: onChain ? { size: MAX_BATCH_SESSIONS, everyMs: config.CHAIN_BATCH_MS } : undefined,
    }),
    close: () => stores.close(),
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
