import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lockFolder } from './folder-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-chain-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder is one node’s until it is released', async () => {
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(
    `CHAIN_DATA_DIR: a folder that no other node uses; another process has ${folder}`,
  );
  await lock.release();
  await (await lockFolder(folder)).release();
});

test('a folder that is none is no other node’s fault', async () => {
  await expect(lockFolder('/dev/null')).rejects.toMatchObject({ name: 'KvError' });
});
