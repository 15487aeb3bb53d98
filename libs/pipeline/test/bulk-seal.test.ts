import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { leafHash } from '@lucid/merkle';
import { parseRecordHeader } from '@lucid/session-format';
import { openZstd, type ZstdCodec } from '@lucid/zstd';
import { buildSync } from 'esbuild';
import { type BulkRow, type BulkSealOptions, bulkSeal, openChunk } from '../src/index.ts';

const CHUNK = 65_536;
const START = 500;
const FIRST_INDEX = 3;
const sessionId = '0f'.repeat(32);
const sessionKey = randomBytes(32);

let folder: string;
let codec: ZstdCodec;
let workerUrl: URL;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-bulk-'));
  codec = await openZstd('wasm');
  const bundle = (name: string) => {
    buildSync({
      entryPoints: [join(__dirname, `${name}.ts`)],
      outfile: join(folder, `${name}.mjs`),
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      banner: {
        js: [
          "import { createRequire as __createRequire } from 'node:module';",
          'const require = __createRequire(import.meta.url);',
          "const __dirname = decodeURIComponent(new URL('.', import.meta.url).pathname);",
        ].join('\n'),
      },
    });
    return pathToFileURL(join(folder, `${name}.mjs`));
  };
  workerUrl = bundle('bulk-entry');
  const wasm = join(require.resolve('@bokuweb/zstd-wasm'), '../zstd.wasm');
  writeFileSync(join(folder, 'zstd.wasm'), readFileSync(wasm));
});
afterAll(() => {
  for (const writer of writers) writer.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const writers: ChildProcess[] = [];

/** Writes into a pipe from a process of its own, as one before `| lucid seal -` does. */
function writeInto(path: string, content: Uint8Array): void {
  const writer = spawn('sh', ['-c', 'exec cat > "$0"', path], { stdio: ['pipe', 'ignore', 'inherit'] });
  writer.stdin.on('error', () => {}).end(content);
  writers.push(writer);
}

/** Text, noise and zeros by turns, so that some chunks are compressed and some are not. */
function sample(sizeBytes: number): Buffer {
  const pieces: Buffer[] = [];
  for (let size = 0, turn = 0; size < sizeBytes; size += 40_000, turn++)
    pieces.push(
      turn % 3 === 0 ? randomBytes(40_000) : Buffer.alloc(40_000, turn % 3 === 1 ? `line ${turn}\n` : 0),
    );
  return Buffer.concat(pieces).subarray(0, sizeBytes);
}

interface Pack {
  readonly path: string;
  readonly rows: BulkRow[];
  seal(options: Partial<BulkSealOptions> & Pick<BulkSealOptions, 'source'>): ReturnType<typeof bulkSeal>;
  close(): void;
}

function newPack(): Pack {
  const path = join(folder, randomBytes(6).toString('hex'));
  writeFileSync(path, Buffer.alloc(START, 0xee));
  const fd = openSync(path, 'r+');
  const rows: BulkRow[] = [];
  return {
    path,
    rows,
    seal: (options) =>
      bulkSeal({
        workerUrl,
        workers: 3,
        pack: { fd, position: START, nextIndex: FIRST_INDEX },
        sessionId,
        sessionKey,
        track: 0,
        chunkSizeBytes: CHUNK,
        codec: 'wasm',
        onDurable: async (more) => {
          rows.push(...more);
        },
        ...options,
      }),
    close: () => closeSync(fd),
  };
}

/** The plain bytes of the rows, after every check that a row allows. */
function readBack({ path, rows }: Pack): Buffer {
  const file = readFileSync(path);
  expect(file.subarray(0, START).equals(Buffer.alloc(START, 0xee))).toBe(true);
  let offset = START;
  let plainOffset = 0;
  const plains = rows.map((row, at) => {
    expect([row.index, row.offset]).toEqual([FIRST_INDEX + at, offset]);
    const record = file.subarray(offset, offset + row.sizeBytes);
    const parsed = parseRecordHeader(record);
    if (!parsed.ok) throw new Error('no header');
    expect(parsed.header).toMatchObject({ index: row.index, plainOffset, sessionId });
    expect(Buffer.compare(leafHash(record), row.leafHash)).toBe(0);
    const opened = openChunk(sessionKey, codec, parsed.header, record);
    if (!opened.ok) throw new Error(opened.fault);
    offset += row.sizeBytes;
    plainOffset += row.plainSizeBytes;
    return opened.plain;
  });
  return Buffer.concat(plains);
}

function sourceFile(content: Uint8Array): { fd: number; sizeBytes: number } {
  const path = join(folder, `source-${randomBytes(6).toString('hex')}`);
  writeFileSync(path, content);
  return { fd: openSync(path, 'r+'), sizeBytes: content.length };
}

/** A pipe that is never at its end: this process holds both ends of it, and reading does not block. */
function openSilentPipe(content: Uint8Array): number {
  const path = join(folder, `pipe-${randomBytes(6).toString('hex')}`);
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  writeInto(path, content);
  return fd;
}

test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 7 * CHUNK, 40 * CHUNK + 123])(
  'a file of %i bytes comes back, in index order, without gap',
  async (size) => {
    const content = sample(size);
    const pack = newPack();
    const progress: number[] = [];
    const result = await pack.seal({
      source: sourceFile(content),
      onProgress: (bytes) => progress.push(bytes),
    });
    pack.close();
    expect(result).toEqual({
      chunks: Math.ceil(size / CHUNK),
      plainBytes: size,
      position: readFileSync(pack.path).length,
    });
    expect(readBack(pack).equals(content)).toBe(true);
    expect(progress.at(-1) ?? 0).toBe(size);
  },
);

