/** The commands as a user runs them: the built program, its output, its exit codes, and what it leaves behind. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from '@lucid/crypto';
import { fileTrack, removeSamples, type SampleBundle, sampleBundle, sampleFolder } from './sample-bundle.ts';

const program = join(__dirname, '../../../dist/apps/lucid/main.mjs');
const built = existsSync(program);
if (!built && process.env.CI) throw new Error('the program is not built; run: node tools/build.mjs lucid');
if (!built) console.warn('skipped: the program is not built (node tools/build.mjs lucid)');
const testBuilt = built ? test : test.skip;

const plain = randomBytes(3000);
let sample: SampleBundle;
let folder: string;

beforeAll(async () => {
  sample = await sampleBundle({ tracks: [{ track: fileTrack('a.bin'), plain }], closed: 'interrupted' });
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(sample.folder, 'operator_key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
});
beforeEach(() => {
  folder = sampleFolder();
});
afterAll(removeSamples);

function lucid(args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, LUCID_HOME: join(folder, 'home'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return {
    status,
    stdout,
    bytes: new Uint8Array(stdout),
    text: stdout.toString(),
    errors: stderr.toString(),
  };
}

const identity = () => ['--identity', sample.identityPath];

testBuilt('verify works on a file alone, makes no data folder, and says what is not known', () => {
  const result = lucid(['verify', sample.path]);
  expect(result).toMatchObject({ status: 0, text: expect.stringMatching(/^verified /) });
  expect(result.errors).toContain('The recorder is not known here');
  expect(readdirSync(folder)).toEqual([]);
  expect(JSON.parse(lucid(['verify', sample.path, '--json', ...identity()]).text)).toMatchObject({
    ok: true,
    sessionId: sample.sessionId,
    summary: { openedChunks: 3, recordHashes: 'read' },
  });
});

testBuilt('open gives the exact bytes, to a pipe and to a file, and tells of the interruption', () => {
  const piped = lucid(['open', sample.path, ...identity()]);
  expect(piped.status).toBe(0);
  expect(Buffer.compare(piped.bytes, plain)).toBe(0);
  expect(piped.errors).toContain('interrupted (the host was killed)');
  const filed = lucid(['open', sample.path, ...identity(), '-o', 'out.bin', '--json']);
  expect(JSON.parse(filed.text)).toMatchObject({ sessionId: sample.sessionId, file: 'out.bin', bytes: 3000 });
  expect(Buffer.compare(readFileSync(join(folder, 'out.bin')), plain)).toBe(0);
  expect(lucid(['open', sample.path, ...identity(), '-o', 'out.bin']).status).toBe(2);
  expect(lucid(['open', sample.path, ...identity(), '-o', 'out.bin', '--force']).status).toBe(0);
  expect(readdirSync(folder)).toEqual(['out.bin']);
});

testBuilt('open of changed evidence fails, names the record and leaves no file', () => {
  const bytes = sample.bytes.slice();
  const at = (sample.offsets[3] as number) + 200;
  bytes[at] = (bytes[at] as number) ^ 1;
  writeFileSync(join(folder, 'bad.lucid'), bytes);
  const result = lucid(['open', 'bad.lucid', ...identity(), '-o', 'out.bin']);
  expect(result).toMatchObject({ status: 1, errors: expect.stringContaining('record 3') });
  expect(readdirSync(folder)).toEqual(['bad.lucid']);
  expect(lucid(['verify', 'bad.lucid', '-q'])).toMatchObject({
    status: 1,
    text: expect.stringContaining('NOT VERIFIED'),
  });
});

testBuilt.each([
  ['no such file', ['verify', 'nothere.lucid'], 3],
  ['no such session, no data folder', ['verify', 'abcd1234'], 3],
  ['neither id nor file', ['open', 'hello world'], 3],
  ['no identity', ['open', 'SAMPLE'], 3],
  ['an identity that is none', ['open', 'SAMPLE', '--identity', 'SAMPLE'], 3],
  ['a key that is none', ['verify', 'SAMPLE', '--recorder-key', 'x'], 2],
  ['an unknown option', ['verify', 'SAMPLE', '--frobnicate'], 2],
  ['no argument', ['verify'], 2],
  ['no recipient', ['keys', 'grant', 'SAMPLE', 'bob', '--identity', 'IDENTITY'], 2],
  ['no terminal recording', ['play', 'SAMPLE', '--identity', 'IDENTITY'], 2],
  ['an unwritable target', ['open', 'SAMPLE', '--identity', 'IDENTITY', '-o', 'no/such/folder/x'], 3],
  ['an unknown shell', ['completion', 'tcsh'], 2],
  ['an operator’s key that is not there', ['export', 'ab'.repeat(32), '--operator-key', 'nothere'], 3],
  ['services that are not there', ['export', 'ab'.repeat(32), '--operator-key', 'SERVICE_KEY'], 1],
  [
    'standard output for what comes out of services',
    ['export', 'ab'.repeat(32), '--operator-key', 'SERVICE_KEY', '-o', '-'],
    2,
  ],
  ['an operator’s key that is none', ['export', 'ab'.repeat(32), '--operator-key', 'SAMPLE'], 3],
])('%s: one sentence and the right exit code', (_, args, status) => {
  const names: Record<string, string> = {
    SAMPLE: sample.path,
    IDENTITY: sample.identityPath,
    SERVICE_KEY: join(sample.folder, 'operator_key'),
  };
  const result = lucid(
    args.map((each) => names[each] ?? each),
    { SESSION_ORCHESTRATOR_URL: 'unix:/no/such/socket' },
  );
  expect({ status: result.status, output: result.text }).toEqual({ status, output: '' });
  expect(result.errors).toMatch(/^(lucid|error): /);
  expect(result.errors).not.toMatch(/\n +at /);
  expect(readdirSync(folder)).toEqual([]);
});

testBuilt('grant and revoke on a lone file: who opens it changes, the evidence does not', () => {
  copyFileSync(sample.path, join(folder, 'copy.lucid'));
  const made = JSON.parse(lucid(['keys', 'new', '--out', 'auditor.agekey', '--json']).text) as {
    recipient: string;
  };
  const asAuditor = ['--identity', 'auditor.agekey'];
  expect(lucid(['open', 'copy.lucid', ...asAuditor]).status).toBe(3);
  expect(
    lucid(['keys', 'grant', 'copy.lucid', made.recipient, '--label', 'auditor', ...identity()]).status,
  ).toBe(0);
  expect(Buffer.compare(lucid(['open', 'copy.lucid', ...asAuditor]).bytes, plain)).toBe(0);
  expect(lucid(['verify', 'copy.lucid', '-q', ...asAuditor]).status).toBe(0);
  const granted = readFileSync(join(folder, 'copy.lucid'));
  const records = (sample.offsets.at(-1) as number) + 128;
  expect(Buffer.compare(granted.subarray(0, records), sample.bytes.subarray(0, records))).toBe(0);
  const revoked = lucid(['keys', 'revoke', 'copy.lucid', 'auditor']);
  expect(revoked).toMatchObject({ status: 0, errors: expect.stringContaining('cannot be called back') });
  expect(lucid(['open', 'copy.lucid', ...asAuditor]).status).toBe(3);
  expect(lucid(['keys', 'revoke', 'copy.lucid', 'owner']).status).toBe(2);
  expect(lucid(['verify', 'copy.lucid', '-q']).status).toBe(0);
});

testBuilt('export copies what verifies, atomically, and never over something', () => {
  expect(lucid(['export', sample.path, '-o', 'copy.lucid']).status).toBe(0);
  expect(Buffer.compare(readFileSync(join(folder, 'copy.lucid')), sample.bytes)).toBe(0);
  expect(lucid(['export', sample.path, '-o', 'copy.lucid']).status).toBe(2);
  expect(Buffer.compare(lucid(['export', sample.path, '-o', '-']).bytes, sample.bytes)).toBe(0);
  writeFileSync(join(folder, 'cut.lucid'), sample.bytes.subarray(0, sample.bytes.length - 10));
  expect(lucid(['export', 'cut.lucid', '-o', 'x.lucid']).status).not.toBe(0);
  const bad = sample.bytes.slice();
  const at = (sample.offsets[2] as number) + 200;
  bad[at] = (bad[at] as number) ^ 1;
  writeFileSync(join(folder, 'bad.lucid'), bad);
  for (const out of ['x.lucid', '-']) {
    const refused = lucid(['export', 'bad.lucid', '-o', out]);
    expect(refused).toMatchObject({ status: 1, text: '' });
    expect(refused.errors).toMatch(
      /^lucid: bad\.lucid does not verify\. Record 2 \(recorded at .+\) was changed/,
    );
  }
  expect(readdirSync(folder).sort()).toEqual(['bad.lucid', 'copy.lucid', 'cut.lucid']);
});

testBuilt(
  'a passphrase protects an identity file, and opens it again',
  () => {
    copyFileSync(sample.identityPath, join(folder, 'me.agekey'));
    writeFileSync(join(folder, 'passphrase'), 'correct horse\n');
    writeFileSync(join(folder, 'wrong'), 'battery\n');
    expect(lucid(['keys', 'protect', 'me.agekey'], { LUCID_PASSPHRASE_FILE: 'passphrase' }).status).toBe(0);
    expect(readFileSync(join(folder, 'me.agekey'), 'utf8')).not.toContain('AGE-SECRET-KEY');
    const open = ['open', sample.path, '--identity', 'me.agekey'];
    expect(Buffer.compare(lucid(open, { LUCID_PASSPHRASE_FILE: 'passphrase' }).bytes, plain)).toBe(0);
    expect(lucid(open, { LUCID_PASSPHRASE_FILE: 'wrong' }).status).toBe(3);
  },
  120_000,
);

testBuilt('what this node remembers refuses a file of an older state', () => {
  mkdirSync(join(folder, 'home'));
  writeFileSync(join(folder, 'home/lucid.json'), '{"format":1}\n');
  expect(lucid(['verify', sample.path, '-q']).status).toBe(0);
  expect(readdirSync(join(folder, 'home/seen'))).toEqual([`${sample.sessionId}.checkpoint`]);
});

testBuilt('doctor without a data folder looks at the machine, says so and makes nothing', () => {
  const run = lucid(['doctor', '--json']);
  const { checks } = JSON.parse(run.text) as { checks: { name: string; status: string }[] };
  expect(run.status).toBe(3);
  expect(checks.map(({ name }) => name)).toEqual(['node', 'compressor', 'data folder', 'clock']);
  expect(checks.filter(({ status }) => status === 'fail').map(({ name }) => name)).toEqual(['data folder']);
  expect(readdirSync(folder)).toEqual([]);
});
