/**
 * The all-in-one host on a disk that is full, and on one whose fsync fails: a clear sentence, an exit status that says so, earlier evidence
 * as good as before, and everything works again afterwards.
 */
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBundle } from './stack/bundle-opener.ts';
import { type CliRun, LucidCli } from './stack/lucid-cli.ts';
import type { SessionDocument } from './stack/recording-agent.ts';
import { runVerify } from './stack/run-verify.ts';
import { seeded, seedOfRun, terminalLike } from './stack/seeded.ts';
import { describeWhere } from './stack/skip-loudly.ts';
import { until } from './stack/until.ts';

const ROOT = join(__dirname, '..');
const MIB = 1_048_576;
const seed = seedOfRun('disk faults');

interface Sealed {
  readonly sessionId: string;
  readonly bundle: string;
  readonly verified: boolean;
}

const sessionsOf = async (cli: LucidCli): Promise<SessionDocument[]> =>
  (await cli.json<{ sessions: SessionDocument[] }>('list', '--limit', '1000')).sessions;

/** What is told at the end to somebody who only reads the screen; LMDB's binding prints failed commits of its own accord before. */
function expectClearFailure(run: CliRun): void {
  expect(run.status).toBeGreaterThan(0);
  const sentence = run.stderr.slice(run.stderr.lastIndexOf('lucid: '));
  expect(sentence).toMatch(/^lucid: .{20,}\n$/);
  expect(sentence).not.toMatch(/node_modules|\n\s+at |TypeError|undefined|\[object/);
}

function whyNoSmallDisk(): string | null {
  if (process.platform !== 'linux') return 'only Linux has tmpfs';
  if (process.getuid?.() !== 0) return 'only root may mount a small tmpfs';
  const folder = mkdtempSync(join(tmpdir(), 'lucid-mount-'));
  const run = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder], { encoding: 'utf8' });
  if (run.status === 0) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return run.status === 0 ? null : `a tmpfs cannot be mounted: ${run.stderr}`;
}

describeWhere(whyNoSmallDisk(), 'a full disk')('a full disk', () => {
  let disk: string;
  let cli: LucidCli;
  let sources: string;
  let first: Sealed;
  const small = terminalLike(2 * MIB, seeded(seed));

  beforeAll(() => {
    disk = mkdtempSync(join(tmpdir(), 'lucid-small-'));
    sources = mkdtempSync(join(tmpdir(), 'lucid-sources-'));
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', disk]);
    cli = new LucidCli({ root: ROOT, home: join(disk, 'home') });
    writeFileSync(join(sources, 'small'), small);
    writeFileSync(join(sources, 'large'), randomFillSync(Buffer.alloc(60 * MIB)));
  });
  afterAll(async () => {
    await cli?.dispose();
    spawnSync('umount', [disk]);
    for (const folder of [disk, sources]) rmSync(folder, { recursive: true, force: true });
  });

  it('has room for a small file', async () => {
    first = await cli.json<Sealed>('seal', join(sources, 'small'));
    expect(first.verified).toBe(true);
  });

  it.each([
    ['seal', () => ['seal', join(sources, 'large'), '--json']],
    ['record', () => ['record', '--json', '--', 'cat', join(sources, 'large')]],
  ])(
    'fails `lucid %s` with a sentence about room',
    async (_, words) => {
      const run = await cli.run(words());
      expectClearFailure(run);
      expect(run.stderr).toMatch(/full|room|space/);
      expect(run.status).toBe(1);
      expect(runVerify(ROOT, first.bundle)).toMatchObject({ status: 0 });
    },
    180_000,
  );

  it('is used again when there is room: what was cut off is closed and verifies, and new files are sealed', async () => {
    const run = spawnSync('mount', ['-o', 'remount,size=300m', disk], { encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0 });
    const sessions = await sessionsOf(cli);
    const bundles = sessions.filter(({ bundle }) => bundle !== undefined);
    expect(bundles.length).toBeGreaterThanOrEqual(2);
    for (const { bundle, state, closed, reason } of bundles) {
      const run = runVerify(ROOT, bundle as string);
      expect({ state, closed, reason, ...run }).toMatchObject({ state: 'completed', status: 0 });
    }
    expect(sessions.filter(({ state }) => !['completed', 'failed', 'created'].includes(state))).toEqual([]);
    expect(await cli.json('seal', join(sources, 'large'))).toMatchObject({ verified: true });
  }, 60_000);
});

const straceWorks = (): string | null => {
  const args = ['-f', '-qq', '-o', '/dev/null', '-e', 'inject=fdatasync:error=EIO', 'true'];
  return spawnSync('strace', args).status === 0 ? null : 'strace is not here or may not trace';
};

describeWhere(straceWorks(), 'failing fsync')('fsync that fails', () => {
  let cli: LucidCli;
  let source: string;
  const content = terminalLike(12 * MIB, seeded(seed + 1));
  beforeAll(() => {
    cli = new LucidCli({ root: ROOT });
    source = join(cli.home, '..', `${cli.home.split('/').pop()}.source`);
    writeFileSync(source, content);
  });
  afterAll(async () => {
    await cli?.dispose();
    rmSync(source, { force: true });
  });

  /** From the nth call of each thread on, or that one alone. */
  it.each(['1+', '2+', '3+', '1', '2', '4'])(
    'from call %s on: nothing false is said, nothing earlier is lost',
    async (when) => {
      const good = await cli.json<Sealed>('seal', source);
      const known = new Set((await sessionsOf(cli)).map(({ sessionId }) => sessionId));
      const run = spawnSync(
        'strace',
        [
          ...['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync'],
          ...['-e', `inject=fsync,fdatasync:error=EIO:when=${when}`],
          ...[process.execPath, join(ROOT, 'dist/apps/lucid/main.mjs'), 'seal', source, '--json'],
        ],
        {
          encoding: 'utf8',
          env: { PATH: process.env.PATH, LUCID_HOME: cli.home, NO_COLOR: '1' },
          timeout: 90_000,
        },
      );
      const said = run.stdout.includes('"verified"') ? (JSON.parse(run.stdout) as Sealed) : null;
      process.stderr.write(
        `fsync failing at ${when}: status ${run.status} ${run.stderr.trim().slice(0, 200)}\n`,
      );
      if (run.status === 0) expect(said?.verified).toBe(true);
      else expectClearFailure({ ...run, status: run.status, signal: run.signal });
      expect(runVerify(ROOT, good.bundle)).toMatchObject({ status: 0 });
      for (const session of await sessionsOf(cli)) {
        if (known.has(session.sessionId) || session.bundle === undefined) continue;
        expect([session.closed, runVerify(ROOT, session.bundle)]).toMatchObject([
          session.closed,
          { status: 0 },
        ]);
        const kept = (await openBundle(session.bundle, cli.ownerIdentity())).content();
        expect(content.subarray(0, kept.length).equals(kept)).toBe(true);
        if (session.closed === 'ended') expect(kept.length).toBe(content.length);
      }
      if (said?.verified) expect(existsSync(said.bundle)).toBe(true);
      await until('what was under way is closed', async () => {
        const parts = readdirSync(join(cli.home, 'sessions')).filter((name) => name.endsWith('.part'));
        // A step that failed is tried again later and later; any command goes on with it.
        if (parts.length > 0) await sessionsOf(cli);
        return parts.length === 0;
      });
    },
    180_000,
  );
});
