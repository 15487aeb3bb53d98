/** Signing in, agreeing on a policy, recording under it and handing out a token, as users do it with the built program. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signMessage } from '@lucid/tron-message';
import { totpCode } from '../../../e2e/stack/totp.ts';
import { DataFolder, type Ended, errorOf, lastJson, type Started, testBuilt } from './program.ts';

interface Ready {
  readonly gateway: string;
  readonly adminCode?: string;
}

const data = new DataFolder();
let host: Started;
let ready: Ready;

/** What each person has of their own: configuration, key, no data folder. */
class Person {
  readonly config: string;
  address = '';
  constructor(name: string) {
    this.config = join(data.folder, name);
  }
  run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    return data.run(args, 'ignore', { LUCID_CONFIG: this.config, ...env });
  }
  async json<T>(...args: readonly string[]): Promise<T> {
    const run = await this.run([...args, '--json']);
    if (run.status !== 0) throw new Error(`${args.join(' ')} ended with ${run.status}: ${run.stderr}`);
    return lastJson(run) as T;
  }
  async makeKey(): Promise<string> {
    this.address = (await this.json<{ address: string }>('keys', 'tron')).address;
    return this.address;
  }
}

const admin = new Person('admin');
const lender = new Person('lender');
const worker = new Person('worker');

beforeAll(async () => {
  if (testBuilt === test.skip) return;
  host = data.start(['up', '--port', '0', '--json'], 'ignore', { LUCID_LOG: 'error' });
  await host.says('"ready":true');
  ready = JSON.parse(host.text().split('\n')[0] as string) as Ready;
});
afterAll(() => data.remove());

testBuilt('the first administrator registers by the code that the host prints, once', async () => {
  expect(ready.adminCode).toMatch(/\S{8,}/);
  await admin.makeKey();
  expect(statSync(join(admin.config, 'tron.key')).mode & 0o777).toBe(0o600);
  const wrong = await admin.run(['register', '--json', '--code', 'not-the-code']);
  expect([wrong.status, errorOf(wrong)]).toEqual([1, 'login_refused']);
  const account = await admin.json('register', '--code', ready.adminCode as string);
  expect(account).toMatchObject({ address: admin.address, accountRole: 'SUPER_ADMIN', totpNeeded: true });
  expect(statSync(join(admin.config, 'credentials.json')).mode & 0o777).toBe(0o600);
  const me = await admin.json('whoami');
  expect(me).toMatchObject({ address: admin.address, role: 'USER' });
});

testBuilt('with an authenticator the administrator invites others, who register', async () => {
  const { secret } = await admin.json<{ secret: string }>('totp');
  const confirmed = await admin.json<{ recoveryCodes: string[] }>(
    'totp',
    '--code',
    totpCode(secret, Date.now()),
  );
  expect(confirmed.recoveryCodes.length).toBeGreaterThan(0);
  expect(await admin.json('whoami')).toMatchObject({ role: 'SUPER_ADMIN' });
  await lender.makeKey();
  const early = await lender.run(['register', '--json']);
  expect([early.status, errorOf(early)]).toEqual([1, 'login_refused']);
  await worker.makeKey();
  for (const person of [lender, worker]) {
    await admin.json('user', 'invite', person.address);
    expect(await person.json('register')).toMatchObject({ address: person.address, role: 'USER' });
  }
  const { users } = await admin.json<{ users: { address: string }[] }>('user', 'list');
  expect(users.map(({ address }) => address).sort()).toEqual(
    [admin.address, lender.address, worker.address].sort(),
  );
  const refused = await worker.run(['user', 'list', '--json']);
  expect([refused.status, errorOf(refused)]).toEqual([1, 'forbidden']);
});

let sessionId = '';
testBuilt('a session under a policy is recorded once both have consented', async () => {
  const made = await lender.json<{ sessionId: string; policyHash: string }>(
    'session',
    'new',
    '--policy',
    'standard',
    '--host-party',
    lender.address,
    '--user',
    worker.address,
    '--title',
    'repair',
  );
  ({ sessionId } = made);
  const early = await lender.run(['record', '--json', '--session', sessionId, '--', 'true']);
  expect([early.status, early.stderr]).toEqual([1, expect.stringMatching(/consent/)]);
  expect(await lender.json('session', 'consent', sessionId)).toMatchObject({ missing: ['user'] });
  expect(await worker.json('session', 'consent', sessionId)).toMatchObject({ missing: [] });
  const again = await worker.run(['session', 'consent', '--json', sessionId]);
  expect(errorOf(again)).toBe('usage');
  const typed = await lender.run(['record', '--json', '--input', '--session', sessionId, '--', 'true']);
  expect([typed.status, typed.stderr]).toEqual([2, expect.stringMatching(/policy/)]);
  const run = await lender.run([
    'record',
    '--json',
    '--session',
    sessionId.slice(0, 12),
    '--',
    'echo',
    'under a policy',
  ]);
  expect({ status: run.status, stderr: run.stderr }).toMatchObject({ status: 0 });
  expect(lastJson(run)).toMatchObject({ sessionId, verified: true, closed: 'ended' });
  expect((await data.content(sessionId)).toString()).toContain('under a policy');
  const shown = await worker.json<{ policyHash: string; you: string[] }>(
    '--host',
    ready.gateway,
    'show',
    sessionId.slice(0, 12),
  );
  expect(shown).toMatchObject({ policyHash: made.policyHash, you: ['user'], state: 'completed' });
});

