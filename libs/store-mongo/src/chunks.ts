/**
 * Chunks in GridFS: one file per record. A file's `_id` is its name, `SESSION/INDEX` (index in 12 digits), so that the
 * server itself keeps names unique: a record is never stored twice nor over another. Besides them `SESSION/session` (the
 * session exists) and `SESSION/trailer/GENERATION` (it is closed; the highest generation counts, so a replacement is there
 * whole or not at all).
 *
 * GridFS stores a file's pieces first and its entry last. A writer that dies between leaves pieces without an entry: no
 * record; they are removed when the record is stored again or the session is removed.
 */
import { createHash } from 'node:crypto';
import {
  ChunkStoreError,
  isSessionId,
  joinParts,
  type ObjectBackend,
  ObjectChunkStore,
  type StoredObject,
} from '@lucid/chunk-store';
import { type Collection, type Db, GridFSBucket, MongoClient } from 'mongodb';
import { isDuplicateKey, toChunkStoreError } from './chunks-errors.ts';

export interface GridFsChunkStoreOptions {
  /** Connection string; names the database unless `database` does. */
  readonly url: string;
  readonly database?: string;
  /** GridFS bucket: the collections `BUCKET.files` and `BUCKET.chunks`. Default `evidence`. */
  readonly bucket?: string;
  /** How long to look for a server before giving up; default 10 000. */
  readonly serverSelectionTimeoutMs?: number;
}

interface FileEntry {
  readonly _id: string;
  readonly length: number;
  readonly filename: string;
  readonly metadata?: { readonly sha256?: string };
}

interface FilePiece {
  readonly files_id: string;
  readonly n: number;
}

/** Far below the 16 MiB of a document, and few enough pieces per record. */
const MAX_PIECE_SIZE_BYTES = 2 * 1024 * 1024;
const MIN_PIECE_SIZE_BYTES = 1024;
const DELETE_BATCH = 500;
const MARKER = 'session';
const REPLACEABLE = 'trailer';

const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Ids that begin with `prefix/`; "0" follows "/" in ASCII. */
const below = (prefix: string) => ({ $gte: `${prefix}/`, $lt: `${prefix}0` });

class GridFsBackend implements ObjectBackend {
  readonly kind = 'gridfs';
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #bucket: GridFSBucket;
  readonly #files: Collection<FileEntry>;
  readonly #pieces: Collection<FilePiece>;
  #indexed: Promise<void> | null = null;

