/** `lucid seal` as a user runs it, alone and beside `lucid up`. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DataFolder, errorOf, lastJson, program, type SessionJson, testBuilt } from './program.ts';

const CHUNK = 65_536;

let data: DataFolder;
beforeAll(() => {
  data = new DataFolder();
});
afterAll(() => data.remove());

function file(name: string, content: Uint8Array): string {
  const path = join(data.folder, name);
  writeFileSync(path, content);
  return path;
}

testBuilt('a file: what is told, what verifies, what comes back', async () => {
  const content = Buffer.concat([Buffer.alloc(700_000, 'text '), randomBytes(700_000)]);
  const told = await data.session(['seal', file('a.bin', content), '--chunk-size', '256k', '--read-back']);
  expect(told).toMatchObject({
    chunks: 6,
    bytes: 1_400_000,
    closed: 'ended',
    verified: true,
    anchored: true,
    readBack: true,
  });
  expect(told.sessionId).toMatch(/^[0-9a-f]{64}$/);
  expect(told.merkleRoot).toMatch(/^[0-9a-f]{64}$/);
  expect(told.storedBytes).toBe(readFileSync(told.bundle).length);
  expect(told.storedBytes).toBeLessThan(1_000_000);
  expect((await data.content(told.sessionId)).equals(content)).toBe(true);
  expect(await data.verified(told.sessionId)).toBe(true);
});

testBuilt.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1])(
  'a pipe of %i bytes, with chunks of 64 KiB',
  async (size) => {
    const content = randomBytes(size);
    const told = await data.session(['seal', '-', '--chunk-size', '64k'], content);
    expect(told).toMatchObject({
      chunks: Math.ceil(size / CHUNK),
      bytes: size,
      closed: 'ended',
      verified: true,
    });
    if (size > 0) expect((await data.content(told.sessionId)).equals(content)).toBe(true);
  },
);

testBuilt('standard input that is a file, an empty file, a named pipe', async () => {
  const content = randomBytes(200_000);
  const fd = openSync(file('stdin.bin', content), 'r');
  const fromFile = await data.session(['seal', '-'], fd);
  closeSync(fd);
  expect((await data.content(fromFile.sessionId)).equals(content)).toBe(true);
  expect(await data.session(['seal', file('empty', Buffer.alloc(0))])).toMatchObject({
    chunks: 0,
    verified: true,
  });
  const pipe = join(data.folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', 'exec cat > "$0"', pipe], { stdio: ['pipe', 'ignore', 'inherit'] });
  writer.stdin.end(content);
  const fromPipe = await data.session(['seal', pipe]);
  expect((await data.content(fromPipe.sessionId)).equals(content)).toBe(true);
});

testBuilt('a file that is made as it is read, and one that grows', async () => {
  const whole = readFileSync('/proc/version');
  const made = await data.session(['seal', '/proc/version']);
  expect((await data.content(made.sessionId)).equals(whole)).toBe(true);
  const path = file('growing.bin', randomBytes(100_000));
  const growing = setInterval(() => appendFileSync(path, 'more'), 1);
  const run = await data.run(['seal', '--json', path]);
  clearInterval(growing);
  expect([run.status, lastJson(run)]).toMatchObject([0, { sourceChange: 'grew', verified: true }]);
  expect(run.stderr).toContain('the file grew while it was sealed');
});

testBuilt('a result that cannot be written is a failure', async () => {
  const full = openSync('/dev/full', 'w');
  const stdio = ['ignore', full, 'pipe'] as const;
  const { status, stderr } = spawnSync(process.execPath, [program, 'list', '--json'], {
    env: data.env,
    stdio: [...stdio],
    encoding: 'utf8',
  });
  closeSync(full);
  expect([status, stderr]).toEqual([1, expect.stringContaining('standard output cannot be written')]);
});

testBuilt('in a pipe the result is plain lines, without colours or moving ones', async () => {
  const run = await data.run(['seal', file('plain.bin', Buffer.alloc(10))], 'ignore', { NO_COLOR: '' });
  expect(run.status).toBe(0);
  expect(run.stdout.toString()).toMatch(
    /session {3}[0-9a-f]{64}\nevidence {2}\/.*\.lucid\nsize .*\nroot .*\nanchor {4}block \d+ of chain 1337, by the transaction\n {10}0x[0-9a-f]{64}\nverified/,
  );
  const said = run.stdout.toString() + run.stderr;
  expect(['\u001b', '\r'].filter((control) => said.includes(control))).toEqual([]);
});

testBuilt('what cannot be sealed is told in a sentence, and leaves no session', async () => {
  const before = JSON.parse((await data.run(['list', '--json'])).stdout.toString()).sessions.length;
  const missing = await data.run(['seal', '--json', join(data.folder, 'no such file')]);
  expect([missing.status, errorOf(missing)]).toEqual([3, 'source_unreadable']);
  expect(missing.stderr).toMatch(/no such file cannot be read/);
  const folder = await data.run(['seal', '--json', data.folder]);
  expect([folder.status, errorOf(folder)]).toEqual([3, 'source_unreadable']);
  expect(folder.stderr).toContain('tar -c');
  const secret = file('secret', Buffer.alloc(1));
  chmodSync(secret, 0);
  if (process.getuid?.() === 0) console.warn('skipped: root reads every file, so no file is unreadable');
  else expect((await data.run(['seal', secret])).status).toBe(3);
  for (const size of ['1k', '17m', '64kk', '']) {
    const run = await data.run(['seal', '--json', '--chunk-size', size, file('b', Buffer.alloc(1))]);
    expect({ size, status: run.status, error: errorOf(run) }).toEqual({ size, status: 2, error: 'usage' });
  }
  expect((await data.run(['seal'])).status).toBe(2);
  expect((await data.run(['seal', '--codec', 'gzip', secret])).status).toBe(2);
  const wrong = await data.run(['seal', '--json', '--to', 'age1nonsense', file('b', Buffer.alloc(1))]);
  expect(wrong.status).toBe(2);
  const after = JSON.parse((await data.run(['list', '--json'])).stdout.toString()).sessions.length;
  expect(after).toBe(before);
});

testBuilt.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle of a pipe closes the session as interrupted',
  async (signal) => {
    const sealing = data.start(['seal', '-', '--json', '--chunk-size', '64k'], 'pipe');
    // As much as is reported at once by one worker, many times; then silence, with the pipe open.
    sealing.child.stdin?.write(randomBytes(60 * CHUNK + 100));
    await sessionIsRecording(data);
    sealing.child.kill(signal);
    const run = await sealing.ended;
    const told = lastJson(run) as SessionJson;
    expect({ status: run.status, ...told }).toMatchObject({
      status: 1,
      closed: 'interrupted',
      verified: true,
    });
    expect(await data.verified(told.sessionId)).toBe(true);
    const shown = await data.run(['show', told.sessionId]);
    expect(shown.stdout.toString()).toContain(`stopped by ${signal}`);
  },
);

/** The session's file exists: sealing has begun, whatever is in it. */
async function sessionIsRecording({ home }: DataFolder): Promise<void> {
  const sessions = join(home, 'sessions');
  while (!existsSync(sessions) || !readdirSync(sessions).some((name) => name.endsWith('.part')))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('beside a host in another process', () => {
  let busy: DataFolder;
  beforeAll(async () => {
    busy = new DataFolder();
    if (testBuilt === test) await busy.up();
  });
  afterAll(() => busy.remove());

  testBuilt('files and pipes go through it', async () => {
    const content = randomBytes(3 * CHUNK + 5);
    const path = join(busy.folder, 'content');
    writeFileSync(path, content);
    for (const [source, input] of [
      [path, 'ignore'],
      ['-', content],
    ] as const) {
      const told = await busy.session(['seal', source, '--chunk-size', '64k'], input);
      expect(told).toMatchObject({ bytes: content.length, closed: 'ended', verified: true });
      expect((await busy.content(told.sessionId)).equals(content)).toBe(true);
      expect(await busy.verified(told.sessionId)).toBe(true);
    }
    expect((await busy.session(['seal', '-'], Buffer.alloc(0))).bytes).toBe(0);
  });

  testBuilt('more than the host takes in at once comes through a pipe whole', async () => {
    const content = randomBytes(12_000_000);
    const told = await busy.session(['seal', '-'], content);
    expect((await busy.content(told.sessionId)).equals(content)).toBe(true);
  });

  testBuilt('a named pipe is read, not standard input', async () => {
    const pipe = join(busy.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', 'exec cat > "$0"', pipe], { stdio: ['pipe', 'ignore', 'inherit'] });
    writer.stdin.end('from the pipe');
    const told = await busy.session(['seal', pipe], Buffer.from('from standard input'));
    expect((await busy.content(told.sessionId)).toString()).toBe('from the pipe');
  });

  testBuilt('SIGTERM closes a stream as interrupted; what was read is kept', async () => {
    const sealing = busy.start(['seal', '-', '--json'], 'pipe');
    sealing.child.stdin?.write(Buffer.alloc(1000, 'x'));
    await sessionIsRecording(busy);
    sealing.child.kill('SIGTERM');
    const run = await sealing.ended;
    const told = lastJson(run) as SessionJson;
    expect({ status: run.status, ...told }).toMatchObject({
      status: 1,
      closed: 'interrupted',
      verified: true,
    });
    expect(await busy.verified(told.sessionId)).toBe(true);
  });
});

testBuilt(
  'sealing that takes longer than the recorder waits for a silent agent is not given up',
  async () => {
    const slow = new DataFolder();
    try {
      const env = { RECORDER_AGENT_TIMEOUT_MS: '2500' };
      const sealing = slow.start(['seal', '-', '--json', '--chunk-size', '64k'], 'pipe', env);
      sealing.child.stdin?.write(randomBytes(CHUNK));
      await sessionIsRecording(slow);
      // The watchdog must have had its time: this is the one thing here that nothing announces.
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      sealing.child.stdin?.end(randomBytes(10));
      const run = await sealing.ended;
      expect({ status: run.status, ...(lastJson(run) as SessionJson) }).toMatchObject({
        status: 0,
        bytes: CHUNK + 10,
        closed: 'ended',
        verified: true,
      });
    } finally {
      slow.remove();
    }
  },
);

testBuilt('a session that is stopped while workers seal it is closed at what they wrote', async () => {
  const own = new DataFolder();
  try {
    // No sign of life comes in time, so the watchdog stops the session under the workers.
    const env = { RECORDER_AGENT_TIMEOUT_MS: '500' };
    const sealing = own.start(['seal', '-', '--json', '--chunk-size', '64k'], 'pipe', env);
    sealing.child.stdin?.write(randomBytes(60 * CHUNK));
    const run = await sealing.ended;
    expect(run.status).toBe(1);
    const { sessions } = JSON.parse((await own.run(['list', '--json'])).stdout.toString());
    expect(sessions).toMatchObject([{ state: 'completed', closed: 'interrupted' }]);
    expect(await own.verified(sessions[0].sessionId)).toBe(true);
  } finally {
    own.remove();
  }
});
