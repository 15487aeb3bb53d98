/** Evidence asked for by its session is that session's and no other, whatever lies under its name. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBundleParts } from '@lucid/bundle';
import { encodeTrailer } from '@lucid/session-format';
import { DataFolder, errorOf, lastJson, program, type SessionJson, testBuilt } from './program.ts';

let data: DataFolder;
let first: SessionJson;
let second: SessionJson;

const evidence = (session: SessionJson): string => join(data.home, 'sessions', `${session.sessionId}.lucid`);
const seal = (name: string): Promise<SessionJson> => {
  const path = join(data.folder, name);
  writeFileSync(path, `the content of ${name}`);
  return data.session(['seal', path]);
};

beforeAll(async () => {
  data = new DataFolder();
  first = await seal('first.txt');
  second = await seal('second.txt');
}, 120_000);
afterAll(() => data.remove());

const commands = [
  ['verify'],
  ['open'],
  ['play'],
  ['export', '-o', 'copy.lucid'],
  ['export', '-o', '-'],
] as const;

async function assertRefused(target: string): Promise<void> {
  for (const [name, ...options] of commands) {
    const run = await data.run([name, '--json', target, ...options]);
    expect([name, run.status]).toEqual([name, 1]);
    expect(run.stdout.toString()).toContain('This is not the evidence that was asked for');
  }
}

testBuilt(
  'another session’s evidence under the name of a session is refused, by id and by path',
  async () => {
    const kept = join(data.folder, 'kept.lucid');
    renameSync(evidence(first), kept);
    copyFileSync(evidence(second), evidence(first));
    await assertRefused(first.sessionId);
    await assertRefused(evidence(first));
    // Without the checkpoint seen before, what the orchestrator knows decides.
    renameSync(join(data.home, 'seen'), join(data.folder, 'seen'));
    await assertRefused(first.sessionId.slice(0, 16));
    rmSync(join(data.home, 'seen'), { recursive: true });
    renameSync(join(data.folder, 'seen'), join(data.home, 'seen'));
    renameSync(kept, evidence(first));
    expect((await data.run(['verify', first.sessionId])).status).toBe(0);
  },
  120_000,
);

testBuilt('a checkpoint seen of a later state makes what lies there a roll-back', async () => {
  const seen = join(data.home, 'seen', `${first.sessionId}.checkpoint`);
  const note = readFileSync(seen, 'utf8');
  writeFileSync(seen, note.replace(/\n\d+\n/, '\n99\n'));
  const run = await data.run(['verify', first.sessionId, '--json']);
  expect(run.status).toBe(1);
  const { faults } = lastJson(run) as { faults: { code: string }[] };
  expect(faults.map(({ code }) => code)).toContain('rolled_back');
  expect(errorOf(await data.run(['open', first.sessionId, '--json']))).toBe('verification_failed');
  writeFileSync(seen, note);
});

testBuilt('keys that are named replace those of this node', async () => {
  const { summary } = lastJson(await data.run(['verify', first.sessionId, '--json'])) as {
    summary: { recorder: string; recorderPinned: boolean; anchor: { ledger: string; ledgerPinned: boolean } };
  };
  expect(summary).toMatchObject({ recorderPinned: true, anchor: { ledgerPinned: true } });
  const { recorder, anchor } = summary;
  const swapped = ['--recorder-key', anchor.ledger, '--ledger-key', recorder];
  const run = await data.run(['verify', first.sessionId, '--json', ...swapped]);
  const { faults } = lastJson(run) as { faults: { code: string }[] };
  expect(faults.map(({ code }) => code)).toEqual(['recorder_not_pinned', 'ledger_not_pinned']);
});

testBuilt(
  'the offline verifier and lucid verify end with the same code',
  () => {
    const verifier = join(program, '../../verify/verify.mjs');
    const place = join(data.folder, 'odd');
    mkdirSync(place);
    spawnSync('mkfifo', [join(place, 'pipe')]);
    const bytes = readFileSync(evidence(first));
    writeFileSync(join(place, 'text.txt'), 'hello\n'.repeat(100));
    writeFileSync(join(place, 'empty.lucid'), '');
    writeFileSync(join(place, 'cut.lucid'), bytes.subarray(0, 300));
    writeFileSync(
      join(place, 'version'),
      bytes.map((byte, at) => (at === 9 ? 2 : byte)),
    );
    writeFileSync(join(place, 'good'), bytes);
    const codes = {
      'text.txt': 1,
      'empty.lucid': 1,
      'cut.lucid': 1,
      version: 1,
      good: 0,
      '.': 3,
      pipe: 3,
      missing: 3,
      'missing.lucid': 3,
      'good --recorder-key x': 2,
      'good --seen text.txt': 2,
      'good --seen missing': 3,
      'good --ledger-key': 2,
      'good good': 2,
    };
    const ends = (file: string, ...start: string[]) =>
      Object.fromEntries(
        Object.keys(codes).map((line) => [
          line,
          spawnSync(process.execPath, [file, ...start, ...line.split(' ')], {
            cwd: place,
            env: data.env as NodeJS.ProcessEnv,
            timeout: 20_000,
          }).status,
        ]),
      );
    expect(ends(verifier)).toEqual(codes);
    expect(ends(program, 'verify')).toEqual(codes);
  },
  60_000,
);

testBuilt('an anchor that this node knows of must be there, by id and on every way', async () => {
  const path = evidence(second);
  const bytes = readFileSync(path);
  const { sections, recordsEnd } = await readBundleParts(path);
  const { ANCH, ...rest } = sections;
  expect(ANCH).toBeDefined();
  writeFileSync(path, Buffer.concat([bytes.subarray(0, recordsEnd), encodeTrailer(rest, recordsEnd)]));
  // A stranger cannot tell.
  expect((await data.run(['verify', path])).status).toBe(0);
  const run = await data.run(['verify', second.sessionId, '--json']);
  const { faults } = lastJson(run) as { faults: { code: string }[] };
  expect([run.status, faults.map(({ code }) => code)]).toEqual([1, ['anchor_missing']]);
  for (const [name, ...options] of commands.slice(1)) {
    const refused = await data.run(
      [name, '--json', second.sessionId, ...options, '--force'].filter(
        (word) => name !== 'play' || word !== '--force',
      ),
    );
    expect([name, refused.status, errorOf(refused)]).toEqual([name, 1, 'verification_failed']);
  }
  writeFileSync(path, bytes);
  expect((await data.run(['verify', second.sessionId])).status).toBe(0);
});

testBuilt('doctor names evidence files that lie under each other’s names', async () => {
  const swap = () => {
    const aside = join(data.folder, 'aside');
    renameSync(evidence(first), aside);
    renameSync(evidence(second), evidence(first));
    renameSync(aside, evidence(second));
  };
  swap();
  const run = await data.run(['doctor', '--json']);
  swap();
  const { checks } = lastJson(run) as { checks: { name: string; status: string; text: string }[] };
  const failed = checks.filter(({ status }) => status === 'fail');
  expect([run.status, failed.map(({ name }) => name)]).toEqual([1, ['file names', 'file names']]);
  expect(failed.map(({ text }) => text)).toContain(
    `${evidence(first)} is the evidence of session ${second.sessionId}`,
  );
  expect((await data.run(['doctor'])).status).toBe(0);
});

testBuilt('what list shows as state can be asked for; what is not there ends alike everywhere', async () => {
  const listed = await data.run(['list', '--state', 'interrupted', '--json']);
  expect([listed.status, lastJson(listed)]).toEqual([0, { sessions: [] }]);
  expect((await data.run(['list', '--state', 'other'])).status).toBe(2);
  const { status, stderr } = await data.run(['verify', '9a']);
  expect([status, stderr]).toEqual([3, expect.stringContaining('first 4 hex digits')]);
  for (const args of [
    ['verify', 'missing.lucid'],
    ['keys', 'grant', 'missing.lucid', 'whoever'],
  ])
    expect((await data.run(args)).status).toBe(3);
});

testBuilt('a setting that cannot be used is a usage error, told in its own words', async () => {
  const run = await data.run(['list', '--json'], 'ignore', { ORCHESTRATOR_LONGEST_SESSION_MS: 'abc' });
  expect([run.status, errorOf(run)]).toEqual([2, 'usage']);
  expect(run.stderr).toContain('ORCHESTRATOR_LONGEST_SESSION_MS');
});

testBuilt('of a range only its chunks are checked, and that is told', async () => {
  const notes = async (...options: string[]) =>
    (await data.run(['open', first.sessionId, '-o', '-', ...options])).stderr;
  expect(await notes('--range', '0-5')).toContain('only those of the range were checked');
  expect(await notes()).toBe('');
});