testBuilt('an auditor with a proof token reads this one session and nothing else', async () => {
  const other = await lender.json<{ sessionId: string }>('session', 'new', '--title', 'another');
  const { token, tokenId } = await lender.json<{ token: string; tokenId: string }>(
    'token',
    'new',
    '--name',
    'auditor',
    '--session',
    sessionId.slice(0, 12),
    '--days',
    '1',
  );
  const auditor = new Person('auditor');
  const env = { LUCID_TOKEN: token, LUCID_HOST: ready.gateway, LUCID_HOME: join(data.folder, 'elsewhere') };
  const verified = await auditor.run(['verify', '--json', sessionId.slice(0, 12)], env);
  expect({ status: verified.status, stderr: verified.stderr }).toMatchObject({ status: 0 });
  const out = join(data.folder, 'audited.lucid');
  expect((await auditor.run(['export', '--json', sessionId, '-o', out], env)).status).toBe(0);
  expect((await auditor.run(['verify', out], { LUCID_HOME: env.LUCID_HOME })).status).toBe(0);
  for (const args of [
    ['list'],
    ['show', other.sessionId],
    ['token', 'list'],
    ['whoami'],
    ['session', 'stop', sessionId],
  ]) {
    const run = await auditor.run([...args, '--json'], env);
    expect([args, run.status, errorOf(run)]).toEqual([args, 1, 'forbidden']);
  }
  await lender.json('token', 'revoke', tokenId);
  const until = Date.now() + 20_000;
  let last = await auditor.run(['show', '--json', sessionId], env);
  while (last.status === 0 && Date.now() < until)
    last = await auditor.run(['show', '--json', sessionId], env);
  expect(errorOf(last)).toBe('signed_out');
});

testBuilt('signed out is signed out, and what is wrong is told', async () => {
  const sessions = await worker.json<{ sessions: { sessionId: string }[] }>('--host', ready.gateway, 'list');
  expect(sessions.sessions.map((each) => each.sessionId)).toEqual([sessionId]);
  const stored = readFileSync(join(worker.config, 'credentials.json'), 'utf8');
  await worker.json('logout');
  expect(errorOf(await worker.run(['whoami', '--json']))).toBe('signed_out');
  // A copy of the file from before is worth nothing.
  writeFileSync(join(worker.config, 'credentials.json'), stored);
  const until = Date.now() + 20_000;
  let last = await worker.run(['whoami', '--json']);
  while (last.status === 0 && Date.now() < until) last = await worker.run(['whoami', '--json']);
  expect(errorOf(last)).toBe('signed_out');
  const cases: readonly (readonly [readonly string[], number, string])[] = [
    [['--host', 'http://lucid.example', 'whoami'], 2, 'usage'],
    [['--host', 'ftp://x', 'whoami'], 2, 'usage'],
    [['--host', 'http://127.0.0.1:1', 'login'], 3, 'host_unreachable'],
    [['--host', ready.gateway, 'record', '--', 'true'], 2, 'usage'],
    [['login', '--key', join(data.folder, 'none')], 3, 'key_missing'],
    [['login', '--device', 'phone:1'], 2, 'usage'],
    [['session', 'new', '--policy', 'standard'], 2, 'usage'],
    [['token', 'new', '--name', 'x', '--days', '0'], 2, 'usage'],
  ];
  for (const [args, status, code] of cases) {
    const run = await worker.run(
      [...args.slice(0, -1), args.at(-1) as string].concat(args.includes('--') ? [] : ['--json']),
    );
    const told = args.includes('--') ? code : errorOf(run);
    expect([args, run.status, told]).toEqual([args, status, code]);
  }
});

testBuilt('twenty commands at once renew a login whose token ended, and none of them loses it', async () => {
  const path = join(lender.config, 'credentials.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as {
    hosts: Record<string, { login?: { accessExpiresAt: number } }>;
  };
  for (const { login } of Object.values(file.hosts)) if (login) login.accessExpiresAt = 0;
  writeFileSync(path, JSON.stringify(file));
  const runs = await Promise.all(Array.from({ length: 20 }, () => lender.run(['whoami', '--json'])));
  expect(runs.map(({ status, stderr }) => `${status} ${stderr}`)).toEqual(Array(20).fill('0 '));
  expect(await lender.json('whoami')).toMatchObject({ address: lender.address });
});

