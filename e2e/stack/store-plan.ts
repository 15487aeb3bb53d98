/** Which stores a stack uses, and the real servers behind them. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startMongoWire, startRedis, whyNoMongoWire, whyNoRedis } from '../../tools/test-servers.mjs';
import { startS3, whyNoS3 } from '../../tools/test-servers-s3.mjs';

export type StorePlan = 'files' | 'mongo' | 'mongo-s3';

export interface OpenedStores {
  /** For every service; what one does not use it does not read. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** `files` needs nothing but Node: LMDB and files, which processes of one machine may share. */
export const storePlans: Readonly<Record<StorePlan, string>> = {
  files: 'documents in LMDB, chunks in files, events in memory',
  mongo: 'documents and chunks (GridFS) behind the MongoDB protocol, events in Redis',
  'mongo-s3': 'documents behind the MongoDB protocol, chunks in S3, events in Redis',
};

/** Why the servers of a plan cannot be had here, or null. */
export function whyNoStores(plan: StorePlan): string | null {
  if (plan === 'files') return null;
  return whyNoMongoWire() ?? whyNoRedis() ?? (plan === 'mongo-s3' ? whyNoS3() : null);
}

/** Makes an empty bucket; the S3 API of a test server with path-style addresses. */
async function makeBucket(s3: Awaited<ReturnType<typeof startS3>>, bucket: string): Promise<void> {
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: s3.region,
    forcePathStyle: true,
    credentials: { accessKeyId: s3.accessKey, secretAccessKey: s3.secretKey },
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
}

async function openMongo(withS3: boolean): Promise<OpenedStores> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.all(stops.map((each) => each()));
  };
  try {
    const mongo = await startMongoWire();
    stops.push(mongo.stop);
    const redis = await startRedis();
    stops.push(redis.stop);
    const url = new URL(`lucid${randomBytes(4).toString('hex')}`, mongo.url).href;
    const env = { MONGO_URL: url, REDIS_URL: redis.url };
    if (!withS3) return { env: { ...env, LUCID_CHUNKS_URL: url }, stop };
    const s3 = await startS3();
    stops.push(s3.stop);
    await makeBucket(s3, 'evidence');
    const chunks = `s3://evidence/e2e?region=${s3.region}&endpoint=${encodeURIComponent(s3.endpoint)}&pathStyle=true`;
    return {
      env: {
        ...env,
        LUCID_CHUNKS_URL: chunks,
        LUCID_S3_ACCESS_KEY: s3.accessKey,
        LUCID_S3_SECRET_KEY: s3.secretKey,
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function openStores(plan: StorePlan, folder: string): Promise<OpenedStores> {
  if (plan !== 'files') return openMongo(plan === 'mongo-s3');
  return {
    env: {
      LUCID_DOCUMENTS_URL: join(folder, 'documents'),
      LUCID_CHUNKS_URL: join(folder, 'sessions'),
    },
    stop: async () => {},
  };
}
