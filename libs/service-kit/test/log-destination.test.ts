/** When lines reach the descriptor, seen from outside. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from './bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucid-log-'));
let program: string;
beforeAll(() => {
  program = bundleProgram('log-main', folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All lines, or those until one is urgent: then it is killed. */
function linesOf(...args: string[]): Promise<string[]> {
  const child = fork(program, args, { silent: true, execArgv: [] });
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (part) => {
      text += part;
      if (text.includes('"msg":"urgent"')) child.kill('SIGKILL');
    });
    child.once('close', () =>
      resolve(
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).msg),
      ),
    );
  });
}

it.each([
  ['error', 1],
  ['fatal', 1],
  // While others are being written, and behind more than fits into one piece.
  ['error', 5_000],
])('a line of level %s is written at once, with the %d before it', async (level, before) => {
  const lines = await linesOf(level, String(before));
  expect([lines.length, lines.at(-1)]).toEqual([before + 1, 'urgent']);
});

it.each(['end', 'exit', 'throw'])('all lines are written when the process ends: %s', async (end) => {
  expect(await linesOf(end, '3000')).toHaveLength(3_000);
});
