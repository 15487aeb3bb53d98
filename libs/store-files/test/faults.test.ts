import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf, sampleRecord, sampleSessionId, sampleTrailer } from '@lucid/chunk-store/conformance';
import { nodeFileSystem, openFilesChunkStore } from '../src/index.ts';
import { createDyingFileSystem, createFaultyFileSystem, errno } from './faulty-file-system.ts';

const sessionId = sampleSessionId('faults');
const record = (index: number, payloadSizeBytes = 1000, seed = '') =>
  sampleRecord({ sessionId, index, payloadSizeBytes, seed });
const SIZE = 1128;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-faults-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function expectRecords(count: number): Promise<void> {
  const store = await openFilesChunkStore({ folder });
  expect((await store.head(sessionId)).records).toBe(count);
  for (let index = 0; index < count; index += 1) {
    expect(Buffer.compare(await store.read(sessionId, index), Buffer.concat(record(index)))).toBe(0);
  }
  await store.close();
}

test('a check tells of a full file system, to a writer only', async () => {
  let room = 1_048_576;
  const fs = { ...nodeFileSystem, freeBytes: async () => room };
  const store = await openFilesChunkStore({ folder }, { fs });
  await store.check();
  room -= 1;
  expect(await codeOf(store.check())).toBe('store_full');
  await store.close();
  const reader = await openFilesChunkStore({ folder, readOnly: true }, { fs });
  await reader.check();
  await reader.close();
});

test.each([
  ['the sync of the file', (step: string, path: string) => step === 'sync' && path !== folder],
  ['the rename', (step: string) => step === 'rename'],
  ['the sync of the folder', (step: string, path: string) => step === 'sync' && path === folder],
  ['removing the mark', (step: string, path: string) => step === 'unlink' && path.endsWith('.mark')],
] as const)('a session whose end failed at %s is finished after head', async (_, fails) => {
  let failing = false;
  let failures = 0;
  const fs = createFaultyFileSystem((step, path) => {
    if (!failing || !fails(step, path)) return undefined;
    failures += 1;
    throw errno('EIO');
  });
  const store = await openFilesChunkStore({ folder }, { fs });
  await store.create(sessionId);
  await store.append(sessionId, 0, record(0));
  const trailer = sampleTrailer(64 + SIZE, 0);
  failing = true;
  expect(await codeOf(store.finish(sessionId, trailer))).toBe('store_unavailable');
  expect(failures).toBe(1);
  failing = false;
  expect(await codeOf(store.finish(sessionId, trailer))).toBe('store_unavailable');
  expect(await store.head(sessionId)).toMatchObject({ records: 1, storedBytes: SIZE });
  await store.finish(sessionId, trailer);
  expect(Buffer.compare((await store.trailer(sessionId))!, trailer)).toBe(0);
  expect(await readdir(folder)).toEqual([`${sessionId}.lucid`]);
  await store.close();
  await expectRecords(1);
});

test.each(['EIO', 'ENOSPC'])(
  'after a sync failed with %s nothing written before it is believed',
  async (code) => {
    let failing = false;
    const fs = createFaultyFileSystem((step) => {
      if (failing && step === 'datasync') throw errno(code);
      return undefined;
    });
    const store = await openFilesChunkStore({ folder }, { fs });
    await store.create(sessionId);
    await store.append(sessionId, 0, record(0));
    failing = true;
    const codes = await Promise.all(
      [1, 2, 3].map((index) => codeOf(store.append(sessionId, index, record(index)))),
    );
    const expected = code === 'EIO' ? 'store_unavailable' : 'store_full';
    expect(codes).toEqual([expected, expected, expected]);
    failing = false;
    expect(await codeOf(store.append(sessionId, 1, record(1)))).toBe('store_unavailable');
    expect(await codeOf(store.finish(sessionId, sampleTrailer(64 + SIZE, 0)))).toBe('store_unavailable');
    expect(await codeOf(store.read(sessionId, 1))).toBe('record_missing');
    expect(await store.head(sessionId)).toEqual({ records: 1, storedBytes: SIZE, droppedBytes: 3 * SIZE });
    // Sealed anew, so other bytes: what failed must not stand in its way.
    await store.append(sessionId, 1, record(1, 1000, 'sealed anew'));
    expect(
      Buffer.compare(await store.read(sessionId, 1), Buffer.concat(record(1, 1000, 'sealed anew'))),
    ).toBe(0);
    await store.close();
  },
);

