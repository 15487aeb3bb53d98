import { judgeConfiguration, treeOf } from '../check/configuration.mjs';
import { judgeFiles } from '../check/files.mjs';
import { judgeFacts } from '../check/running.mjs';
import { findSecrets, isSecretSetting } from '../check/secrets.mjs';
import { findShell } from '../check/shells.mjs';
import { budgetOf, bytesOnDisk, judgeSizes } from '../check/sizes.mjs';
import { formatTable } from '../check/table.mjs';

type Item = Parameters<typeof treeOf>[0][number][number];

const itemOf = (path: string, more: Partial<Item> = {}): Item => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  secrets: [],
  shell: null,
  ...more,
});

const layerOf = (...items: Item[]) => ({
  diffId: `sha256:${'a'.repeat(64)}`,
  sizeBytes: 1,
  tar: Buffer.alloc(0),
  items,
});

const rulesOf = (item: Item, development = false) =>
  judgeFiles([layerOf(item)], { development }).map(({ rule }) => rule);

// Made for this test, and of no use: neither is a key that opens anything.
const KEY_BODY = 'MC4CAQAwBQYDK2VwBCIEIA'.padEnd(64, 'A');

describe('secrets in files', () => {
  it.each([
    ['a private key', `x\n-----BEGIN PRIVATE KEY-----\n${KEY_BODY}\n-----END PRIVATE KEY-----\n`],
    ['a private key in JSON', JSON.stringify({ key: `-----BEGIN EC PRIVATE KEY-----\n${KEY_BODY}\n` })],
    [
      'an encrypted one',
      `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\n${KEY_BODY}\n`,
    ],
    ['a key of age', `AGE-SECRET-KEY-1${'Q'.repeat(58)}`],
    ['a key that signs notes', `PRIVATE+KEY+lucid.invalid/x+0badcafe+${'A'.repeat(44)}`],
    ['a token of npm', `//registry.npmjs.org/:_authToken=${'a'.repeat(36)}`],
    ['a token of GitHub', `export T=ghp_${'b'.repeat(36)}`],
    ['a password of Redis', 'port 6379\nrequirepass something\n'],
    ['a hashed password of Tor', `HashedControlPassword 16:${'0A'.repeat(29)}\n`],
  ])('finds %s', (_what, content) => {
    expect(findSecrets('app/file', Buffer.from(content)).length).toBe(1);
    const far = Buffer.concat([Buffer.alloc(3_000_000, 'x\n'), Buffer.from(content), Buffer.alloc(100_000)]);
    expect(findSecrets('app/file', far).length).toBe(1);
  });

  it.each([
    [
      'a program that knows such headings',
      "if (text.startsWith('-----BEGIN PRIVATE KEY-----')) return parse(text);",
    ],
    ['a public key', `-----BEGIN PUBLIC KEY-----\n${KEY_BODY}\n-----END PUBLIC KEY-----\n`],
    ['a comment of a configuration', '# requirepass PASSWORD\n'],
    ['a recipient of age', `age1${'q'.repeat(58)}`],
  ])('lets %s be', (_what, content) => {
    expect(findSecrets('app/file', Buffer.from(content))).toEqual([]);
  });

  it('finds files that hold credentials by what they are', () => {
    for (const path of [
      'app/.env',
      'app/.env.local',
      'root/.npmrc',
      'home/lucid/.ssh/id_ed25519',
      'run/secrets/x',
    ])
      expect(findSecrets(path, Buffer.from('x'))).toHaveLength(1);
    for (const path of ['app/environment', 'usr/bin/env', 'home/lucid/.ssh/id_ed25519.pub'])
      expect(findSecrets(path, Buffer.from('x'))).toEqual([]);
  });

  it('tells settings that carry a secret from those that name its file', () => {
    expect(isSecretSetting('MONGO_PASSWORD', 'x')).toBe(true);
    expect(isSecretSetting('MONGO_PASSWORD_FILE', 'x')).toBe(false);
    expect(isSecretSetting('MONGO_PASSWORD', '/run/secrets/x')).toBe(false);
    expect(isSecretSetting('LUCID_VERIFIER_KEY', 'x')).toBe(false);
  });
});

describe('shells', () => {
  it('are known by what they say of themselves, under any name', () => {
    expect(findShell(Buffer.from('\x7fELF.. BusyBox v1.36.1 ..', 'latin1'))).toBe('BusyBox');
    expect(findShell(Buffer.from('\x7fELF.. @(#)Bash version 5.2 ..', 'latin1'))).toBe('bash');
    expect(findShell(Buffer.from('notes on BusyBox v1.36.1'))).toBeNull();
  });
});

