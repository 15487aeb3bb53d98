/** make-secrets.mjs as a program: what it makes fits together, is made once, is completed later, and survives being killed. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseSignerKey, parseVerifierKey } from '@lucid/checkpoint';
import { ed25519PublicKey } from '@lucid/crypto';
import { parseServiceKey } from '@lucid/service-kit';
import { appNames, serviceAt, serviceNames, serviceWithLayers } from '@lucid/topology';
import { seeded, seedOfRun } from '../../e2e/stack/seeded.ts';
import { describeWhere } from '../../e2e/stack/skip-loudly.ts';

const PROGRAM = join(__dirname, '../make-secrets.mjs');
const seed = seedOfRun('make-secrets');

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'lucid-secrets-test-'));
  folder = join(parent, 'secrets');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [PROGRAM, folder, ...args], { encoding: 'utf8' });
const make = () => expect(run()).toMatchObject({ status: 0, stderr: '' });
const text = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
const settings = () => readFileSync(join(parent, '.env'), 'utf8');
const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(settings())?.[1] ?? '';
const all = () => Object.fromEntries(readdirSync(folder).map((name) => [name, text(name)]));
const keyring = () => JSON.parse(text('keyring')) as Record<string, string>;

/** Whether it is the hash of the password: RFC 4880 section 3.6.1.3, written here a second time. */
function hashed(password: string, line: string): boolean {
  const [, salt = '', count = '', digest] =
    /^HashedControlPassword 16:([0-9A-F]{16})([0-9A-F]{2})([0-9A-F]{40})$/.exec(line) ?? [];
  const coded = Number.parseInt(count, 16);
  const once = Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(password)]);
  const bytes = Buffer.alloc((16 + (coded & 15)) << ((coded >> 4) + 6), once);
  return createHash('sha1').update(bytes).digest('hex').toUpperCase() === digest;
}

/** What the compose files give to containers. */
const needed = [
  'keyring',
  'operator_key',
  ...serviceNames.flatMap((name) => [
    ...(serviceAt(name).image?.kind === 'node' ? [`${name}_key`] : []),
    ...Object.values(serviceWithLayers(name, 3).secrets ?? {}),
  ]),
];

function expectWhole(): void {
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(needed));
  const { redis_url, redis_config, tor_control, tor_control_password } = all();
  expect(`requirepass ${new URL(redis_url ?? '').password}`).toBe(redis_config);
  expect([tor_control_password, hashed(tor_control_password ?? '', tor_control ?? '')]).toEqual([
    tor_control_password,
    true,
  ]);
  for (const caller of [...appNames, 'operator']) {
    const { publicKey } = parseServiceKey(caller, readFileSync(join(folder, `${caller}_key`)));
    expect([caller, keyring()[caller]]).toEqual([caller, publicKey]);
  }
  for (const role of ['recorder', 'ledger']) {
    const { name, secretKey } = parseSignerKey(text(`${role}_key`));
    const { name: publicName, publicKey } = parseVerifierKey(
      setting(`LUCID_${role.toUpperCase()}_VERIFIER_KEY`),
    );
    expect([publicName, Buffer.from(publicKey)]).toEqual([name, Buffer.from(ed25519PublicKey(secretKey))]);
  }
  expect(text('mongo_url')).toBe(
    `mongodb://lucid:${text('mongo_password')}@mongodb:27017/lucid?authSource=admin`,
  );
}

it('makes what every service is given, each fitting the others', () => {
  make();
  expectWhole();
  expect(setting('COMPOSE_PROJECT_NAME')).toBe('lucid');
  const profiles = new Set(serviceNames.flatMap((name) => serviceAt(name).profile ?? []));
  for (const askedFor of ['dev', 'governance', 'standalone'] as const) profiles.delete(askedFor);
  expect(new Set(setting('COMPOSE_PROFILES').split(','))).toEqual(profiles);
});

it('lets nobody else in: the folder is closed, and open to user 1000 inside containers by its files alone', () => {
  make();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder))
    expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o644]);
});

it('closes a folder that was open', () => {
  mkdirSync(folder, { mode: 0o755 });
  chmodSync(folder, 0o755);
  make();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('prints no secret', () => {
  const { stdout, stderr } = run();
  for (const [name, secret] of Object.entries(all()))
    if (name !== '.made') expect([name, (stdout + stderr).includes(secret)]).toEqual([name, false]);
});

it('overwrites nothing, and says nothing of it where nothing is missing', () => {
  make();
  const before = { ...all(), env: settings() };
  expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('they are not overwritten') });
  expect(run('--if-missing')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect({ ...all(), env: settings() }).toEqual(before);
});

it('adds the key of a service that came later, and touches no other', () => {
  make();
  // As a folder of before that service.
  rmSync(join(folder, 'tunnel-tools_key'));
  const { 'tunnel-tools': _gone, ...others } = keyring();
  writeFileSync(join(folder, 'keyring'), JSON.stringify(others));
  writeFileSync(join(folder, '.made'), text('.made').replace('tunnel-tools_key\n', ''));
  const before = all();
  expect(run('--if-missing')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^made 1 secrets in /),
  });
  const { 'tunnel-tools_key': added, keyring: _keyring, '.made': _made, ...rest } = all();
  expect(added).toContain('PRIVATE KEY');
  expect(rest).toEqual(Object.fromEntries(Object.entries(before).filter(([name]) => name in rest)));
  expectWhole();
});