test('short writes are continued', async () => {
  let limit = 1;
  const fs = createFaultyFileSystem((step) => {
    if (step !== 'writev') return undefined;
    limit = (limit * 7) % 501;
    return Math.max(1, limit);
  });
  const store = await openFilesChunkStore({ folder }, { fs });
  await store.create(sessionId);
  await Promise.all([0, 1, 2, 3].map((index) => store.append(sessionId, index, record(index))));
  await store.close();
  await expectRecords(4);
});

test('overlapping appends share syncs', async () => {
  let syncs = 0;
  const fs = createFaultyFileSystem((step) => {
    if (step === 'datasync') syncs += 1;
    return undefined;
  });
  const store = await openFilesChunkStore({ folder }, { fs });
  await store.create(sessionId);
  await store.append(sessionId, 0, record(0));
  syncs = 0;
  await Promise.all(Array.from({ length: 100 }, (_, at) => store.append(sessionId, at + 1, record(at + 1))));
  expect(syncs).toBeLessThan(5);
  await store.close();
  await expectRecords(101);
});

test('open files are bounded, and sessions beyond the bound work', async () => {
  const store = await openFilesChunkStore({ folder, maxOpenSessions: 3 });
  const ids = Array.from({ length: 12 }, (_, at) => sampleSessionId(`many/${at}`));
  const openFiles = async () => {
    const links = await readdir('/proc/self/fd', { withFileTypes: true });
    return links.length;
  };
  for (const id of ids) await store.create(id);
  const before = await openFiles();
  for (let index = 0; index < 3; index += 1) {
    for (const id of ids)
      await store.append(id, index, sampleRecord({ sessionId: id, index, payloadSizeBytes: 10 }));
  }
  expect((await openFiles()) - before).toBeLessThanOrEqual(3 * 2 + 2);
  for (const id of ids) expect((await store.head(id)).records).toBe(3);
  await store.close();
});

