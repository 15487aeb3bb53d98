import { Command } from 'commander';
import { addEvidenceCommands } from '../src/cli/evidence-commands.ts';
import { TypedLine } from '../src/cli/passphrase.ts';
import { bashScript, commandShapes, fishScript, zshScript } from '../src/commands/completion.ts';
import { judgeSessions, judgeStates } from '../src/commands/doctor-host.ts';
import { judgeClock, judgeNode } from '../src/commands/doctor-machine.ts';
import { chooseRecipient, withWrap } from '../src/commands/keys-session.ts';
import { chooseTrack, clipRange, parseRange, plainName } from '../src/commands/open.ts';

const program = () => {
  const made = new Command('lucid');
  addEvidenceCommands(
    made,
    process,
    () => {},
    () => undefined,
  );
  return made;
};

test('a typed passphrase: editing, end, cancelling, nothing after the end', () => {
  const line = new TypedLine();
  line.push('secrex');
  line.push('\u007ft');
  line.push('\rmore');
  expect(line).toMatchObject({ text: 'secret', state: 'done' });
  const cleared = new TypedLine();
  cleared.push('wrong\u0015üß\u007f€\n');
  expect(cleared).toMatchObject({ text: 'ü€', state: 'done' });
  const cancelled = new TypedLine();
  cancelled.push('abc\u0003');
  expect(cancelled.state).toBe('cancelled');
});

test('byte ranges', () => {
  expect(parseRange(undefined)).toEqual({});
  expect(parseRange('5-10')).toEqual({ fromByte: 5, untilByte: 10 });
  expect(parseRange('5-')).toEqual({ fromByte: 5, untilByte: Number.POSITIVE_INFINITY });
  expect(parseRange('-10')).toEqual({ fromByte: 0, untilByte: 10 });
  for (const text of ['', '-', '10-5', '5-5', '-0', 'a-b', '1'])
    expect(() => parseRange(text)).toThrow(expect.objectContaining({ code: 'usage' }));
});

test('a range beyond the end: told, and refused where nothing of it is there', () => {
  const notes: string[] = [];
  const clip = (text?: string, plainBytes = 10) =>
    clipRange(text, { track: 2, plainBytes }, { note: (note) => notes.push(note) });
  expect([clip(), clip('2-'), clip('0-10')]).toEqual([
    { track: 2 },
    { track: 2, fromByte: 2, untilByte: 10 },
    { track: 2, fromByte: 0, untilByte: 10 },
  ]);
  expect(notes).toEqual([]);
  expect(clip('9-11')).toEqual({ track: 2, fromByte: 9, untilByte: 10 });
  expect(notes).toEqual([expect.stringContaining('ends at byte 10')]);
  for (const [text, plainBytes] of [
    ['10-11', 10],
    ['10-', 10],
    ['0-1', 0],
  ] as const)
    expect(() => clip(text, plainBytes)).toThrow(expect.objectContaining({ code: 'usage' }));
});

const track = { track: 2, kind: 'file', mediaType: 'a/b', chunks: 1, plainBytes: 1 } as const;

test('a name out of foreign evidence never leads out of the folder', () => {
  const id = 'ab'.repeat(32);
  const names = ['../../etc/passwd', '/etc/passwd', '.bashrc', '..', '', 'a\u001b[2Jb', 'report.pdf'];
  expect(names.map((name) => plainName({ ...track, name }, id))).toEqual([
    'passwd',
    'passwd',
    `${id.slice(0, 16)}.bin`,
    `${id.slice(0, 16)}.bin`,
    `${id.slice(0, 16)}.bin`,
    'a_[2Jb',
    'report.pdf',
  ]);
  expect(plainName({ ...track, kind: 'stream', name: 'standard input' }, id)).toBe(`${id.slice(0, 16)}.bin`);
});

test('tracks: the first by default, an unknown one is refused with those there are', () => {
  expect(chooseTrack({ tracks: [track] }, undefined)).toBe(track);
  expect(() => chooseTrack({ tracks: [track] }, 5)).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining('2 (file)') }),
  );
});

const wraps = [
  { recipient: 'age1a', label: 'owner', age: '' },
  { recipient: 'age1b', label: 'auditor', age: '' },
  { recipient: 'age1c', label: 'auditor', age: '' },
];

test('recipients by text or by a label that only one has', () => {
  expect(chooseRecipient(wraps, 'owner')).toBe('age1a');
  expect(chooseRecipient(wraps, 'age1c')).toBe('age1c');
  for (const text of ['auditor', 'age1x'])
    expect(() => chooseRecipient(wraps, text)).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(withWrap(wraps, { recipient: 'age1a', age: 'new' }).map(({ recipient }) => recipient)).toEqual([
    'age1b',
    'age1c',
    'age1a',
  ]);
});

test('doctor judges Node and the clock', () => {
  expect(['v20.20.2', 'v20.18.0', 'v18.1.0', 'v22.0.0'].map((version) => judgeNode(version).status)).toEqual([
    'ok',
    'fail',
    'fail',
    'warn',
  ]);
  const now = Date.UTC(2026, 5, 1);
  expect(
    [
      judgeClock(now, null),
      judgeClock(now, now + 30_000),
      judgeClock(now, now + 3_600_000),
      judgeClock(0, null),
    ].map(({ status }) => status),
  ).toEqual(['ok', 'ok', 'fail', 'fail']);
});

test('doctor judges services and sessions', () => {
  const up = { status: 'ready', dependencies: {} } as const;
  expect(judgeStates({ a: up, b: up })).toMatchObject({ status: 'ok', text: '2 ready' });
  expect(judgeStates({ a: up, b: new Error('no answer') })).toMatchObject({
    status: 'fail',
    text: expect.stringContaining('b (no answer)'),
  });
  const session = {
    sessionId: 'ab'.repeat(32),
    owner: 'o',
    tracks: [],
    chunkSizeBytes: 65_536,
    createdAtUs: 0,
    anchored: true,
  };
  const statuses = (list: Parameters<typeof judgeSessions>[0]) =>
    judgeSessions(list).map(({ status }) => status);
  expect(statuses([{ ...session, state: 'completed' }])).toEqual(['ok']);
  expect(
    statuses([
      { ...session, state: 'failed' },
      { ...session, state: 'completed', anchored: false },
    ]),
  ).toEqual(['ok', 'fail', 'warn']);
  expect(judgeSessions([{ ...session, state: 'failed', fault: 'host_stopped' }])).toMatchObject([
    { status: 'ok', text: '0 finished, 0 under way, 0 deleted, 1 never begun' },
  ]);
});

test('completion is made from the commands: each command, option and closed set is in each script', () => {
  const shapes = commandShapes(program());
  expect(shapes.map(({ path }) => path)).toContain('keys grant');
  expect(shapes.find(({ path }) => path === 'verify')).toMatchObject({ takesSession: true, takesFile: true });
  expect(shapes.find(({ path }) => path === 'keys protect')).toMatchObject({
    takesSession: false,
    takesFile: true,
  });
  for (const script of [bashScript, zshScript, fishScript].map((make) => make('lucid', shapes))) {
    for (const word of ['verify', 'revoke', 'idle-limit', 'require-anchor', 'zsh', '__complete'])
      expect(script).toContain(word);
    expect(script).not.toMatch(/undefined|\[object/);
  }
});
