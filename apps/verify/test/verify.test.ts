import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  sampleBundle,
  sampleCheckpoint,
  sampleSession,
  testKey,
} from '../../../libs/verifier/test/sample-session.ts';
import { runVerify } from '../src/index.ts';

const session = sampleSession({ seed: 'program', chunks: 4, anchored: true });
const bundle = sampleBundle(session);
let folder = '';
let good = '';
let bad = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-verify-'));
  good = join(folder, 'good.lucid');
  bad = join(folder, 'bad.lucid');
  writeFileSync(good, bundle);
  const changed = bundle.slice();
  changed[400]! ^= 1;
  writeFileSync(bad, changed);
  writeFileSync(join(folder, 'seen'), sampleCheckpoint(session, session.records, 3));
  writeFileSync(join(folder, 'newer'), sampleCheckpoint(session, [...session.records, session.records[0]!]));
  writeFileSync(join(folder, 'nonsense'), 'x');
  writeFileSync(join(folder, 'empty'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const terminal = {
    write(text: string) {
      out += text;
    },
    writeError(text: string) {
      err += text;
    },
    colour: false,
  };
  const named = argv.map((each) => each.replace('FOLDER', folder));
  return { code: await runVerify(named, terminal), out, err };
}

test('0 for what is verified, with the keys given and without', async () => {
  expect(await run(good)).toMatchObject({ code: 0, out: expect.stringMatching(/^verified/), err: '' });
  const pinned = [
    '--recorder-key',
    session.recorder.vkey,
    `--ledger-key=${session.ledger.vkey}`,
    '--witness-key',
    session.witness.vkey,
    '--require-anchor',
    '--seen',
    'FOLDER/seen',
  ];
  const { code, out } = await run(...pinned, '--quiet', '--', good);
  expect({ code, out }).toEqual({ code: 0, out: `verified  ${good}\n` });
});

test('--json gives the whole verdict', async () => {
  const { code, out } = await run(bad, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    file: bad,
    ok: false,
    sessionId: session.sessionId,
    firstBad: { record: 0 },
  });
});

test.each([
  ['a changed file', ['FOLDER/bad.lucid'], 'record_changed'],
  ['another recorder', ['FOLDER/good.lucid', '--recorder-key', testKey('x').vkey], 'recorder_not_pinned'],
  ['another ledger', ['FOLDER/good.lucid', '--ledger-key', session.recorder.vkey], 'ledger_not_pinned'],
  ['a newer state seen', ['FOLDER/good.lucid', '--seen', 'FOLDER/newer'], 'rolled_back'],
  ['a file that is no bundle', ['FOLDER/nonsense'], 'not_a_bundle'],
  ['an empty file', ['FOLDER/empty'], 'not_a_bundle'],
])('1 for %s', async (_, argv, fault) => {
  const { code, out, err } = await run(...argv);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toContain(fault);
});

test.each([
  ['no file', []],
  ['two files', ['a', 'b']],
  ['an unknown option', ['a', '--force']],
  ['an option without its value', ['a', '--ledger-key']],
  ['an option twice', ['a', '--seen', 'b', '--seen', 'c']],
  ['a key that is none', ['FOLDER/good.lucid', '--recorder-key', 'x']],
  ['a key of another role', ['FOLDER/good.lucid', '--witness-key', session.recorder.vkey]],
  ['a checkpoint that is none', ['FOLDER/good.lucid', '--seen', 'FOLDER/nonsense']],
  ['a ledger checkpoint that is none', ['FOLDER/good.lucid', '--seen-ledger', 'FOLDER/nonsense']],
])('2 for %s', async (_, argv) => {
  const { code, out, err } = await run(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).not.toBe('');
});

test.each([
  ['a file that is not there', ['FOLDER/none']],
  ['a folder', ['FOLDER']],
  ['a checkpoint that is not there', ['FOLDER/good.lucid', '--seen', 'FOLDER/none']],
])('3 for %s', async (_, argv) => {
  const { code, out, err } = await run(...argv);
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(/^could not be checked {2}.+\n$/);
  const json = await run(...argv, '--json');
  expect(json.code).toBe(3);
  expect(JSON.parse(json.out)).toMatchObject({ ok: false, message: expect.any(String) });
});

test('help is no mistake', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringMatching(/^usage/), err: '' });
});

test.each(['chain-single', 'chain-batch'])(
  '%s: the block that holds it is named, as text and as JSON',
  async (name) => {
    const vectors = join(__dirname, '../../../vectors/evidence');
    const described = JSON.parse(readFileSync(join(vectors, 'chain.json'), 'utf8'));
    const { block, anchor } = name === 'chain-single' ? described.single : described.batch;
    const file = join(vectors, `${name}.lucid`);
    const { code, out } = await run(file, '--ledger-key', anchor.ledger);
    expect(code).toBe(0);
    expect(out).toContain(
      `block       42 of chain 1337, 2025-11-21T00:01:30.000000Z\n            ${block.hash}\n`,
    );
    expect(out).toContain(block.transactionHash);
    const { summary } = JSON.parse((await run(file, '--json')).out);
    expect(summary.anchor).toMatchObject({ kind: 'chain', verified: true });
    expect(summary.anchor.block).toMatchObject({
      number: 42,
      hash: block.hash,
      transactionHash: block.transactionHash,
      batch: name === 'chain-single' ? null : { index: 5, count: 11 },
    });
  },
);