describe('dying at any step', () => {
  const endOffset = 64 + 2 * SIZE;
  const trailers = [
    sampleTrailer(endOffset, 300, 'first'),
    sampleTrailer(endOffset, 5000, 'longer'),
    sampleTrailer(endOffset, 3, 'shorter'),
  ];

  /** Runs `work` on a file system that dies after 0, 1, 2… steps, until it outlives it; `judge` sees what is left each time. */
  async function dieEverywhere(
    prepare: () => Promise<void>,
    work: (store: Awaited<ReturnType<typeof openFilesChunkStore>>) => Promise<unknown>,
    judge: (outcome: string) => Promise<void>,
  ): Promise<number> {
    for (let steps = 0; ; steps += 1) {
      await rm(folder, { recursive: true });
      await prepare();
      const dying = createDyingFileSystem(steps);
      const store = await openFilesChunkStore({ folder }, { fs: dying.fs });
      const outcome = await codeOf(work(store));
      await store.close();
      await judge(outcome);
      if (!dying.died()) {
        expect(outcome).toBe('resolved');
        return steps;
      }
    }
  }

  const filled = async (): Promise<void> => {
    const store = await openFilesChunkStore({ folder });
    await store.create(sessionId);
    for (const index of [0, 1]) await store.append(sessionId, index, record(index));
    await store.close();
  };

  test('creating', async () => {
    const steps = await dieEverywhere(
      async () => void mkdirSync(folder),
      (store) => store.create(sessionId),
      async () => {
        const store = await openFilesChunkStore({ folder });
        await store.create(sessionId);
        await store.append(sessionId, 0, record(0));
        await store.close();
        await expectRecords(1);
      },
    );
    expect(steps).toBeGreaterThan(3);
  });

  test('appending', async () => {
    const acknowledged = { records: 0 };
    await dieEverywhere(
      async () => {
        acknowledged.records = 2;
        await filled();
      },
      async (store) => {
        for (let index = 2; index < 5; index += 1) {
          await store.append(sessionId, index, record(index));
          acknowledged.records = index + 1;
        }
      },
      async () => {
        const store = await openFilesChunkStore({ folder });
        const { records } = await store.head(sessionId);
        expect(records).toBeGreaterThanOrEqual(acknowledged.records);
        await store.close();
        await expectRecords(records);
      },
    );
  });

  test('closing', async () => {
    const steps = await dieEverywhere(
      filled,
      (store) => store.finish(sessionId, trailers[0]!),
      async (outcome) => {
        const store = await openFilesChunkStore({ folder });
        const trailer = await store.trailer(sessionId);
        if (trailer === null) expect(outcome).not.toBe('resolved');
        else expect(Buffer.compare(trailer, trailers[0]!)).toBe(0);
        expect((await store.head(sessionId)).records).toBe(2);
        const { path } = await store.finish(sessionId, trailers[0]!);
        expect((await readFile(path)).length).toBe(endOffset + trailers[0]!.length);
        await store.close();
        expect(
          (await readdir(folder)).filter((name) => name.endsWith('.trailer') || name.endsWith('.draft')),
        ).toEqual([]);
      },
    );
    expect(steps).toBeGreaterThan(4);
  });

  test.each([
    ['longer', 0, 1],
    ['shorter', 1, 2],
  ])('replacing a trailer by a %s one', async (_name, from, to) => {
    const [before, after] = [trailers[from]!, trailers[to]!];
    const seen = new Set<string>();
    const steps = await dieEverywhere(
      async () => {
        await filled();
        const store = await openFilesChunkStore({ folder });
        await store.finish(sessionId, before);
        await store.close();
      },
      (store) => store.finish(sessionId, after),
      async (outcome) => {
        const reader = await openFilesChunkStore({ folder, readOnly: true });
        const shown = (await reader.trailer(sessionId))!;
        expect((await reader.read(sessionId, 1)).length).toBe(SIZE);
        await reader.close();
        const isNew = Buffer.compare(shown, after) === 0;
        if (!isNew) expect(Buffer.compare(shown, before)).toBe(0);
        if (outcome === 'resolved') expect(isNew).toBe(true);
        seen.add(isNew ? 'new' : 'old');
        const store = await openFilesChunkStore({ folder });
        expect(Buffer.compare((await store.trailer(sessionId))!, shown)).toBe(0);
        await store.close();
        const file = await readFile(join(folder, `${sessionId}.lucid`));
        expect(Buffer.compare(file.subarray(endOffset), shown)).toBe(0);
        expect(await readdir(folder)).toEqual([`${sessionId}.lucid`]);
      },
    );
    expect(steps).toBeGreaterThan(7);
    expect([...seen].sort()).toEqual(['new', 'old']);
  });
});

const mounted = (() => {
  if (process.getuid?.() !== 0) return 'mounting a small file system needs root';
  const probe = join(tmpdir(), `lucid-mount-${process.pid}`);
  mkdirSync(probe);
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe]);
  if (made.status === 0) spawnSync('umount', [probe]);
  spawnSync('rmdir', [probe]);
  return made.status === 0 ? null : `mount is not allowed here: ${made.stderr}`;
})();
if (mounted !== null) console.warn(`skipped: a full disk was not tried, ${mounted}`);

(mounted === null ? test : test.skip)(
  'a full disk refuses, keeps what it had, and goes on after space was made',
  async () => {
    const small = join(folder, 'small');
    mkdirSync(small);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]).status).toBe(0);
    try {
      const store = await openFilesChunkStore({ folder: small });
      const other = sampleSessionId('ballast');
      await store.create(other);
      for (let index = 0; index < 5; index += 1) {
        await store.append(
          other,
          index,
          sampleRecord({ sessionId: other, index, payloadSizeBytes: 100_000 }),
        );
      }
      await store.create(sessionId);
      let stored = 0;
      let code = 'resolved';
      for (; code === 'resolved' && stored < 100; stored += code === 'resolved' ? 1 : 0) {
        code = await codeOf(store.append(sessionId, stored, record(stored, 60_000)));
      }
      expect(code).toBe('store_full');
      expect(stored).toBeGreaterThan(3);
      expect((await store.head(sessionId)).records).toBe(stored);
      await store.remove(other);
      await store.append(sessionId, stored, record(stored, 60_000));
      expect((await store.head(sessionId)).records).toBe(stored + 1);
      for (let index = 0; index <= stored; index += 1) {
        expect(Buffer.compare(await store.read(sessionId, index), Buffer.concat(record(index, 60_000)))).toBe(
          0,
        );
      }
      await store.close();
    } finally {
      spawnSync('umount', [small]);
    }
  },
);
