/** `up`, `list` and `show`, and commands beside each other on one data folder. */

import { mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DataFolder, errorOf, lastJson, testBuilt } from './program.ts';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

const list = async (folder: DataFolder, ...args: string[]) =>
  JSON.parse((await folder.run(['list', '--json', ...args])).stdout.toString()).sessions as {
    sessionId: string;
    state: string;
    title?: string;
  }[];

const file = (name: string, content = 'x'): string => {
  const path = join(data.folder, name);
  writeFileSync(path, content);
  return path;
};

testBuilt('up tells that it is ready, serves beside others, and leaves nothing behind', async () => {
  const host = await data.up();
  const card = join(data.home, 'run/host.json');
  expect(statSync(card).mode & 0o777).toBe(0o600);
  const told = await data.session(['seal', file('a')]);
  expect(await list(data)).toMatchObject([{ sessionId: told.sessionId, state: 'completed', title: 'a' }]);
  const second = await data.run(['up', '--port', '0', '--json']);
  expect([second.status, errorOf(second)]).toEqual([3, 'data_folder_busy']);
  expect(second.stderr).toContain(String(host.child.pid));
  host.child.kill('SIGTERM');
  const run = await host.ended;
  expect(run).toMatchObject({ status: 0, stderr: expect.stringContaining('stopping (SIGTERM)') });
  expect(readdirSync(join(data.home, 'run'))).toEqual([]);
  expect(lastJson(run)).toMatchObject({ ready: true, pid: host.child.pid, home: data.home });
});

testBuilt('a host that was killed is no obstacle', async () => {
  const host = await data.up();
  host.child.kill('SIGKILL');
  await host.ended;
  expect(await data.session(['seal', file('a')])).toMatchObject({ verified: true });
  const again = await data.up();
  again.child.kill('SIGINT');
  expect((await again.ended).status).toBe(0);
});

testBuilt.each([
  ['gone', (path: string) => rmSync(path)],
  ['cut off within what was stored', (path: string) => truncateSync(path, 300)],
  ['another', (path: string) => writeFileSync(path, Buffer.alloc(2_000))],
])(
  'a live session whose file is %s when the host comes back is given up, with the reason',
  async (_how, harm) => {
    const recording = data.start(['record', '--', 'sh', '-c', 'echo running; sleep 1000']);
    await recording.says('running');
    const sessions = join(data.home, 'sessions');
    recording.child.kill('SIGKILL');
    await recording.ended;
    const name = readdirSync(sessions).find((each) => each.endsWith('.part')) as string;
    harm(join(sessions, name));
    expect(await list(data)).toMatchObject([
      { state: 'failed', reason: 'close: session-encryptor answered record_damaged' },
    ]);
    expect((await data.session(['seal', file('a')])).verified).toBe(true);
  },
);

testBuilt('a busy port, no port, and an address that is not ours', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const busy = await data.run(['up', '--json', '--port', String(port)]);
  expect([busy.status, errorOf(busy)]).toEqual([1, 'port_busy']);
  expect(busy.stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} is used by another program`));
  server.close();
  for (const wrong of ['x', '-1', '65536', '80x', '1.5']) {
    const run = await data.run(['up', '--json', `--port=${wrong}`]);
    expect({ wrong, status: run.status, error: errorOf(run) }).toEqual({ wrong, status: 2, error: 'usage' });
  }
  const address = await data.run(['up', '--json', '--port', '0', '--host', '192.0.2.1']);
  expect([address.status, errorOf(address)]).toEqual([1, 'port_busy']);
  expect(readdirSync(join(data.home, 'run'))).toEqual([]);
});

testBuilt('list and show: newest first, limits, first digits, and what is wrong with them', async () => {
  const host = await data.up();
  expect((await data.run(['list'])).stdout.toString()).toContain('no sessions yet');
  const ids: string[] = [];
  for (const name of ['one', 'two', 'three'])
    ids.unshift((await data.session(['seal', file(name)])).sessionId);
  expect((await list(data)).map(({ sessionId }) => sessionId)).toEqual(ids);
  expect((await list(data, '-n', '2')).map(({ title }) => title)).toEqual(['three', 'two']);
  expect(await list(data, '--state', 'recording')).toEqual([]);
  const [id = ''] = ids;
  const shown = await data.run(['show', '--json', id.slice(0, 12)]);
  expect(JSON.parse(shown.stdout.toString())).toMatchObject({
    sessionId: id,
    title: 'three',
    state: 'completed',
    recipients: [{ label: 'owner' }, { label: 'recovery' }],
  });
  const plain = (await data.run(['show', id])).stdout.toString();
  for (const word of ['session', 'three', 'completed', '1 B in 1 chunk\n', 'evidence', 'owner'])
    expect(plain).toContain(word);
  const unknown = id.startsWith('ffff') ? '0000' : 'ffff';
  for (const [args, status, code] of [
    [['show', unknown.padEnd(20, unknown)], 3, 'session_unknown'],
    [['show', unknown.repeat(16)], 3, 'session_unknown'],
    [['show', 'abc'], 2, 'usage'],
    [['show', 'nothex!'], 2, 'usage'],
    [['list', '-n', '0'], 2, 'usage'],
    [['list', '-n', '2x'], 2, 'usage'],
    [['list', '--state', 'odd'], 2, 'usage'],
  ] as const) {
    const run = await data.run([...args, '--json']);
    expect({ args, status: run.status, error: errorOf(run) }).toEqual({ args, status, error: code });
    expect(run.stderr).toMatch(/^lucid: .+/);
  }
  host.child.kill('SIGTERM');
  await host.ended;
});

testBuilt('first digits that several sessions share', async () => {
  const { resolveSessionId } = await import('../src/commands/session-id.ts');
  const sessions = ['abcd11', 'abcd22', 'abce33'].map((start) => ({ sessionId: start.padEnd(64, '0') }));
  const lucid = {
    clientOf: () => ({
      listSessions: async ({ query }: { query: { after?: string } }) =>
        query.after ? { sessions: sessions.slice(2) } : { sessions: sessions.slice(0, 2), next: 'more' },
    }),
  } as unknown as Parameters<typeof resolveSessionId>[0];
  await expect(resolveSessionId(lucid, 'abcd')).rejects.toMatchObject({
    code: 'session_unknown',
    message: expect.stringContaining('2 sessions'),
  });
  expect(await resolveSessionId(lucid, 'abce')).toBe(sessions[2]?.sessionId);
});

testBuilt('two first commands at once make one data folder, and both succeed', async () => {
  const runs = await Promise.all([
    data.run(['seal', '--json', file('a')]),
    data.run(['seal', '--json', file('b')]),
  ]);
  expect(runs.map(({ status, stderr }) => ({ status, stderr }))).toEqual([
    { status: 0, stderr: expect.any(String) },
    { status: 0, stderr: expect.any(String) },
  ]);
  expect((await list(data)).map(({ title }) => title).sort()).toEqual(['a', 'b']);
});

testBuilt('a data folder that is not ours, or damaged: told, and left alone', async () => {
  mkdirSync(data.home);
  writeFileSync(join(data.home, 'letter.txt'), 'x');
  const run = await data.run(['list', '--json']);
  expect([run.status, errorOf(run)]).toEqual([3, 'data_folder_damaged']);
  expect(readdirSync(data.home)).toEqual(['letter.txt']);
});
