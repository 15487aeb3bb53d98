/** The edges of the command line: what is not understood, help, completion, and sessions that were given up. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolder, errorOf, lastJson, program, testBuilt } from './program.ts';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

const file = (name: string, content = 'x'): string => {
  const path = join(data.folder, name);
  writeFileSync(path, content);
  return path;
};

testBuilt.each([
  ['an unknown option', ['list', '--frobnicate', '--json'], /unknown option '--frobnicate'/],
  ['a missing argument', ['show', '--json'], /missing required argument 'id'/],
  ['one argument too many', ['show', 'abcd', 'efgh', '--json'], /too many arguments/],
  ['a wrong choice', ['seal', 'x', '--codec', 'gzip', '--json'], /codec/],
  ['no number', ['open', 'x', '--track', 'one', '--json'], /Give a whole number/],
  ['an unknown command', ['frobnicate', '--json'], /unknown command 'frobnicate'/],
  ['an unknown command below keys', ['keys', 'frobnicate', '--json'], /unknown command 'frobnicate'/],
  ['show of a file', ['show', './x.lucid', '--json'], /lucid verify \.\/x\.lucid/],
  ['retry of a file', ['retry', 'x.lucid', '--json'], /is no session id/],
])('%s under --json: one object, status 2', async (_what, args, message) => {
  await data.run(['seal', file('a')]);
  const run = await data.run(args);
  const lines = run.stdout.toString().trimEnd().split('\n');
  expect({ status: run.status, lines: lines.length }).toEqual({ status: 2, lines: 1 });
  expect(lastJson(run)).toEqual({ error: 'usage', message: expect.stringMatching(message) });
  expect((lastJson(run) as { message: string }).message).not.toMatch(/^error/);
  expect(run.stderr).toMatch(/^(error|lucid): /);
});

testBuilt('what is recorded may have a --json of its own', async () => {
  const run = await data.run(['record', '--frobnicate', '--', 'echo', '--json']);
  expect({ status: run.status, stdout: run.stdout.toString() }).toEqual({ status: 2, stdout: '' });
});

testBuilt('help of a command, of one below it, and of none', async () => {
  const help = (...names: string[]) => data.run(['help', ...names]);
  expect((await help()).stdout.toString()).toMatch(/Usage: lucid .*retry /s);
  expect((await help('verify')).stdout.toString()).toMatch(/^Usage: lucid verify /);
  expect((await help('keys', 'grant')).stdout.toString()).toMatch(/^Usage: lucid keys grant /);
  expect((await data.run(['keys', 'help', 'grant'])).stdout.toString()).toMatch(/^Usage: lucid keys grant /);
  for (const args of [
    ['help', 'foo'],
    ['help', 'keys', 'foo'],
    ['keys', 'help', 'foo'],
  ]) {
    const run = await data.run(args);
    expect({ args, status: run.status, stdout: run.stdout.toString() }).toEqual({
      args,
      status: 2,
      stdout: '',
    });
    expect(run.stderr).toMatch(/^error: unknown command '.*foo'/);
  }
});

testBuilt('up on a name that is no address, and on an address that is not ours', async () => {
  for (const host of ['nope.invalid', '192.0.2.1']) {
    const run = await data.run(['up', '--json', '--port', '0', '--host', host]);
    expect([run.status, errorOf(run)]).toEqual([1, 'port_busy']);
    expect(run.stderr).toMatch(new RegExp(`${host}:0 cannot be listened on: .*address.*--host`));
    expect(run.stderr).not.toMatch(/\bE[A-Z]{4,}\b|getaddrinfo/);
  }
});

testBuilt('play from a moment that the recording does not have', async () => {
  const { sessionId } = await data.session(['record', '--', 'echo', 'hello']);
  for (const [from, message] of [
    ['99:99', /up to 59/],
    ['1:60:00', /up to 59/],
    ['99:59', /beyond the end: the recording is 0:00:0/],
    ['3600', /beyond the end/],
    ['soon', /M:SS/],
  ] as const) {
    const run = await data.run(['play', sessionId, '--from', from, '--json']);
    expect({ from, status: run.status, error: errorOf(run) }).toEqual({ from, status: 2, error: 'usage' });
    expect(run.stderr).toMatch(message);
  }
  expect((await data.run(['play', sessionId, '--from', '0:00'])).stdout.toString()).toBe('hello\r\n');
});

testBuilt('sizes: one system of units, one chunk, and none before a recording has ended', async () => {
  const content = file('large', 'x'.repeat(2_000_000));
  const told = await data.run(['seal', '--chunk-size', '16m', content]);
  expect(told.stdout.toString()).toContain('2.00 MB in 1 chunk, stored');
  const recording = data.start(['record', '--', 'cat'], 'pipe');
  const listed = async () => (await data.run(['list'])).stdout.toString();
  let text = '';
  do text = await listed();
  while (!/ recording /.test(text));
  expect(text).toMatch(/ recording +- +no /);
  expect(text).toMatch(/ 2\.00 MB /);
  recording.child.stdin?.end();
  expect((await recording.ended).status).toBe(0);
});

testBuilt('bash completes sessions by the program that is typed, wherever it lies', async () => {
  const { sessionId } = await data.session(['seal', file('a')]);
  const bin = join(data.folder, 'some where');
  mkdirSync(bin);
  const lucid = join(bin, 'lucid');
  writeFileSync(lucid, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(lucid, 0o755);
  const complete = (words: readonly string[], last = '') =>
    spawnSync(
      'bash',
      [
        '-c',
        `eval "$("$1" completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lucid; printf "%s\\n" "\${COMPREPLY[@]}"`,
        'bash',
        lucid,
        ...words,
        last,
      ],
      { env: data.env as NodeJS.ProcessEnv, encoding: 'utf8', cwd: data.folder },
    ).stdout.split('\n');
  for (const words of [['show'], ['retry'], ['verify'], ['keys', 'list']])
    expect(complete(words)).toContain(sessionId.slice(0, 16));
  expect(complete(['show'], sessionId.slice(0, 5))).toEqual([sessionId.slice(0, 16), '']);
  expect(complete(['list'])).not.toContain(sessionId.slice(0, 16));
  expect(complete([], 'ret')).toEqual(['retry', '']);
});

testBuilt('a session that was given up: named with the command that takes it up again', async () => {
  const taken = 'mv "$LUCID_HOME/sessions/$LUCID_SESSION.part" "$HOME/taken.part"';
  const recorded = await data.run(['record', '--json', '--', 'sh', '-c', `echo kept; ${taken}`]);
  expect([recorded.status, errorOf(recorded)]).toEqual([1, 'session_failed']);
  const { sessions } = lastJson(await data.run(['list', '--json'])) as { sessions: { sessionId: string }[] };
  const { sessionId } = sessions[0] as { sessionId: string };
  const command = `lucid retry ${sessionId.slice(0, 16)}`;
  expect((await data.run(['show', sessionId])).stdout.toString()).toContain(command);
  expect(lastJson(await data.run(['show', sessionId, '--json']))).toMatchObject({ givenUp: true });
  expect((await data.run(['doctor'])).stdout.toString()).toContain(command);
  const again = await data.run(['retry', sessionId, '--json']);
  expect([again.status, errorOf(again)]).toEqual([1, 'session_failed']);
  expect(again.stderr).toMatch(/given up again: .*session_unknown/);
  renameSync(join(data.folder, 'taken.part'), join(data.home, 'sessions', `${sessionId}.part`));
  const finished = await data.run(['retry', sessionId.slice(0, 8), '--json']);
  expect(lastJson(finished)).toMatchObject({ sessionId, verified: true });
  expect(finished.status).toBe(0);
  expect((await data.content(sessionId)).toString()).toContain('kept');
  const nothing = await data.run(['retry', sessionId, '--json']);
  expect([nothing.status, errorOf(nothing)]).toEqual([2, 'usage']);
  expect(readdirSync(join(data.home, 'sessions'))).toEqual([`${sessionId}.lucid`]);
});