test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 9 * CHUNK + 5])(
  'a pipe of %i bytes comes back',
  async (size) => {
    const content = sample(size);
    const pack = newPack();
    const path = join(folder, `fifo-${size}`);
    execFileSync('mkfifo', [path]);
    writeInto(path, content);
    const fd = openSync(path, 'r');
    const result = await pack.seal({ source: { fd, sizeBytes: null } });
    closeSync(fd);
    pack.close();
    expect(result).toMatchObject({ chunks: Math.ceil(size / CHUNK), plainBytes: size });
    expect(readBack(pack).equals(content)).toBe(true);
  },
);

test('a stop in the middle of a silent pipe ends the workers; what was written is whole', async () => {
  // Rows come 16 a message: 60 chunks make sure that some come while the pipe is open.
  const fd = openSilentPipe(sample(60 * CHUNK + 100));
  const pack = newPack();
  const abort = new AbortController();
  const sealing = pack.seal({
    source: { fd, sizeBytes: null },
    signal: abort.signal,
    onProgress: () => abort.abort(),
    workers: 2,
  });
  await expect(sealing).rejects.toMatchObject({ name: 'BulkSealError', fault: 'aborted' });
  closeSync(fd);
  pack.close();
  const plain = readBack(pack);
  expect(plain.length % CHUNK).toBe(0);
  expect(plain.length).toBeGreaterThan(0);
});

test('a job stopped before it began writes nothing', async () => {
  const pack = newPack();
  const failed = pack.seal({ source: sourceFile(sample(3 * CHUNK)), signal: AbortSignal.abort() });
  await expect(failed).rejects.toMatchObject({ fault: 'aborted' });
  expect(pack.rows).toEqual([]);
  expect(readFileSync(pack.path).length).toBe(START);
  pack.close();
});

test('a file that became shorter is told, not filled up', async () => {
  const source = sourceFile(sample(30 * CHUNK));
  ftruncateSync(source.fd, 20 * CHUNK + 5);
  const pack = newPack();
  await expect(pack.seal({ source })).rejects.toMatchObject({ fault: 'source_changed' });
  pack.close();
  expect(readBack(pack).length).toBeLessThanOrEqual(20 * CHUNK);
});

