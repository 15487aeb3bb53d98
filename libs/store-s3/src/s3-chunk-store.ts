/**
 * Chunks in a bucket of any S3 server: one object per record under `PREFIX SESSION/INDEX` (index in 12 digits), besides them
 * `SESSION/session` (the session exists) and `SESSION/trailer` (it is closed).
 *
 * Records are stored with `If-None-Match: *` where the server obeys it, which a probe finds out, since servers that do not
 * know the header ignore it silently; elsewhere with a look before, which suffices while a session has one writer. Bodies
 * carry their SHA-256, so a damaged upload is refused and a damaged download noticed.
 */
import { Buffer } from 'node:buffer';
import { createHash, randomUUID } from 'node:crypto';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  ChunkStoreError,
  isSessionId,
  joinParts,
  type ObjectBackend,
  ObjectChunkStore,
  type StoredObject,
} from '@lucid/chunk-store';
import {
  isConditionalConflict,
  isNotFound,
  isNotImplemented,
  isPreconditionFailed,
  toStoreError,
} from './s3-errors.ts';

export interface S3ChunkStoreOptions {
  readonly bucket: string;
  readonly region: string;
  /** Default: AWS in the region. */
  readonly endpoint?: string;
  /** Put before every key; end it in `/`. Default none. */
  readonly prefix?: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
  /** Bucket in the path instead of the host name; most servers other than AWS need it. Default: true with an endpoint. */
  readonly pathStyle?: boolean;
  /** Attempts per request, with the SDK's back-off between them; default 5. */
  readonly maxAttempts?: number;
  /** Default 30 000. */
  readonly requestTimeoutMs?: number;
  /** Keys asked per listing request, at most 1000; default 1000. */
  readonly listPageSize?: number;
}

const MAX_DELETE_KEYS = 1000;
const CONFLICT_ATTEMPTS = 5;

