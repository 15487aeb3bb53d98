/** `--compose` on machines where Docker is missing, old, closed or broken: programs of that kind stand on PATH in its place. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolder, errorOf, lastJson, testBuilt } from './program.ts';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

interface Fake {
  readonly engine?: string;
  readonly compose?: string;
}

/** A PATH with this `docker` alone before the shell's own programs. */
function pathWith({ engine = 'echo 20.10.24', compose = 'echo 2.26.1' }: Fake): string {
  const bin = join(data.folder, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh\ncase "$1 $2" in\n"version --format") ${engine} ;;\n"compose version") ${compose} ;;\n*) echo "not asked for: $*" >&2; exit 99 ;;\nesac\n`;
  writeFileSync(join(bin, 'docker'), script);
  chmodSync(join(bin, 'docker'), 0o755);
  return `${bin}:/usr/bin:/bin`;
}

const CONNECT = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.';
const DENIED = 'permission denied while trying to connect to the Docker daemon socket';

const bad: readonly (readonly [what: string, fake: Fake, says: RegExp])[] = [
  [
    'no daemon',
    { engine: `echo; echo "${CONNECT}" >&2; exit 1` },
    /^lucid: no Docker daemon answers\. Start it: sudo systemctl start docker$/m,
  ],
  [
    'a daemon that this user may not use',
    { engine: `echo; echo "${DENIED}" >&2; exit 1` },
    /^lucid: this user may not use the Docker daemon\. .*group docker/m,
  ],
  ['an engine of 2019', { engine: 'echo 19.03.15' }, /^lucid: engine 19\.03\.15 is older than 20\.10\. /m],
  [
    'no compose plugin',
    { compose: `echo "docker: 'compose' is not a docker command." >&2; exit 1` },
    /^lucid: docker has no compose plugin .*Install its plugin, 2\.20 or newer/m,
  ],
  ['compose 2.17', { compose: 'echo 2.17.3' }, /^lucid: plugin 2\.17\.3 is older than 2\.20\. /m],
  ['compose 1', { compose: 'echo v1.29.2' }, /^lucid: plugin v1\.29\.2 is older than 2\.20\. /m],
  ['a compose of no version', { compose: 'echo dev' }, /^lucid: docker compose says no version but: dev\. /m],
];

const commands = [['up'], ['down']] as const;

testBuilt.each(bad)('%s: up and down say so in one sentence, doctor lists it', async (_what, fake, says) => {
  const env = { PATH: pathWith(fake) };
  for (const command of commands) {
    const run = await data.run([...command, '--compose', '--json'], 'ignore', env);
    expect([run.status, errorOf(run), run.stderr]).toEqual([
      3,
      'docker_missing',
      expect.stringMatching(says),
    ]);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
  }
  const run = await data.run(['doctor', '--compose', '--json'], 'ignore', env);
  const { ok, checks } = lastJson(run) as {
    ok: boolean;
    checks: { status: string; text: string; advice: string }[];
  };
  const last = checks.at(-1);
  expect([run.status, ok, last?.status]).toEqual([3, false, 'fail']);
  expect(`lucid: ${last?.text}. ${last?.advice}`).toMatch(says);
});

testBuilt('no docker at all', async () => {
  for (const command of commands) {
    const run = await data.run([...command, '--compose'], 'ignore', { PATH: join(data.folder, 'nothing') });
    expect([run.status, run.stderr]).toEqual([
      3,
      expect.stringMatching(/^lucid: there is no program docker on this machine\. Install Docker /),
    ]);
  }
});

testBuilt('a new enough compose of a distribution, with its suffix, is taken', async () => {
  const env = { PATH: pathWith({ compose: 'echo 2.26.1-4' }) };
  const run = await data.run(['doctor', '--compose', '--json'], 'ignore', env);
  const { checks } = lastJson(run) as { checks: { name: string; status: string }[] };
  expect(checks).toContainEqual({ name: 'compose', status: 'ok', text: 'plugin 2.26.1-4' });
});

testBuilt.each([
  [['up', '--layer', '1'], /--layer goes with --compose/],
  [['doctor', '--profile', 'openapi'], /--profile goes with --compose/],
  [['up', '--compose', '--port', '80'], /--port is for the host in one process/],
  [['up', '--compose', '--tls'], /--tls is for the host in one process/],
  [['up', '--compose', '--layer', '1', '--file', 'x.yaml'], /--layer and --file name the same thing/],
  [['up', '--compose', '--file', 'x.yaml'], /there is no compose file .*x\.yaml/],
  [['up', '--compose', '--layer', 'x'], /--layer x: there is no such layer/],
  [['down'], /lucid down --compose/],
  [['export', 'abcd', '--compose', '--operator-key', 'x'], /--operator-key: with --compose/],
  [['export', 'abcd', '--compose', '-o', '-'], /-o -: what comes out of services is checked/],
])('%j is no way to say it', async (args, says) => {
  const run = await data.run(args, 'ignore', { PATH: pathWith({}) });
  expect([run.status, run.stderr]).toEqual([2, expect.stringMatching(says)]);
});
