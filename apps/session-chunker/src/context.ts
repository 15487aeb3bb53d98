/** Everything the service is made of, built once and closed in reverse. */
import type { sessionEncryptorContract } from '@lucid/contracts';
import type { Client, ContextOptions, ServiceContext } from '@lucid/service-kit';
import { openZstd, type ZstdCodec } from '@lucid/zstd';
import { chunkerMeter } from './chunker-meter.ts';
import type { ChunkerConfig } from './config.ts';
import { AgeAlarm } from './domain/age-alarm.ts';
import { ScratchPool } from './domain/scratch-pool.ts';
import { Streams } from './domain/streams.ts';

export interface ChunkerContext extends ServiceContext {
  readonly streams: Streams;
  readonly codec: ZstdCodec;
  readonly scratch: ScratchPool;
}

type Options = ContextOptions<ChunkerConfig, { readonly encryptor: Client<typeof sessionEncryptorContract> }>;

export async function createChunkerContext({
  config,
  log,
  clients,
  clock,
  metrics,
}: Options): Promise<ChunkerContext> {
  const codec = await openZstd(config.LUCID_ZSTD);
  const scratch = new ScratchPool();
  const alarm = new AgeAlarm({ maxAgeMs: config.CHUNK_MAX_AGE_MS, clock });
  const { encryptor } = clients;
  const windowChunks = config.CHUNK_WINDOW;
  const meter = chunkerMeter(metrics);
  const streams = new Streams({ encryptor, codec, scratch, alarm, windowChunks, clock, log, meter });
  return {
    streams,
    codec,
    scratch,
    async close() {
      await streams.shutDown();
      alarm.close();
    },
  };
}
