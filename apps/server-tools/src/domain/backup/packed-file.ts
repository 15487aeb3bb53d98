/**
 * One file of a backup: bytes, packed by gzip, and encrypted to an age recipient where one is set. Both ways it streams: what is
 * written waits for the disk, what is read for its reader.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { decryptStream, encryptStream } from '@lucid/recipients';
import { problem } from '../../problem.ts';

export interface StoredFile {
  readonly sizeBytes: number;
  /** Of the file as it lies there, lower-case hex. */
  readonly sha256: string;
}

type Parts = AsyncIterable<Uint8Array>;

/** Each part goes through zlib's threads: small ones are gathered first. */
const PART_BYTES = 256 * 1024;

async function* gathered(parts: Parts): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const part of parts) {
    // A copy: the part may lie in a buffer that its source uses again.
    held.push(Uint8Array.from(part));
    heldBytes += part.length;
    if (heldBytes < PART_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    heldBytes = 0;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}

async function* hashed(
  parts: Parts,
  hash: Hash,
  count: (sizeBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    hash.update(part);
    count(part.length);
    yield part;
  }
}

/** Writes a new file that only its owner reads, and waits until it is on the disk. */
export async function writePackedFile(options: {
  readonly path: string;
  readonly parts: Parts;
  readonly recipient?: string | undefined;
  readonly signal: AbortSignal;
}): Promise<StoredFile> {
  const { path, parts, recipient, signal } = options;
  const hash = createHash('sha256');
  let sizeBytes = 0;
  // The pipeline tells of a last stage that fails only that it was aborted.
  let failed: { readonly error: unknown } | undefined;
  const failing = (error: unknown) => {
    failed = { error };
    throw error;
  };
  const handle = await open(path, 'wx', 0o600);
  try {
    await pipeline(
      Readable.from(gathered(parts), { objectMode: false, highWaterMark: PART_BYTES }),
      createGzip(),
      (packed: Parts) => (recipient ? encryptStream(recipient, packed) : packed),
      (stored: Parts) =>
        hashed(stored, hash, (size) => {
          sizeBytes += size;
        }),
      async (stored: Parts) => {
        for await (const part of stored) await handle.writeFile(part).catch(failing);
      },
      { signal },
    );
    await handle.sync();
  } catch (error) {
    throw failed?.error ?? error;
  } finally {
    await handle.close();
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** Never through a link. */
const openForReading = (path: string): Promise<FileHandle> =>
  open(path, constants.O_RDONLY | constants.O_NOFOLLOW);

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const handle = await openForReading(path);
  // Closes the file at its end, or when its reader goes.
  yield* handle.createReadStream({ highWaterMark: PART_BYTES });
}

/** What lies there now. */
export async function measureFile(path: string, signal: AbortSignal): Promise<StoredFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const part of bytesOf(path)) {
    signal.throwIfAborted();
    hash.update(part);
    sizeBytes += part.length;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

async function opened(stored: Parts, encrypted: boolean, identity: string | undefined): Promise<Parts> {
  if (!encrypted) return stored;
  if (identity === undefined) throw problem('identity_missing');
  const plain = await decryptStream([identity], stored);
  if (!plain) throw problem('identity_wrong');
  return plain;
}

/**
 * What was packed. That it is what was stored is known at its end only: until then nothing is to be believed.
 * @throws ProblemError identity_missing, identity_wrong; errors of zlib and age; RangeError where the hash differs
 */
export async function* readPackedFile(options: {
  readonly path: string;
  readonly expected: StoredFile;
  readonly encrypted: boolean;
  readonly identity?: string | undefined;
}): AsyncGenerator<Uint8Array> {
  const { path, expected, encrypted, identity } = options;
  const hash = createHash('sha256');
  const stored = hashed(bytesOf(path), hash, () => {});
  const unpacked = createGunzip();
  const running = pipeline(await opened(stored, encrypted, identity), unpacked);
  // A failure reaches the reader as an error of `unpacked`.
  running.catch(() => {});
  yield* unpacked;
  await running;
  if (hash.digest('hex') !== expected.sha256)
    throw new RangeError('the file is not the one that was written');
}