describe('files of a layer', () => {
  it.each<[string, Item]>([
    ['shell', itemOf('bin/sh', { mode: 0o755 })],
    ['shell', itemOf('usr/bin/helper', { mode: 0o755, shell: 'BusyBox' })],
    ['shell', itemOf('bin/bash', { type: 'symlink', mode: 0o777 })],
    ['package-manager', itemOf('usr/bin/dpkg', { mode: 0o755 })],
    ['package-manager', itemOf('usr/local/bin/npm', { type: 'symlink', mode: 0o777 })],
    ['setuid', itemOf('usr/bin/x', { mode: 0o4755 })],
    ['setuid', itemOf('usr/bin/x', { mode: 0o2755 })],
    ['setuid', itemOf('usr/bin/x', { mode: 0o755, capable: true })],
    ['device', itemOf('dev/sda', { type: 'block-device' })],
    ['world-writable', itemOf('etc/x', { mode: 0o666 })],
    ['world-writable', itemOf('data', { type: 'directory', mode: 0o777 })],
    ['world-writable', itemOf('data', { type: 'directory', mode: 0o1777 })],
    ['secret', itemOf('app/x', { secrets: ['a private key'] })],
  ])('are refused: %s', (rule, item) => {
    expect(rulesOf(item)).toEqual([rule]);
  });

  it('may be shared folders, folders of a group, and words that only look like programs', () => {
    for (const item of [
      itemOf('tmp', { type: 'directory', mode: 0o1777 }),
      itemOf('var/local', { type: 'directory', mode: 0o2775 }),
      itemOf('etc/apt', { type: 'directory', mode: 0o755 }),
      itemOf('etc/bash', { mode: 0o644 }),
      itemOf('app/main.mjs', { mode: 0o644 }),
      itemOf('lib/x', { type: 'symlink', mode: 0o777 }),
    ])
      expect(rulesOf(item)).toEqual([]);
  });

  it('may be a shell for development, but not what manages the system', () => {
    expect(rulesOf(itemOf('bin/bash', { mode: 0o755, shell: 'bash' }), true)).toEqual([]);
    expect(rulesOf(itemOf('usr/local/bin/npm', { mode: 0o755 }), true)).toEqual([]);
    expect(rulesOf(itemOf('usr/bin/apt-get', { mode: 0o755 }), true)).toEqual(['package-manager']);
    expect(rulesOf(itemOf('bin/su', { mode: 0o4755 }), true)).toEqual(['setuid']);
  });

  it('are judged in each layer, also where a later one takes them away; the tree is what is left', () => {
    const [shell, gone] = [itemOf('bin/sh', { mode: 0o755 }), itemOf('bin/.wh.sh')];
    expect(
      judgeFiles([layerOf(shell), layerOf(gone)], { development: false }).map(({ rule }) => rule),
    ).toEqual(['shell']);
    expect([...treeOf([[shell], [gone]]).keys()]).toEqual([]);
  });
});

const program = itemOf('usr/bin/program', { mode: 0o755 });
const checker = itemOf('usr/bin/lucid-health', { mode: 0o755 });
const good = {
  created: '1970-01-01T00:00:00Z',
  architecture: 'amd64',
  config: {
    User: '1000:1000',
    Entrypoint: ['/usr/bin/program', '--all'],
    Env: ['PATH=/usr/bin', 'TOKEN_FILE=/run/secrets/token'],
    Healthcheck: { Test: ['CMD', '/usr/bin/lucid-health'] },
    Labels: {
      'org.opencontainers.image.title': 'x',
      'org.opencontainers.image.version': '1',
      'org.lucid.service': 'x',
    },
  },
  history: [{ created_by: 'COPY x /' }, { created_by: 'ARG VERSION=1.0.0' }],
};

const configurationRules = (config: object, more: object = {}) =>
  judgeConfiguration({
    reference: 'x',
    configuration: { ...good, ...more, config: { ...good.config, ...config } },
    layers: [layerOf(program, checker)],
  }).map(({ rule }) => rule);

