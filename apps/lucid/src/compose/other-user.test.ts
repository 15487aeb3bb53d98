/** What a user who is not root meets, in the group docker: root's daemon may more than that user. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkData } from './check-data.ts';
import { whyNot } from './check-ports.ts';
import type { StackModel } from './model.ts';

const STRANGER = 65_534;

/** As another user, where this is root. */
async function asStranger<T>(work: () => T | Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(STRANGER);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

test('a port below 1024 is not called taken', async () => {
  expect(await asStranger(() => whyNot('127.0.0.1', 1))).toBeNull();
});

test('folders of data in a closed folder are left to the daemon', async () => {
  const closed = mkdtempSync(join(tmpdir(), 'lucid-data-'));
  const volumes = [{ type: 'bind', source: join(closed, 'mongodb_data') }];
  const model = { services: { mongodb: { volumes } } } as unknown as StackModel;
  chmodSync(closed, 0);
  try {
    expect(await asStranger(() => checkData(model))).toEqual([expect.objectContaining({ status: 'ok' })]);
  } finally {
    rmSync(closed, { recursive: true, force: true });
  }
});