function createClient(options: S3ChunkStoreOptions): S3Client {
  const { accessKey, secretKey, sessionToken } = options;
  return new S3Client({
    region: options.region,
    endpoint: options.endpoint ?? `https://s3.${options.region}.amazonaws.com`,
    forcePathStyle: options.pathStyle ?? options.endpoint !== undefined,
    credentials: {
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    maxAttempts: options.maxAttempts ?? 5,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: options.requestTimeoutMs ?? 30_000 },
    // Checksums are given and asked for by each request below.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

const sha256Base64 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

class S3Backend implements ObjectBackend {
  readonly kind = 's3';
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #listPageSize: number;
  #conditional: Promise<boolean> | null = null;

  constructor(options: S3ChunkStoreOptions) {
    this.#client = createClient(options);
    this.#bucket = options.bucket;
    this.#prefix = options.prefix ?? '';
    this.#listPageSize = options.listPageSize ?? 1000;
  }

  async putNew(sessionId: string, name: string, parts: readonly Uint8Array[]): Promise<'stored' | 'exists'> {
    try {
      if (!(await this.#obeysConditions()) && (await this.has(sessionId, name))) return 'exists';
      return await this.#putUnlessThere(this.#key(sessionId, name), joinParts(parts));
    } catch (error) {
      throw toStoreError(error, 'write', sessionId);
    }
  }

  async put(sessionId: string, name: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.#put(this.#key(sessionId, name), bytes, false);
    } catch (error) {
      throw toStoreError(error, 'write', sessionId);
    }
  }

  async get(sessionId: string, name: string): Promise<Uint8Array | null> {
    try {
      const Key = this.#key(sessionId, name);
      const got = await this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key, ChecksumMode: 'ENABLED' }),
      );
      const bytes = await got.Body!.transformToByteArray();
      if (got.ChecksumSHA256 !== undefined && got.ChecksumSHA256 !== sha256Base64(bytes)) {
        throw new ChunkStoreError('store_damaged', {
          sessionId,
          detail: `object ${name} differs from its checksum`,
        });
      }
      return bytes;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw toStoreError(error, 'read', sessionId);
    }
  }

  async has(sessionId: string, name: string): Promise<boolean> {
    try {
      await this.#client.send(
        new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#key(sessionId, name) }),
      );
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw toStoreError(error, 'read', sessionId);
    }
  }

  async *list(sessionId: string): AsyncGenerator<StoredObject> {
    const prefix = this.#key(sessionId, '');
    for await (const page of this.#pages(prefix, false)) {
      for (const { Key = '', Size = 0 } of page.Contents ?? [])
        yield { name: Key.slice(prefix.length), sizeBytes: Size };
    }
  }

  async *sessions(): AsyncGenerator<string> {
    for await (const page of this.#pages(this.#prefix, true)) {
      for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
        const sessionId = Prefix.slice(this.#prefix.length, -1);
        if (isSessionId(sessionId)) yield sessionId;
      }
    }
  }

  async delete(sessionId: string, names: readonly string[]): Promise<void> {
    try {
      const keys = names.map((name) => ({ Key: this.#key(sessionId, name) }));
      for (let at = 0; at < keys.length; at += MAX_DELETE_KEYS)
        await this.#delete(keys.slice(at, at + MAX_DELETE_KEYS));
    } catch (error) {
      throw toStoreError(error, 'write', sessionId);
    }
  }

  async check(): Promise<void> {
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }));
    } catch (error) {
      throw toStoreError(error, 'read');
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  #key(sessionId: string, name: string): string {
    return `${this.#prefix}${sessionId}/${name}`;
  }

  async #put(Key: string, Body: Uint8Array, onlyNew: boolean): Promise<void> {
    const condition = onlyNew ? { IfNoneMatch: '*' } : {};
    const ChecksumSHA256 = sha256Base64(Body);
    await this.#client.send(
      new PutObjectCommand({ Bucket: this.#bucket, Key, Body, ChecksumSHA256, ...condition }),
    );
  }

  async #putUnlessThere(key: string, bytes: Uint8Array): Promise<'stored' | 'exists'> {
    const onlyNew = await this.#obeysConditions();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#put(key, bytes, onlyNew);
        return 'stored';
      } catch (error) {
        if (isPreconditionFailed(error)) return 'exists';
        if (!isConditionalConflict(error) || attempt === CONFLICT_ATTEMPTS) throw error;
      }
    }
  }

  #obeysConditions(): Promise<boolean> {
    if (this.#conditional === null) {
      const probing = this.#probeConditions();
      this.#conditional = probing;
      probing.catch(() => {
        this.#conditional = null;
      });
    }
    return this.#conditional;
  }

  /** Stores one object twice: the second must be refused. */
  async #probeConditions(): Promise<boolean> {
    const key = `${this.#prefix}.lucid-probe-${randomUUID()}`;
    const bytes = Buffer.from('Does this server obey If-None-Match?\n');
    await this.#put(key, bytes, false);
    try {
      await this.#put(key, bytes, true);
      return false;
    } catch (error) {
      if (isPreconditionFailed(error)) return true;
      if (isNotImplemented(error)) return false;
      throw error;
    } finally {
      await this.#delete([{ Key: key }]);
    }
  }

  async #delete(keys: { Key: string }[]): Promise<void> {
    const deleted = await this.#client.send(
      new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects: keys, Quiet: true } }),
    );
    const first = deleted.Errors?.[0];
    if (first)
      throw new ChunkStoreError('store_unavailable', {
        detail: `an object could not be deleted: ${first.Code}`,
      });
  }

  async *#pages(Prefix: string, byFolder: boolean) {
    let token: string | undefined;
    try {
      do {
        const page = await this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix,
            MaxKeys: this.#listPageSize,
            ...(byFolder ? { Delimiter: '/' } : {}),
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        );
        yield page;
        token = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
    } catch (error) {
      throw toStoreError(error, 'read');
    }
  }
}

/** Connects on first use; `check` says whether the bucket can be reached. */
export const createS3ChunkStore = (options: S3ChunkStoreOptions): ObjectChunkStore =>
  new ObjectChunkStore(new S3Backend(options));
