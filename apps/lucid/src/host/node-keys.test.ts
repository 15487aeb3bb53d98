import {
  chmodSync,
  cpSync,
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
import { type Home, openHome } from './home.ts';
import { takeHomeLock } from './home-lock.ts';
import { openNodeKeys, ownerIdentityPath, readNodeKeys, recipientsPath, writeKeyFile } from './node-keys.ts';

let home: Home;
beforeEach(() => {
  home = openHome({ LUCID_HOME: mkdtempSync(join(tmpdir(), 'lucid-keys-')) });
});
afterEach(() => rmSync(home.root, { recursive: true, force: true }));

const files = () =>
  Object.fromEntries(
    readdirSync(home.keys).map((name) => [name, readFileSync(join(home.keys, name), 'utf8')]),
  );

test('keys are made once, readable by their owner only', async () => {
  const keys = await openNodeKeys(home);
  expect(keys.made.map((path) => path.slice(home.keys.length + 1)).sort()).toEqual([
    'ledger.key',
    'owner.agekey',
    'recorder.key',
    'recovery.agekey',
  ]);
  expect(keys.recipients.map(({ label }) => label)).toEqual(['owner', 'recovery']);
  expect(keys.recorder.verifierKey).not.toBe(keys.ledger.verifierKey);
  const before = files();
  for (const name of Object.keys(before))
    expect({ name, mode: statSync(join(home.keys, name)).mode & 0o777 }).toEqual({ name, mode: 0o600 });
  const again = await openNodeKeys(home);
  expect(again).toEqual({ ...keys, made: [] });
  expect(files()).toEqual(before);
});

test('a folder that others may look into is closed again', async () => {
  chmodSync(home.keys, 0o755);
  await openNodeKeys(home);
  expect(statSync(home.keys).mode & 0o777).toBe(0o700);
});

test('an existing key file is never overwritten', () => {
  const path = join(home.keys, 'x');
  expect(writeKeyFile(path, 'first')).toBe(true);
  expect(writeKeyFile(path, 'second')).toBe(false);
  expect(files()).toEqual({ x: 'first' });
});

test.each(['recorder.key', 'ledger.key'])('a damaged %s is told and left as it is', async (name) => {
  await openNodeKeys(home);
  const path = join(home.keys, name);
  for (const content of ['', 'PRIVATE+KEY+x', readFileSync(path, 'utf8').slice(0, -9)]) {
    writeFileSync(path, content);
    await expect(openNodeKeys(home)).rejects.toMatchObject({
      code: 'data_folder_damaged',
      exitCode: 3,
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path, 'utf8')).toBe(content);
  }
});

test('a message about a damaged key does not carry the key', async () => {
  await openNodeKeys(home);
  const path = join(home.keys, 'recorder.key');
  const secret = readFileSync(path, 'utf8').trim();
  writeFileSync(path, `${secret.slice(0, -4)}AAAA`);
  const error = await openNodeKeys(home).catch((thrown: Error) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).not.toContain(secret.slice(-30, -4));
});

test.each(['', '{}', '[]', 'null', '[{"label":"owner"}]', '[null]'])(
  'recipients.json that holds %j is told',
  async (content) => {
    await openNodeKeys(home);
    writeFileSync(recipientsPath(home), content);
    await expect(openNodeKeys(home)).rejects.toMatchObject({ code: 'data_folder_damaged' });
  },
);

/** As a host leaves it that ran here. */
const use = () => writeFileSync(join(home.documents, 'data.mdb'), '');

test('recipients.json that is gone is not made up anew over the owner’s key', async () => {
  await openNodeKeys(home);
  use();
  const owner = readFileSync(ownerIdentityPath(home), 'utf8');
  rmSync(recipientsPath(home));
  await expect(openNodeKeys(home)).rejects.toMatchObject({ code: 'data_folder_damaged' });
  expect(readFileSync(ownerIdentityPath(home), 'utf8')).toBe(owner);
});

test('a first start that was killed before it wrote the list goes on with the keys that are there', async () => {
  const first = await openNodeKeys(home);
  for (const name of ['recipients.json', 'recorder.key', 'ledger.key']) rmSync(join(home.keys, name));
  const second = await openNodeKeys(home);
  expect(second.recipients).toEqual(first.recipients);
});

test.each(['recorder.key', 'ledger.key'])(
  'a lost %s is told, and no other is put in its place',
  async (name) => {
    await openNodeKeys(home);
    use();
    rmSync(join(home.keys, name));
    const before = files();
    const lost = {
      code: 'data_folder_damaged',
      exitCode: 3,
      message: expect.stringMatching(new RegExp(`${name} is missing.*another identity.*backup.*LUCID_HOME`)),
    };
    await expect(openNodeKeys(home)).rejects.toMatchObject(lost);
    expect(() => readNodeKeys(home)).toThrow(expect.objectContaining(lost));
    expect(files()).toEqual(before);
  },
);

test('reading makes nothing: before the first start there are no keys', async () => {
  expect(() => readNodeKeys(home)).toThrow(
    expect.objectContaining({ code: 'data_folder_missing', exitCode: 3 }),
  );
  expect(files()).toEqual({});
  const { made, ...keys } = await openNodeKeys(home);
  expect(made).toHaveLength(4);
  expect(readNodeKeys(home)).toEqual({ ...keys, made: [] });
});

test('a key that is a folder is told in words', async () => {
  await openNodeKeys(home);
  rmSync(join(home.keys, 'recorder.key'));
  mkdirSync(join(home.keys, 'recorder.key'));
  expect(() => readNodeKeys(home)).toThrow(
    expect.objectContaining({
      code: 'data_folder_unusable',
      message: expect.not.stringContaining('EISDIR'),
    }),
  );
});

test('two first starts at once: one set of keys', async () => {
  const [one, two] = await Promise.allSettled([openNodeKeys(home), openNodeKeys(home)]);
  const settled = await openNodeKeys(home);
  for (const each of [one, two])
    if (each?.status === 'fulfilled') expect(each.value.recipients).toEqual(settled.recipients);
  expect(Object.keys(files()).sort()).toEqual([
    'ledger.key',
    'owner.agekey',
    'recipients.json',
    'recorder.key',
    'recovery.agekey',
  ]);
  expect([one?.status, two?.status]).toEqual(['fulfilled', 'fulfilled']);
});

test('the second of two first starts goes on once the keys are there, though the other’s host keeps the folder', async () => {
  const lock = await takeHomeLock(home, 0);
  const second = openNodeKeys(home);
  const other = openHome({ LUCID_HOME: join(home.root, 'other') });
  const first = await openNodeKeys(other);
  cpSync(other.keys, home.keys, { recursive: true });
  expect(await second).toEqual({ ...first, made: [] });
  lock.release();
});