describe("an image's configuration", () => {
  it('has no fault where all is there', () => {
    expect(configurationRules({})).toEqual([]);
  });

  it.each<[string, object, object]>([
    ['user', { User: '' }, {}],
    ['user', { User: 'root' }, {}],
    ['user', { User: '65532' }, {}],
    ['created', {}, { created: '2026-01-01T00:00:00Z' }],
    ['entrypoint', { Entrypoint: ['/bin/sh', '-c', 'program'] }, {}],
    ['entrypoint', { Entrypoint: [] }, {}],
    ['entrypoint', { Entrypoint: ['program'] }, {}],
    ['entrypoint', { Entrypoint: ['/usr/bin/other'] }, {}],
    ['entrypoint', { OnBuild: ['RUN x'] }, {}],
    ['healthcheck', { Healthcheck: undefined }, {}],
    ['healthcheck', { Healthcheck: { Test: ['NONE'] } }, {}],
    ['healthcheck', { Healthcheck: { Test: ['CMD-SHELL', 'curl x'] } }, {}],
    ['healthcheck', { Healthcheck: { Test: ['CMD', '/usr/bin/curl'] } }, {}],
    ['labels', { Labels: { ...good.config.Labels, 'org.opencontainers.image.version': '' } }, {}],
    ['labels', { Labels: { ...good.config.Labels, 'org.lucid.shell': 'bash' } }, {}],
    ['secret', { Env: ['DB_PASSWORD=hunter2'] }, {}],
    ['secret', {}, { history: [{ created_by: 'ARG NPM_TOKEN=abc' }] }],
  ])('is refused: %s %j %j', (rule, config, more) => {
    expect(configurationRules(config, more)).toEqual([rule]);
  });
});

describe('sizes', () => {
  const layer = (name: string, sizeBytes: number) => ({ ...layerOf(), diffId: name, sizeBytes });

  it('count a layer once a chain, as a disk does', () => {
    const base = layer('base', 100);
    expect(
      bytesOnDisk([
        [base, layer('a', 1)],
        [base, layer('b', 2)],
      ]),
    ).toBe(103);
    // The same layer upon others is another one.
    expect(
      bytesOnDisk([
        [base, layer('a', 1)],
        [layer('other', 10), layer('a', 1)],
      ]),
    ).toBe(112);
  });

  it('are held to what the kind of image may have', () => {
    const node = budgetOf({ image: { kind: 'node' } } as Parameters<typeof budgetOf>[0]);
    expect(judgeSizes({ own: 3_000_000, whole: 130_000_000 }, node)).toEqual([]);
    expect(judgeSizes({ own: 3_000_001, whole: 0 }, node)).toMatchObject([{ rule: 'own-size' }]);
    const other = budgetOf({ image: { kind: 'program' } } as Parameters<typeof budgetOf>[0]);
    expect(judgeSizes({ own: 35_000_001, whole: 35_000_001 }, other)).toMatchObject([{ rule: 'whole-size' }]);
  });
});

describe('what a container says of itself', () => {
  const confined = {
    Uid: ['1000'],
    Gid: ['1000'],
    ...Object.fromEntries(
      ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((set) => [`Cap${set}`, ['0000000000000000']]),
    ),
    NoNewPrivs: ['1'],
    Seccomp: ['2'],
    Processes: ['1'],
    Writable: ['/dev/shm', '/data'],
    ReadOnly: ['120'],
  };
  const rules = (changes: Record<string, string[]>) =>
    judgeFacts(new Map(Object.entries({ ...confined, ...changes })), ['/data', '/dev/shm']).map(
      ({ rule }) => rule,
    );

  it.each<[string[], Record<string, string[]>]>([
    [[], {}],
    [['user'], { Uid: ['0'] }],
    [['capabilities'], { CapBnd: ['00000000a80425fb'] }],
    [['privileges'], { NoNewPrivs: ['0'] }],
    [['seccomp'], { Seccomp: ['0'] }],
    [['processes'], { Processes: ['2'] }],
    [['writable'], { Writable: ['/data', '/scratch'] }],
    [['writable'], { Guarded: ['/etc'] }],
    [['writable'], { ReadOnly: ['0'] }],
    [['writable'], { ReadOnly: [] }],
  ])('is judged: %j where it says %j', (expected, changes) => {
    expect(rules(changes)).toEqual(expected);
  });
});

describe('the table', () => {
  it('keeps numbers under each other', () => {
    expect(
      formatTable(
        ['a', 'b'],
        [
          ['long name', '1.0'],
          ['x', '10.0'],
        ],
      ),
    ).toBe('a             b\nlong name   1.0\nx          10.0\n');
  });
});
