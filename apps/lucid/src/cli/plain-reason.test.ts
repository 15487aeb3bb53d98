import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainReason } from './plain-reason.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucid-reason-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('what the system says is put into words', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const reasons = [
    () => readFileSync(join(folder, 'nothere')),
    () => readFileSync(folder),
    () => readFileSync(join(file, 'below')),
    () => mkdirSync(file),
    () => readFileSync(join(folder, 'x'.repeat(300))),
  ].map((work) => plainReason(thrownBy(work)));
  expect(reasons).toEqual([
    'there is no such file or folder',
    'it is a folder, not a file',
    'a part of its path is a file, not a folder',
    'something of that name is there already',
    'its name is too long',
  ]);
});

test('a system error without words of its own is at least short; other errors speak for themselves', () => {
  const odd = Object.assign(new Error('EXDEV: cross-device link, rename a'), {
    code: 'EXDEV',
    syscall: 'rename',
  });
  expect(plainReason(odd)).toBe('the system refused it (EXDEV)');
  expect(plainReason(thrownBy(() => JSON.parse('{')))).toBe('it is not valid JSON');
  expect(plainReason(new Error('it is larger than it may be'))).toBe('it is larger than it may be');
  expect(plainReason('odd')).toBe('odd');
});
