import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeKvStore } from '@lucid/kv-store/conformance';
import { levelErrorToKvError } from './level-error.ts';
import { openLevelKvStore } from './level-kv-store.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kv-level-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeKvStore('LevelDB', { open: (name) => openLevelKvStore({ path: join(folder, name) }), durable: true });

async function filledStore(name: string): Promise<string> {
  const path = join(folder, name);
  const kv = await openLevelKvStore({ path });
  await kv.batch([{ type: 'put', key: Uint8Array.of(1), value: Uint8Array.of(2) }], { sync: true });
  await kv.close();
  return path;
}

describe('a store that cannot be opened says why by its code', () => {
  test('a lost or cut manifest is kv_corrupt, and the error names its cause', async () => {
    const path = await filledStore('no-manifest');
    const manifest = (await readdir(path)).find((name) => name.startsWith('MANIFEST'))!;
    await truncate(join(path, manifest), 5);
    const opening = openLevelKvStore({ path });
    await expect(opening).rejects.toMatchObject({
      name: 'KvError',
      code: 'kv_corrupt',
      cause: expect.anything(),
    });
  });

  test('a garbled CURRENT file is kv_corrupt', async () => {
    const path = await filledStore('bad-current');
    await writeFile(join(path, 'CURRENT'), 'nonsense');
    await expect(openLevelKvStore({ path })).rejects.toMatchObject({ code: 'kv_corrupt' });
  });

  test('a path under a file is kv_io', async () => {
    await writeFile(join(folder, 'a-file'), '');
    await expect(openLevelKvStore({ path: join(folder, 'a-file', 'store') })).rejects.toMatchObject({
      code: 'kv_io',
    });
  });
});

describe('what the engine says becomes one of the codes', () => {
  const engineError = (code: string, message: string) => Object.assign(new Error(message), { code });
  test.each([
    ['kv_disk_full', engineError('LEVEL_IO_ERROR', 'IO error: /x/000005.log: No space left on device')],
    ['kv_disk_full', engineError('ENOSPC', 'mkdir')],
    ['kv_denied', engineError('LEVEL_IO_ERROR', 'IO error: /x/LOCK: Permission denied')],
    ['kv_corrupt', engineError('LEVEL_CORRUPTION', 'Corruption: block checksum mismatch')],
    ['kv_locked', engineError('LEVEL_LOCKED', 'IO error: lock /x/LOCK: already held by process')],
    ['kv_io', engineError('LEVEL_IO_ERROR', 'IO error: Input/output error')],
    ['kv_io', 'not even an error'],
  ])('%s', (code, error) => {
    expect(levelErrorToKvError(error).code).toBe(code);
  });

  test('the cause counts more than the wrapper', () => {
    const wrapper = Object.assign(
      new Error('Database failed to open', { cause: engineError('LEVEL_LOCKED', '') }),
      {
        code: 'LEVEL_DATABASE_NOT_OPEN',
      },
    );
    expect(levelErrorToKvError(wrapper).code).toBe('kv_locked');
  });
});
