import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../cli/command-context.ts';
import { exportChain } from './chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucid-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A node with blocks 0 to 4, whose bytes are their heights. */
function contextOf(onExport: (height: number) => void, abort = new AbortController()): CommandContext {
  const client = {
    getStatus: async () => ({ height: 4 }),
    exportBlock: async ({ params: { height } }: { params: { height: number } }) => {
      onExport(height);
      return Uint8Array.of(height);
    },
  };
  return {
    lucid: { clientOf: () => client },
    output: { json: () => {}, line: () => {} },
    abort: abort.signal,
  } as unknown as CommandContext;
}

test('an export that ends early leaves no half file and does not call it whole', async () => {
  const path = join(folder, 'chain.rlp');
  const abort = new AbortController();
  const stopped = contextOf((height) => height === 2 && abort.abort(), abort);
  await expect(exportChain(stopped, path)).rejects.toMatchObject({ code: 'session_failed' });
  expect(existsSync(path)).toBe(false);
  const failed = contextOf((height) => {
    if (height === 3) throw new Error('the node went away');
  });
  await expect(exportChain(failed, path)).rejects.toThrow('the node went away');
  expect(existsSync(path)).toBe(false);
  expect(
    await exportChain(
      contextOf(() => {}),
      path,
    ),
  ).toBe(0);
  expect([...readFileSync(path)]).toEqual([0, 1, 2, 3, 4]);
});
