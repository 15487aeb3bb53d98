import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Credentials } from './credentials.ts';
import { openRemoteHost } from './remote-host.ts';
import { runRemote } from './run-remote.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucid-credentials-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const origin = 'https://lucid.example';
const login = { address: 'T', accessToken: 'a.b.c', refreshToken: 'r', accessExpiresAt: 1 };

test.each([
  '{',
  'null',
  '{"format":2,"hosts":{}}',
  '{"format":1}',
  JSON.stringify({ format: 1, hosts: { [origin]: null } }),
  JSON.stringify({ format: 1, hosts: { [origin]: { login: 5 } } }),
  JSON.stringify({ format: 1, hosts: { [origin]: { login: { ...login, refreshToken: 1 } } } }),
])('a damaged file is told as that: %s', (text) => {
  writeFileSync(join(folder, 'credentials.json'), text);
  const credentials = new Credentials({ LUCID_CONFIG: folder });
  expect(() => credentials.of(origin)).toThrow(expect.objectContaining({ code: 'credentials_damaged' }));
});

test('changes of a host leave the others, and only one command changes at a time', async () => {
  writeFileSync(join(folder, 'credentials.json'), '{"format":1,"hosts":{}}');
  const credentials = new Credentials({ LUCID_CONFIG: folder });
  await credentials.update('https://other.example', () => ({ login }));
  await credentials.update(origin, () => ({ login, certificateSha256: 'ab' }));
  await credentials.update(origin, ({ login: _ended, ...known }) => known);
  expect(credentials.origins()).toEqual(['https://other.example', origin]);
  expect(credentials.of(origin)).toEqual({ certificateSha256: 'ab' });
  await expect(credentials.update(origin, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await credentials.update(origin, () => ({}))).toEqual({});
  expect(credentials.origins()).toEqual(['https://other.example']);
});

test.each(['garbage', 'a\nb.c.d', 'ä.b.c', 'a.b'])('LUCID_TOKEN that is none is told: %j', (token) => {
  const env = { LUCID_CONFIG: folder, LUCID_TOKEN: token };
  expect(() => openRemoteHost(env, origin)).toThrow(expect.objectContaining({ code: 'usage' }));
});

test.each([
  [true, undefined],
  [false, 'a.b.c'],
])('LUCID_TOKEN does not stand for the login where that is meant (%s)', async (ofLogin, expected) => {
  const env = { LUCID_CONFIG: folder, LUCID_TOKEN: 'a.b.c' };
  const process = { env } as unknown as NodeJS.Process;
  const options = { json: false, quiet: true, at: origin, ofLogin };
  let given: string | undefined = 'not asked';
  await runRemote(process, options, async ({ host }) => {
    given = host.givenToken;
    return 0;
  });
  expect(given).toBe(expected);
});