  constructor(options: GridFsChunkStoreOptions) {
    const bucketName = options.bucket ?? 'evidence';
    const writeConcern = { w: 'majority', journal: true } as const;
    this.#client = new MongoClient(options.url, {
      serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 10_000,
      readPreference: 'primary',
      writeConcern,
    });
    this.#db = this.#client.db(options.database);
    this.#bucket = new GridFSBucket(this.#db, {
      bucketName,
      writeConcern,
      chunkSizeBytes: MAX_PIECE_SIZE_BYTES,
    });
    this.#files = this.#db.collection<FileEntry>(`${bucketName}.files`);
    this.#pieces = this.#db.collection<FilePiece>(`${bucketName}.chunks`);
  }

  putNew(sessionId: string, name: string, parts: readonly Uint8Array[]): Promise<'stored' | 'exists'> {
    return this.#run('write', sessionId, async () => {
      const id = `${sessionId}/${name}`;
      if (await this.#hasEntry(id)) return 'exists';
      return this.#upload(id, name, joinParts(parts));
    });
  }

  put(sessionId: string, name: string, bytes: Uint8Array): Promise<void> {
    return this.#run('write', sessionId, async () => {
      const older = await this.#generations(sessionId);
      const last = Number(older.at(-1)?.split('/').at(-1) ?? 0);
      const id = `${sessionId}/${REPLACEABLE}/${String(last + 1).padStart(12, '0')}`;
      if ((await this.#upload(id, name, bytes)) === 'exists') {
        throw new ChunkStoreError('store_unavailable', {
          sessionId,
          detail: 'another process is replacing the trailer',
        });
      }
      await this.#deleteIds(older);
    });
  }

  get(sessionId: string, name: string): Promise<Uint8Array | null> {
    return this.#run('read', sessionId, async () => {
      const id = await this.#idOf(sessionId, name);
      const entry = id === undefined ? null : await this.#files.findOne({ _id: id });
      return entry === null ? null : this.#download(sessionId, entry);
    });
  }

  has(sessionId: string, name: string): Promise<boolean> {
    return this.#run('read', sessionId, async () => {
      const id = await this.#idOf(sessionId, name);
      return id !== undefined && this.#hasEntry(id);
    });
  }

  async *list(sessionId: string): AsyncGenerator<StoredObject> {
    try {
      const entries = this.#files.find({ _id: below(sessionId) }, { projection: { _id: 1, length: 1 } });
      for await (const { _id, length } of entries) yield { name: _id.split('/')[1]!, sizeBytes: length };
    } catch (error) {
      throw toChunkStoreError(error, 'read', sessionId);
    }
  }

  async *sessions(): AsyncGenerator<string> {
    try {
      for await (const { _id } of this.#files.find({ filename: MARKER }, { projection: { _id: 1 } })) {
        const sessionId = _id.split('/')[0]!;
        if (isSessionId(sessionId)) yield sessionId;
      }
    } catch (error) {
      throw toChunkStoreError(error, 'read');
    }
  }

  /** With the marker goes everything of the session, also pieces that never became a file. */
  delete(sessionId: string, names: readonly string[]): Promise<void> {
    return this.#run('write', sessionId, async () => {
      const ids = names.filter((name) => name !== REPLACEABLE).map((name) => `${sessionId}/${name}`);
      if (names.includes(REPLACEABLE)) ids.push(...(await this.#generations(sessionId)));
      await this.#deleteIds(ids);
      if (names.includes(MARKER)) await this.#pieces.deleteMany({ files_id: below(sessionId) });
    });
  }

  check(): Promise<void> {
    return this.#run('read', undefined, async () => {
      await this.#db.command({ ping: 1 });
    });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #run<R>(doing: 'read' | 'write', sessionId: string | undefined, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      throw toChunkStoreError(error, doing, sessionId);
    }
  }

  async #hasEntry(id: string): Promise<boolean> {
    return (await this.#files.findOne({ _id: id }, { projection: { _id: 1 } })) !== null;
  }

  /** Ids of the trailer's generations, oldest first. */
  async #generations(sessionId: string): Promise<string[]> {
    const _id = below(`${sessionId}/${REPLACEABLE}`);
    const entries = await this.#files.find({ _id }, { projection: { _id: 1 } }).toArray();
    return entries.map((entry) => entry._id).sort();
  }

  async #idOf(sessionId: string, name: string): Promise<string | undefined> {
    return name === REPLACEABLE ? (await this.#generations(sessionId)).at(-1) : `${sessionId}/${name}`;
  }

  /** The driver makes GridFS's indexes too, but hides it where that fails; without them pieces could be doubled. */
  #ensureIndexes(): Promise<void> {
    this.#indexed ??= Promise.all([
      this.#pieces.createIndex({ files_id: 1, n: 1 }, { unique: true }),
      this.#files.createIndex({ filename: 1, uploadDate: 1 }),
    ]).then(() => undefined);
    this.#indexed.catch(() => {
      this.#indexed = null;
    });
    return this.#indexed;
  }

  async #upload(id: string, name: string, bytes: Uint8Array): Promise<'stored' | 'exists'> {
    await this.#ensureIndexes();
    try {
      await this.#write(id, name, bytes);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      if (await this.#hasEntry(id)) return 'exists';
      // Pieces of an upload that never ended are in the way.
      await this.#pieces.deleteMany({ files_id: id });
      await this.#write(id, name, bytes);
    }
    return 'stored';
  }

  #write(id: string, name: string, bytes: Uint8Array): Promise<void> {
    const chunkSizeBytes = Math.min(MAX_PIECE_SIZE_BYTES, Math.max(MIN_PIECE_SIZE_BYTES, bytes.length));
    const metadata = { sha256: sha256Hex(bytes) };
    // The driver's type wants an ObjectId; GridFS and the driver take any id (GridFS spec, "files_id").
    const upload = this.#bucket.openUploadStreamWithId(id as never, name, { chunkSizeBytes, metadata });
    return new Promise((resolve, reject) => {
      upload.once('error', reject);
      upload.once('finish', () => resolve());
      upload.end(bytes);
    });
  }

  async #download(sessionId: string, entry: FileEntry): Promise<Uint8Array> {
    const bytes = new Uint8Array(entry.length);
    let at = 0;
    for await (const piece of this.#bucket.openDownloadStream(entry._id as never)) {
      const part = piece as Uint8Array;
      bytes.set(part, at);
      at += part.length;
    }
    if (at !== entry.length || entry.metadata?.sha256 !== sha256Hex(bytes)) {
      throw new ChunkStoreError('store_damaged', {
        sessionId,
        detail: `file ${entry.filename} differs from its checksum`,
      });
    }
    return bytes;
  }

  async #deleteIds(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += DELETE_BATCH) {
      const batch = ids.slice(at, at + DELETE_BATCH);
      await this.#files.deleteMany({ _id: { $in: batch } });
      await this.#pieces.deleteMany({ files_id: { $in: batch } });
    }
  }
}

/** Connects on first use; `check` says whether the server can be reached. */
export const createGridFsChunkStore = (options: GridFsChunkStoreOptions): ObjectChunkStore =>
  new ObjectChunkStore(new GridFsBackend(options));
