/** Images of arm64 under emulation: the base and two services start, answer, and say that they are what they are. Slow: `LUCID_SLOW=1`. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { docker, whyNoDocker } from '../stack/docker.ts';
import { describeWhere } from '../stack/skip-loudly.ts';
import { until } from '../stack/until.ts';

const ROOT = join(__dirname, '../..');
const REGISTRY = process.env.LUCID_REGISTRY ?? 'pickme/lucid';
const HARDENED = [
  ...['--platform', 'linux/arm64', '--network', 'none', '--read-only', '--tmpfs', '/tmp'],
  ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--pids-limit', '64', '--memory', '512m'],
];
const EMULATED_START_MS = 120_000;

function whyNoArm64(): string | null {
  const missing = whyNoDocker();
  if (missing) return missing;
  const native = process.arch === 'arm64';
  const emulated = existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64');
  return native || emulated
    ? null
    : 'nothing here runs programs of arm64: register qemu-aarch64 with binfmt_misc';
}

function describeSlowly(): typeof describe | typeof describe.skip {
  if (process.env.LUCID_SLOW === '1') return describeWhere(whyNoArm64(), 'images of arm64');
  process.stderr.write('skipped: images of arm64: slow; LUCID_SLOW=1 builds and starts them\n');
  return describe.skip;
}

describeSlowly()('images of arm64', () => {
  let secrets: string;
  beforeAll(async () => {
    secrets = mkdtempSync(join(tmpdir(), 'lucid-arm64-'));
    const run = promisify(execFile);
    await run(process.execPath, ['tools/make-secrets.mjs', join(secrets, 'keys')], { cwd: ROOT });
    const services = ['base', 'session-chunker', 'blockchain-ledger'];
    await run(process.execPath, ['tools/images/build.mjs', '--arch', 'arm64', ...services], { cwd: ROOT });
  }, 600_000);
  afterAll(() => rmSync(secrets, { recursive: true, force: true }));

  it(
    'the base is Node for arm64',
    async () => {
      const said = await docker(['run', '--rm', ...HARDENED, `${REGISTRY}:base-arm64`, '-p', 'process.arch']);
      expect(said).toBe('arm64');
    },
    EMULATED_START_MS,
  );

  it.each([
    ['session-chunker', 8091, []],
    ['blockchain-ledger', 8086, ['LEDGER_SIGNING_KEY_FILE=/keys/ledger_key', 'LEDGER_DATA_DIR=/data/ledger']],
  ] as const)(
    '%s starts, is healthy and stops when told',
    async (name, port, more) => {
      const container = `lucid-arm64-${name}-${process.pid}`;
      const settings = [
        `LUCID_SERVICE_KEY_FILE=/keys/${name}_key`,
        'LUCID_SERVICE_KEYRING_FILE=/keys/keyring',
        ...more,
      ].flatMap((each) => ['--env', each]);
      const keys = [
        '--volume',
        `${join(secrets, 'keys')}:/keys:ro`,
        '--tmpfs',
        '/data/ledger:uid=1000,gid=1000',
      ];
      // The folder of keys is closed to others; it is root's here.
      spawnSync('chmod', ['755', join(secrets, 'keys')]);
      await docker([
        'run',
        '-d',
        '--name',
        container,
        ...HARDENED,
        ...settings,
        ...keys,
        `${REGISTRY}:${name}-arm64`,
      ]);
      try {
        const check = ['exec', container, '/usr/bin/lucid-health', `http://127.0.0.1:${port}/health`];
        await until(`${name} answers`, async () => (await docker(check)) !== undefined);
        await docker(['stop', '--time', '30', container]);
        expect(await docker(['inspect', '--format', '{{.State.ExitCode}}', container])).toBe('0');
      } finally {
        await docker(['rm', '-f', container]);
      }
    },
    EMULATED_START_MS,
  );
});
