/** Everything the service is made of, built once and closed in reverse. */
import type { ChunkStore } from '@lucid/chunk-store';
import type { merkleBuilderContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import { type Client, type ContextOptions, KeyedQueue, type ServiceContext } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import { openZstd, type ZstdCodec } from '@lucid/zstd';
import { type EncryptorConfig, recorderVerifierKey } from './config.ts';
import { type BulkCapability, createBulk } from './domain/bulk.ts';
import { KeyVault } from './domain/key-vault.ts';
import type { OpenSessionDependencies } from './domain/open-session.ts';
import { SessionLogs } from './domain/session-logs.ts';
import { encryptorMeter } from './encryptor-meter.ts';
import { openRecipientStore } from './store/recipient-store.ts';
import { openSessionStore } from './store/session-store.ts';

interface EncryptorAdapters {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
}

export interface EncryptorContext extends ServiceContext, OpenSessionDependencies {
  readonly documents: DocumentStore;
  readonly queue: KeyedQueue;
  /** For a host of the same process. */
  readonly bulk: BulkCapability;
  /** Opened when the first chunk is decrypted. */
  readonly codec: () => Promise<ZstdCodec>;
}

type Options = ContextOptions<
  EncryptorConfig,
  { readonly merkle: Client<typeof merkleBuilderContract> },
  EncryptorAdapters
>;

export async function createEncryptorContext(options: Options): Promise<EncryptorContext> {
  const { config, log, clients, clock, random, adapters } = options;
  const recorder = recorderVerifierKey(config);
  const stores = await openServiceStores({
    service: 'session-encryptor',
    kinds: ['documents', 'chunks'],
    settings: config,
    given: adapters,
  });
  const { documents, chunks } = stores;
  const sessions = await openUpon(stores, () => openSessionStore(documents));
  const recipients = await openUpon(stores, () => openRecipientStore(documents));
  const meter = encryptorMeter(options.metrics, clock);
  const vault = new KeyVault((count) => meter.keysHeld(count));
  const queue = new KeyedQueue();
  const logs = new SessionLogs({ chunks, sessions, merkle: clients.merkle, log, vault, meter });
  const bulk = createBulk({ vault, logs, queue });
  let codec: Promise<ZstdCodec> | undefined;
  return {
    documents,
    chunks,
    sessions,
    recipients,
    vault,
    queue,
    logs,
    bulk,
    random,
    recorder,
    software: config.LUCID_SOFTWARE,
    codec: () => {
      codec ??= openZstd();
      return codec;
    },
    async close() {
      await queue.drained();
      vault.wipeAll();
      await logs.saveAll();
      await stores.close();
    },
  };
}