it('keeps callers that somebody added to the keyring', () => {
  make();
  const stranger = keyring().operator as string;
  writeFileSync(join(folder, 'keyring'), JSON.stringify({ ...keyring(), 'session-host-manager': stranger }));
  rmSync(join(folder, 'session-api_key'));
  expect(run('--if-missing').status).toBe(0);
  expect(keyring()['session-host-manager']).toBe(stranger);
  expectWhole();
});

it.each(['redis_url', 'mongo_url', 'tor_control', 'session-api_key', 'redis_config', 'tor_control_password'])(
  'makes %s anew where it is gone, so that all fits again',
  (name) => {
    make();
    rmSync(join(folder, name));
    expect(run('--if-missing')).toMatchObject({ status: 0, stderr: '' });
    expectWhole();
  },
);

it.each(['recorder_key', 'ledger_key', 'auth_secret', 'mongo_password'])(
  'makes no other %s where it is gone: what it signed or opens is still there',
  (name) => {
    make();
    const before = all();
    rmSync(join(folder, name));
    for (const args of [[], ['--if-missing']]) {
      const { status, stderr } = run(...args);
      expect([status, stderr]).toEqual([
        3,
        expect.stringMatching(new RegExp(`${name}: made here once and gone\\. Restore`)),
      ]);
    }
    delete before[name];
    expect(all()).toEqual(before);
  },
);

it('refuses a keyring that does not fit a key, a broken one, and settings of another recorder', () => {
  make();
  const good = text('keyring');
  writeFileSync(
    join(folder, 'keyring'),
    JSON.stringify({ ...keyring(), redis: 'x', 'session-api': keyring().operator }),
  );
  expect(run()).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('another public key for session-api'),
  });
  writeFileSync(join(folder, 'keyring'), '{');
  expect(run()).toMatchObject({ status: 3, stderr: expect.stringContaining('is no JSON') });
  writeFileSync(join(folder, 'keyring'), good);
  writeFileSync(join(parent, '.env'), settings().replace(/(RECORDER_VERIFIER_KEY=).*/, '$1other+1+2'));
  expect(run()).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('is not the public key of the secret key'),
  });
});

it('adds to settings that are there, and changes none', () => {
  writeFileSync(join(parent, '.env'), 'COMPOSE_PROFILES=openapi\nLUCID_PUBLISH=0.0.0.0');
  make();
  expect(settings()).toMatch(
    /^COMPOSE_PROFILES=openapi\nLUCID_PUBLISH=0\.0\.0\.0\nCOMPOSE_PROJECT_NAME=lucid\n/,
  );
});

it('leaves closed what whoever made the settings has closed', () => {
  const path = join(parent, '.env');
  writeFileSync(path, 'LUCID_PUBLISH=0.0.0.0\n', { mode: 0o600 });
  make();
  expect(setting('COMPOSE_PROJECT_NAME')).toBe('lucid');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it.each([['a', 'b'], ['--force']])('takes one folder and the options that it knows (%s)', (...args) => {
  expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining('usage: ') });
});

it('two at once leave one whole folder', async () => {
  const both = [1, 2].map(() =>
    spawn(process.execPath, [PROGRAM, folder, '--if-missing'], { stdio: 'ignore' }),
  );
  expect(await Promise.all(both.map(async (child) => (await once(child, 'exit'))[0]))).toEqual([0, 0]);
  expectWhole();
  expect(readdirSync(parent).sort()).toEqual(['.env', 'secrets']);
});

it('killed at any moment it leaves what the next run finishes', async () => {
  const random = seeded(seed);
  let fresh = true;
  for (let round = 0; round < 12; round++) {
    const child = spawn(process.execPath, [PROGRAM, folder], { stdio: 'ignore' });
    await delay(40 + random.below(200));
    child.kill('SIGKILL');
    if (child.exitCode === null) await once(child, 'exit');
    if (fresh && existsSync(folder)) expect(readdirSync(folder)).toEqual(expect.arrayContaining(needed));
    expect([round, run('--if-missing').status]).toEqual([round, 0]);
    expectWhole();
    expect(readdirSync(parent).sort()).toEqual(['.env', 'secrets']);
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
    fresh = round % 2 === 0;
    rmSync(fresh ? parent : join(folder, 'session-api_key'), { recursive: true });
    mkdirSync(parent, { recursive: true });
  }
});

/** As tor itself computes it, with the salt of ours. */
const whyNoTor = spawnSync('tor', ['--version'], { stdio: 'ignore' }).error ? 'tor is not installed' : null;

describeWhere(whyNoTor, 'HashedControlPassword, by tor itself')('HashedControlPassword', () => {
  it('is what tor takes: it starts with it and lets in who knows the password', () => {
    make();
    const torrc = join(parent, 'torrc');
    writeFileSync(
      torrc,
      `DisableNetwork 1\nSocksPort 0\nDataDirectory ${parent}/tor\n${text('tor_control')}\n`,
    );
    const verify = spawnSync('tor', ['--verify-config', '-f', torrc, '--defaults-torrc', '/dev/null'], {
      encoding: 'utf8',
    });
    expect(verify.stdout).toContain('Configuration was valid');
  });

  it('is computed as `tor --hash-password` does', () => {
    const { stdout } = spawnSync('tor', ['--quiet', '--hash-password', 'a password'], { encoding: 'utf8' });
    const line = `HashedControlPassword ${stdout.trim().split('\n').at(-1)}`;
    expect(hashed('a password', line)).toBe(true);
    expect(hashed('another', line)).toBe(false);
  });
});