test('a source that cannot be read, a pack that cannot be written', async () => {
  const pack = newPack();
  const folderFd = openSync(folder, 'r');
  await expect(pack.seal({ source: { fd: folderFd, sizeBytes: 10 } })).rejects.toMatchObject({
    fault: 'source_unreadable',
  });
  closeSync(folderFd);
  const readOnly = openSync(pack.path, 'r');
  await expect(
    pack.seal({
      source: sourceFile(sample(CHUNK)),
      pack: { fd: readOnly, position: START, nextIndex: FIRST_INDEX },
    }),
  ).rejects.toMatchObject({ fault: 'store_failed' });
  closeSync(readOnly);
  expect(pack.rows).toEqual([]);
  pack.close();
});

test('a full disk is named so', async () => {
  const full = openSync('/dev/full', 'r+');
  const pack = newPack();
  const failed = pack.seal({
    source: sourceFile(sample(4 * CHUNK)),
    pack: { fd: full, position: 0, nextIndex: FIRST_INDEX },
  });
  await expect(failed).rejects.toMatchObject({ fault: 'store_full' });
  closeSync(full);
  expect(pack.rows).toEqual([]);
  pack.close();
});

test('once reporting has failed nothing more is reported', async () => {
  const pack = newPack();
  let calls = 0;
  const failed = pack.seal({
    source: sourceFile(sample(4 * CHUNK)),
    onDurable: async () => {
      calls++;
      throw new Error('the encryptor is gone');
    },
  });
  await expect(failed).rejects.toThrow('the encryptor is gone');
  expect(calls).toBe(1);
  pack.close();
});

test('a worker that dies, or does not even load, is a failure and not a short session', async () => {
  const dying = join(folder, 'dying.mjs');
  writeFileSync(dying, 'process.exit(7);');
  for (const url of [pathToFileURL(dying), pathToFileURL(join(folder, 'not-there.mjs'))]) {
    const pack = newPack();
    const failed = pack.seal({ source: sourceFile(sample(CHUNK)), workerUrl: url });
    await expect(failed).rejects.toMatchObject({ fault: 'worker_failed' });
    pack.close();
  }
});

test('a worker that dies while it reads a pipe does not keep the others waiting', async () => {
  const dying = join(folder, 'dying-reader.mjs');
  writeFileSync(
    dying,
    `import { workerData } from 'node:worker_threads';
    const { words } = workerData;
    if (Atomics.compareExchange(words, 2, 0, 1) === 0) {
      // Gives the other one time to reach the lock.
      Atomics.wait(words, 2, 1, 500);
      process.exit(7);
    }
    await import('${workerUrl}');`,
  );
  const pack = newPack();
  const source = { ...sourceFile(sample(10)), sizeBytes: null };
  const failed = pack.seal({ source, workers: 2, workerUrl: pathToFileURL(dying) });
  await expect(failed).rejects.toMatchObject({ fault: 'worker_failed' });
  pack.close();
});

test('a worker that writes without a word is found out', async () => {
  const mute = join(folder, 'mute.mjs');
  writeFileSync(
    mute,
    "import { workerData } from 'node:worker_threads'; Atomics.add(workerData.words, 4, 1);",
  );
  const pack = newPack();
  const failed = pack.seal({ source: sourceFile(sample(10)), workerUrl: pathToFileURL(mute) });
  await expect(failed).rejects.toMatchObject({ fault: 'worker_failed' });
  pack.close();
});

test('records of one seal carry different nonces', async () => {
  const pack = newPack();
  const zeros = Buffer.alloc(20 * CHUNK);
  await pack.seal({ source: sourceFile(zeros) });
  pack.close();
  const file = readFileSync(pack.path);
  const nonces = pack.rows.map(({ offset }) => file.toString('hex', offset + 88, offset + 112));
  expect(new Set(nonces).size).toBe(20);
});
