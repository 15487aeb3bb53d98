/** `lucid record` as a user runs it: without a terminal, and in one. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AsciicastReader, type CastEvent, openTerminal, type Terminal } from '@lucid/capture';
import { DataFolder, errorOf, lastJson, program, type SessionJson, testBuilt } from './program.ts';

let data: DataFolder;
beforeAll(() => {
  data = new DataFolder();
});
afterAll(() => data.remove());

async function cast(sessionId: string): Promise<{ reader: AsciicastReader; events: CastEvent[] }> {
  const reader = new AsciicastReader();
  const events = reader.push(await data.content(sessionId));
  return { reader, events };
}

const textOf = (events: readonly CastEvent[], code: string): string =>
  events
    .filter((each) => each.code === code)
    .map((each) => each.data)
    .join('');

testBuilt('a command: its output, its exit status, evidence that verifies', async () => {
  const run = await data.run([
    'record',
    '--json',
    '-t',
    'a title',
    '--',
    'sh',
    '-c',
    'printf "héllo\\n"; exit 3',
  ]);
  expect(run.status).toBe(0);
  expect(run.stdout.toString()).toMatch(/^héllo\r\n/);
  const told = lastJson(run) as SessionJson;
  expect(told).toMatchObject({ exitStatus: 3, verified: true, closed: 'ended' });
  const { reader, events } = await cast(told.sessionId);
  expect(reader.header).toMatchObject({ version: 3, cols: 80, rows: 24, title: 'a title' });
  expect(textOf(events, 'o')).toBe('héllo\r\n');
  expect(events.at(-1)).toMatchObject({ code: 'x', data: '3' });
  expect(await data.verified(told.sessionId)).toBe(true);
});

testBuilt('input from a pipe reaches the command, its end too', async () => {
  const run = await data.run(['record', '--', 'sh', '-c', 'cat; echo "<end>"'], Buffer.from('one\ntwo'));
  expect(run.status).toBe(0);
  expect(run.stdout.toString()).toMatch(/one[\s\S]*two[\s\S]*<end>[\s\S]*verified/);
  const nothing = await data.run(['record', '--', 'sh', '-c', 'read x; echo "<end $?>"']);
  expect(nothing.stdout.toString()).toContain('<end 1>');
});

testBuilt('the command knows its session', async () => {
  const told = await data.session(['record', '--', 'sh', '-c', 'echo "$LUCID_SESSION"']);
  expect(textOf((await cast(told.sessionId)).events, 'o').trim()).toBe(told.sessionId);
});

testBuilt('a command that does not exist is told before anything is recorded', async () => {
  const run = await data.run(['record', '--json', '--', 'lucid-no-such-command']);
  expect([run.status, errorOf(run)]).toEqual([2, 'usage']);
  expect(run.stderr).toContain('lucid-no-such-command');
});

testBuilt('a lot of output comes whole and in order to a reader that is slow', async () => {
  const started = data.start(['record', '--', 'seq', '200000']);
  started.child.stdout?.pause();
  const slow = setInterval(() => {
    started.child.stdout?.resume();
    setImmediate(() => started.child.stdout?.pause());
  }, 2);
  started.child.once('exit', () => {
    clearInterval(slow);
    started.child.stdout?.resume();
  });
  const run = await started.ended;
  const expected = Array.from({ length: 200_000 }, (_, at) => `${at + 1}\r\n`).join('');
  expect(run.stdout.toString().startsWith(expected)).toBe(true);
  const sessionId = /session {3}([0-9a-f]{64})/.exec(run.stdout.toString())?.[1] as string;
  expect(textOf((await cast(sessionId)).events, 'o') === expected).toBe(true);
});

testBuilt.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s hangs the command up; what was recorded verifies',
  async (signal) => {
    const started = data.start(['record', '--json', '--', 'sh', '-c', 'echo running; sleep 1000']);
    await started.says('running');
    started.child.kill(signal);
    const run = await started.ended;
    const told = lastJson(run) as SessionJson;
    expect({ status: run.status, ...told }).toMatchObject({
      status: 1,
      closed: 'interrupted',
      verified: true,
    });
    expect(textOf((await cast(told.sessionId)).events, 'o')).toContain('running');
    expect((await data.run(['show', told.sessionId])).stdout.toString()).toContain(`stopped by ${signal}`);
  },
);

testBuilt('SIGUSR2 puts a marker', async () => {
  // It outlives its own signal, which is heard a moment later.
  const script = 'echo before; kill -USR2 "$LUCID_PID"; sleep 1';
  const told = await data.session(['record', '--', 'sh', '-c', script]);
  const codes = (await cast(told.sessionId)).events.map(({ code }) => code).join('');
  expect(codes).toMatch(/^(om|mo)x$/);
});

describe('in a terminal', () => {
  let opened: Terminal | null = null;
  afterEach(() => opened?.kill('SIGKILL'));

  function inTerminal(args: readonly string[]) {
    let shown = '';
    const waiting: (() => void)[] = [];
    const ended = new Promise<string>((resolve) => {
      opened = openTerminal({
        command: process.execPath,
        args: [program, ...args],
        size: { cols: 90, rows: 30 },
        cwd: data.folder,
        env: { ...data.env, TERM: 'xterm' },
        onOutput(bytes) {
          shown += Buffer.from(bytes).toString();
          for (const look of waiting) look();
        },
        onExit: () => resolve(shown),
      });
    });
    const shows = (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => shown.includes(text) && resolve();
        waiting.push(look);
        look();
      });
    return { terminal: opened as unknown as Terminal, ended, shows };
  }

  const SCRIPT =
    'trap "stty size" WINCH; echo ready; stty -echo; while ! read line; do :; done; echo "got $line"';

  testBuilt.each([
    ['off', []],
    ['on', ['--input']],
  ])('size and resizing are recorded, typed bytes with recording of input %s', async (mode, flags) => {
    const { terminal, ended, shows } = inTerminal(['record', ...flags, '--', 'sh', '-c', SCRIPT]);
    await shows('ready');
    terminal.resize({ cols: 70, rows: 20 });
    await shows('20 70');
    terminal.write(Buffer.from('secret\r'));
    const shown = await ended;
    expect(shown).toContain('got secret');
    const sessionId = /session {3}([0-9a-f]{64})/.exec(shown)?.[1] as string;
    const { reader, events } = await cast(sessionId);
    expect(reader.header).toMatchObject({ cols: 90, rows: 30 });
    expect(textOf(events, 'r')).toBe('70x20');
    expect(textOf(events, 'i')).toBe(mode === 'on' ? 'secret\r' : '');
    expect(textOf(events, 'o')).toContain('20 70');
  });

  testBuilt('Ctrl-C goes to the command, not to the recording', async () => {
    const { terminal, ended, shows } = inTerminal([
      'record',
      '--',
      'sh',
      '-c',
      'trap "echo caught; exit 5" INT; echo ready; while :; do sleep 0.05; done',
    ]);
    await shows('ready');
    terminal.write(Uint8Array.of(3));
    const shown = await ended;
    expect(shown).toContain('caught');
    expect(shown).toContain('verified');
    expect(shown).not.toContain('interrupted');
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

testBuilt('a terminal that is closed ends the recording in order, by the signal', async () => {
  if (spawnSync('script', ['--version']).status !== 0) {
    if (process.env.CI) throw new Error('script(1) is missing');
    return console.warn('skipped: script(1) is not installed, so no terminal can be closed');
  }
  const own = new DataFolder();
  try {
    const [errors, pid] = [join(own.folder, 'errors'), join(own.folder, 'pid')];
    const command = `echo $LUCID_PID > ${pid}.new; mv ${pid}.new ${pid}; sleep 1000`;
    const line = `exec ${process.execPath} ${program} record -- sh -c '${command}' 2> ${errors}`;
    const terminal = spawn('script', ['-q', '-c', line, '/dev/null'], {
      env: own.env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await until(() => existsSync(pid));
    terminal.kill('SIGKILL');
    const recorder = Number(readFileSync(pid, 'utf8'));
    await until(() => !isRunning(recorder));
    expect(readFileSync(errors, 'utf8')).not.toContain('Assertion');
    const { sessions: told } = JSON.parse((await own.run(['list', '--json'])).stdout.toString());
    expect(told).toMatchObject([{ state: 'completed', closed: 'interrupted', reason: 'stopped by SIGHUP' }]);
  } finally {
    own.remove();
  }
});

testBuilt('beside a host in another process a recording goes through it', async () => {
  const busy = new DataFolder();
  try {
    const host = await busy.up();
    const told = await busy.session(['record', '--', 'sh', '-c', 'echo through the host']);
    expect(told).toMatchObject({ verified: true, closed: 'ended', exitStatus: 0 });
    expect((await busy.content(told.sessionId)).toString()).toContain('through the host');
    const running = busy.start(['record', '--json', '--', 'sh', '-c', 'echo running; sleep 1000']);
    await running.says('running');
    running.child.kill('SIGTERM');
    const run = await running.ended;
    expect({ status: run.status, ...(lastJson(run) as SessionJson) }).toMatchObject({
      status: 1,
      closed: 'interrupted',
      verified: true,
    });
    expect(host.child.exitCode).toBeNull();
  } finally {
    busy.remove();
  }
});

describe('a host in another process that ends while it is recorded to', () => {
  let busy: DataFolder;
  beforeEach(() => {
    busy = new DataFolder();
  });
  afterEach(() => busy.remove());

  async function recordThere() {
    const host = await busy.up();
    const running = busy.start(['record', '--json', '--', 'sh', '-c', 'echo running; sleep 1000']);
    await running.says('running');
    const { sessions } = JSON.parse((await busy.run(['list', '--json'])).stdout.toString());
    return { host, running, sessionId: sessions[0].sessionId as string };
  }

  testBuilt(
    'by a kill: the recording ends at once, says what is kept, and the next command finishes it',
    async () => {
      const { host, running, sessionId } = await recordThere();
      host.child.kill('SIGKILL');
      const run = await running.ended;
      expect([run.status, errorOf(run)]).toEqual([1, 'session_failed']);
      expect(run.stderr).toMatch(/recording ends: the host is gone/);
      expect(run.stderr).toContain(`session ${sessionId} is not finished`);
      expect((await busy.run(['verify', sessionId, '--decrypt'])).status).toBe(0);
    },
  );

  testBuilt('in order: it says so, and the evidence tells why', async () => {
    const { host, running, sessionId } = await recordThere();
    host.child.kill('SIGINT');
    const stopped = await host.ended;
    expect([stopped.status, stopped.stderr]).toEqual([
      0,
      expect.stringContaining(
        `1 session is being recorded; closing as interrupted: ${sessionId.slice(0, 16)}`,
      ),
    ]);
    expect((await running.ended).status).toBe(1);
    const { stdout } = await busy.run(['show', sessionId]);
    expect(stdout.toString()).toContain('the host was stopped (SIGINT)');
    expect(await busy.verified(sessionId)).toBe(true);
  });
});
