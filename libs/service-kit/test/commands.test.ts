import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServiceKeys, type ServiceKey } from '../src/index.ts';
import { bundleProgram } from './bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucid-commands-'));
const { keys } = createServiceKeys(['tally', 'operator']);
const environment: Record<string, string | undefined> = {
  PATH: process.env.PATH,
  TALLY_PASSWORD: 'secret enough',
  LUCID_SOCKET: join(folder, 's', 'tally.sock'),
  LUCID_SERVICE_KEY_FILE: join(folder, 'tally.pem'),
  LUCID_SERVICE_KEYRING_FILE: join(folder, 'keyring.json'),
};

beforeAll(() => {
  bundleProgram('tally-main', join(folder, 'dist'));
  writeFileSync(join(folder, 'tally.pem'), (keys.get('tally') as ServiceKey).secretPem);
  const keyring = Object.fromEntries([...keys.values()].map((each) => [each.caller, each.publicKey]));
  writeFileSync(join(folder, 'keyring.json'), JSON.stringify(keyring));
});

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(argv: readonly string[], env = environment) {
  const child = fork(join(folder, 'dist', 'tally-main.mjs'), argv, { env, silent: true, execArgv: [] });
  children.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (part) => {
    stdout += part;
  });
  child.stderr?.on('data', (part) => {
    stderr += part;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  return { child, ended };
}

const run = (...argv: string[]) => start(argv).ended;

describe('without a service that runs', () => {
  it('opens the context itself, without workers, prints one JSON value and closes', async () => {
    expect(await run('count', 'add', '3')).toEqual({ code: 0, stdout: '{"total":3}\n', stderr: 'closed\n' });
    expect(await run('count')).toEqual({ code: 0, stdout: '{"total":1}\n', stderr: 'closed\n' });
  });

  it('ends with 3 where the answer says no', async () => {
    expect(await run('count', 'add', '9')).toMatchObject({ code: 3, stdout: '{"total":9}\n' });
  });

  it('ends with 1 and the problem where it is refused', async () => {
    const { code, stdout, stderr } = await run('count', 'add', '11');
    expect([code, stdout]).toEqual([1, '']);
    expect(JSON.parse(stderr.split('\n').at(-2) as string)).toEqual({
      code: 'too_many',
      title: 'It counts no further.',
      detail: 'Ten is the end.',
      total: 0,
    });
    expect((await run('reset')).stderr).toContain('"code":"forbidden"');
    expect((await run('count', 'add', '5', '--most', '4')).stderr).toContain('more than was meant');
  });

  it.each([
    [['count', 'add'], 'an argument is missing'],
    [['count', 'add', '1', '2'], 'there is no place for the argument "2"'],
    [['count', 'add', 'many'], 'COUNT must be a whole number'],
    [['count', 'add', '1', '--least', '2'], "Unknown option '--least'"],
    [['bogus', 'words'], 'there is no command "bogus words"'],
  ])('%j: ends with 2 and says why', async (argv, sentence) => {
    const { code, stdout, stderr } = await run(...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('usage: ');
  });

  it('ends with 2 and lists the faults of its settings', async () => {
    const { code, stderr } = await start(['count'], { ...environment, TALLY_PASSWORD: '' }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('  TALLY_PASSWORD: ');
  });

  it('helps', async () => {
    const { code, stdout } = await run('help');
    expect(code).toBe(0);
    expect(stdout).toContain('  count add COUNT [--most NUMBER]\n      adds a number\n');
    expect(await run('count', 'add', '--help')).toMatchObject({
      code: 0,
      stdout: 'usage: count add COUNT [--most NUMBER]\n  adds a number\n',
    });
  });

  it('stops its work at SIGTERM', async () => {
    const { child, ended } = start(['wait']);
    await once(child, 'message');
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('SIGTERM ended the command')]);
    expect(stderr).toContain('closed');
  });
});

it('asks the service that runs, as that service', async () => {
  const service = start([]);
  await once(service.child.stdout as NodeJS.ReadableStream, 'data');
  expect(await run('count', 'add', '3')).toEqual({ code: 0, stdout: '{"total":3}\n', stderr: '' });
  expect(await run('count')).toMatchObject({ code: 0, stdout: '{"total":4}\n' });
  expect(await run('count', 'add', '7')).toMatchObject({ code: 1, stdout: '' });
  expect((await run('reset')).stderr).toContain('"code":"forbidden"');
  service.child.kill('SIGTERM');
  expect(await service.ended).toMatchObject({ code: 0, stderr: 'worker\nclosed\n' });
});