testBuilt('doctor finds a host with a gateway sound', async () => {
  const run = await data.run(['doctor', '--json']);
  expect({
    said: run.stdout.toString(),
    services: /"name":"services","status":"(\w+)"/.exec(run.stdout.toString())?.[1],
  }).toMatchObject({
    services: 'ok',
  });
});

testBuilt('a login signs elsewhere: the message is printed, its signature taken', async () => {
  const { message } = await worker.json<{ message: string }>('login', '--address', worker.address);
  expect(message).toContain(worker.address);
  const file = join(data.folder, 'message.txt');
  writeFileSync(file, message);
  const secret = Buffer.from(readFileSync(join(worker.config, 'tron.key'), 'utf8').trim(), 'hex');
  const signature = signMessage(new Uint8Array(secret), message);
  expect(await worker.json('login', '--message', file, '--signature', signature)).toMatchObject({
    address: worker.address,
  });
  const again = await worker.run(['login', '--json', '--message', file, '--signature', signature]);
  expect(errorOf(again)).toBe('login_refused');
});

testBuilt('logout --all ends the logins on lost devices; a session that never ran is deleted', async () => {
  const made = await lender.json<{ sessionId: string }>('session', 'new', '--title', 'never run');
  const deleted = await lender.json('session', 'delete', made.sessionId, '--reason', 'made by mistake');
  expect(deleted).toMatchObject({ sessionId: made.sessionId, state: 'deleted' });
  const lost = new Person('lost-device');
  const key = join(lender.config, 'tron.key');
  expect((await lost.run(['login', '--json', '--key', key])).status).toBe(0);
  expect(await lender.json('logout', '--all')).toMatchObject({ ended: true, others: 1 });
  const until = Date.now() + 20_000;
  let last = await lost.run(['whoami', '--json']);
  while (last.status === 0 && Date.now() < until) last = await lost.run(['whoami', '--json']);
  expect(errorOf(last)).toBe('signed_out');
});

testBuilt('what a host does not take is told with what it expects', async () => {
  const run = await worker.run(['login', '--json', '--address', 'TXYZ']);
  expect([run.status, run.stderr]).toEqual([1, expect.stringMatching(/\/body\/address/)]);
  const given = await worker.run(['whoami', '--json'], { LUCID_TOKEN: 'x.y.z' });
  expect([errorOf(given), given.stderr]).toEqual(['signed_out', expect.stringMatching(/LUCID_TOKEN/)]);
});

testBuilt('a host that made its certificate is trusted by its fingerprint, and held to it', async () => {
  const far = new DataFolder();
  try {
    const started = far.start(['up', '--port', '0', '--json', '--tls']);
    await started.says('"ready":true');
    const { gateway, adminCode, certificateSha256 } = JSON.parse(started.text().split('\n')[0] as string);
    expect(gateway).toMatch(/^https:/);
    const person = new Person('visitor');
    await person.makeKey();
    const at = ['--host', gateway, 'register', '--json', '--code', adminCode];
    const unknown = await person.run(at);
    expect([unknown.status, errorOf(unknown), unknown.stderr]).toEqual([
      3,
      'host_untrusted',
      expect.stringContaining(certificateSha256),
    ]);
    const wrong = await person.run([...at, '--fingerprint', 'ab'.repeat(32)]);
    expect(errorOf(wrong)).toBe('host_untrusted');
    const colons = certificateSha256.toUpperCase().match(/../g).join(':');
    expect((await person.run([...at, '--fingerprint', colons])).status).toBe(0);
    expect((await person.run(['--host', gateway, 'whoami', '--json'])).status).toBe(0);
    // Somebody stands between: another certificate at the same address.
    const path = join(person.config, 'credentials.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(certificateSha256, 'cd'.repeat(32)));
    const held = await person.run(['--host', gateway, 'whoami', '--json']);
    expect([held.status, errorOf(held)]).toEqual([3, 'host_untrusted']);
    const changed = await person.run(['--host', gateway, 'login', '--json']);
    expect([errorOf(changed), changed.stderr]).toEqual([
      'host_untrusted',
      expect.stringMatching(/another certificate/),
    ]);
  } finally {
    far.remove();
  }
});

testBuilt('a lost secret of the host is told, and not replaced unseen', async () => {
  const own = new DataFolder();
  try {
    const first = await own.up();
    first.child.kill('SIGTERM');
    await first.ended;
    rmSync(join(own.home, 'keys/access.secret'));
    const again = await own.run(['up', '--port', '0', '--json']);
    expect([again.status, errorOf(again), again.stderr]).toEqual([
      3,
      'data_folder_damaged',
      expect.stringMatching(/access\.secret/),
    ]);
  } finally {
    own.remove();
  }
});
