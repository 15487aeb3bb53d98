import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliError } from '../cli/cli-error.ts';
import { findHome, homePath, located, openHome, requireHome } from './home.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-home-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (root: string) => openHome({ LUCID_HOME: root });
function faultOf(work: () => unknown): { code: string; exitCode: number; message: string } {
  try {
    work();
  } catch (error) {
    const { code, exitCode, message } = error as CliError;
    return { code, exitCode, message };
  }
  throw new Error('nothing was thrown');
}

test('the folder is LUCID_HOME, else XDG_DATA_HOME, else below HOME', () => {
  const env = { LUCID_HOME: '/a', XDG_DATA_HOME: '/b', HOME: '/c' };
  expect(homePath(env)).toBe('/a');
  expect(homePath({ ...env, LUCID_HOME: '' })).toBe('/b/lucid');
  expect(homePath({ HOME: '/c' })).toBe('/c/.local/share/lucid');
  expect(homePath({ LUCID_HOME: 'here' })).toBe(join(process.cwd(), 'here'));
});

test('it is made for nobody else to look into, and opened again as it is', () => {
  const root = join(folder, 'deep/new');
  const home = open(root);
  for (const path of [root, home.keys, home.sessions, home.documents, home.ledger, home.run, home.seen])
    expect({ path, mode: statSync(path).mode & 0o777 }).toEqual({ path, mode: 0o700 });
  expect(JSON.parse(readFileSync(join(root, 'lucid.json'), 'utf8'))).toEqual({ format: 1 });
  rmSync(home.seen, { recursive: true });
  expect(open(root)).toEqual(home);
  expect(statSync(home.seen).isDirectory()).toBe(true);
});

test('looking for it makes nothing, and says how it is made where it is asked for', () => {
  const root = join(folder, 'nothere');
  expect(findHome({ LUCID_HOME: root })).toBeNull();
  const missing = faultOf(() => requireHome({ LUCID_HOME: root }));
  expect(missing).toMatchObject({ code: 'data_folder_missing', exitCode: 3 });
  expect(missing.message).toMatch(/nothere.*lucid record/);
  expect(readdirSync(folder)).toEqual([]);
  expect(faultOf(() => requireHome({ LUCID_HOME: folder })).code).toBe('data_folder_missing');
  const home = open(root);
  expect([findHome({ LUCID_HOME: root }), requireHome({ LUCID_HOME: root })]).toEqual([home, home]);
});

test('evidence lies where the folder is now', () => {
  const home = open(folder);
  const session = { sessionId: 'ab'.repeat(32), bundle: '/was/elsewhere/x.lucid' };
  expect(located({ home }, session).bundle).toBe(join(folder, 'sessions', `${session.sessionId}.lucid`));
  const unfinished = { sessionId: session.sessionId };
  expect(located({ home }, unfinished)).toBe(unfinished);
});

test('an empty folder becomes ours, one with other things in it never', () => {
  expect(open(folder).root).toBe(folder);
  const foreign = join(folder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'letter.txt'), 'x');
  expect(faultOf(() => open(foreign))).toMatchObject({ code: 'data_folder_damaged', exitCode: 3 });
  expect(statSync(foreign).nlink).toBe(2);
});

test.each([
  ['no JSON', '{', /damaged/],
  ['empty', '', /damaged/],
  ['null', 'null', /damaged/],
  ['without a format', '{}', /format undefined/],
  ['of a later format', '{"format":2}', /format 2.*version/],
])('lucid.json that is %s: told, nothing changed', (_what, content, message) => {
  const path = join(open(folder).root, 'lucid.json');
  writeFileSync(path, content);
  const fault = faultOf(() => open(folder));
  expect(fault).toMatchObject({ code: 'data_folder_damaged', exitCode: 3 });
  expect(fault.message).toMatch(message);
  expect(readFileSync(path, 'utf8')).toBe(content);
});

test('a file in its place, a file in the place of a part of it', () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  for (const use of [open, (root: string) => findHome({ LUCID_HOME: root })])
    expect(faultOf(() => use(file))).toMatchObject({
      code: 'data_folder_unusable',
      exitCode: 3,
      message: expect.stringContaining('is a file, not a folder'),
    });
  expect(faultOf(() => open(join(file, 'below'))).code).toBe('data_folder_unusable');
  const home = open(join(folder, 'home'));
  rmSync(home.sessions, { recursive: true });
  writeFileSync(home.sessions, 'x');
  expect(faultOf(() => open(home.root)).code).toBe('data_folder_unusable');
});

test('a folder that may not be written', () => {
  if (process.getuid?.() === 0) {
    // Root may write everywhere but in places that are no file system for it.
    const fault = faultOf(() => open('/proc/lucid-home'));
    expect(fault).toMatchObject({
      code: 'data_folder_unusable',
      message: expect.not.stringMatching(/E[A-Z]{4}/),
    });
    return;
  }
  chmodSync(folder, 0o500);
  expect(faultOf(() => open(join(folder, 'home'))).code).toBe('data_folder_unusable');
  chmodSync(folder, 0o700);
});
