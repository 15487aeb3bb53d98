/**
 * What the separate services wrote, before programs that share no code with ours: stock `age`, libsodium, stock `zstd`, and Go's
 * golang.org/x/mod (note, tlog), for session and ledger, and for the ledger's tiles as they come over HTTP.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blockchainLedgerContract, merkleBuilderContract } from '@lucid/contracts';
import { whyNoGo } from '../tools/go.mjs';
import {
  type OpenedBundle,
  openBundle,
  openChunkWithLibsodium,
  readBundle,
  wrappedKeys,
} from './stack/bundle-opener.ts';
import { type ProcessStack, startProcessStack } from './stack/process-stack.ts';
import { beginRecording, bundleOf, clientsOf } from './stack/record-session.ts';
import { type SessionDocument, whenInState } from './stack/recording-agent.ts';
import { seeded, seedOfRun, terminalLike } from './stack/seeded.ts';
import { describeWhere } from './stack/skip-loudly.ts';

const ROOT = join(__dirname, '..');
/** Full tiles of 256 and one that is not. */
const LEDGER_ENTRIES = 600;
const seed = seedOfRun('foreign judges');

const absent = (program: string, argument: string): string | null =>
  spawnSync(program, [argument]).error ? `${program} is not installed` : null;

let stack: ProcessStack;
let session: SessionDocument;
let bundle: string;
let opened: OpenedBundle;
const content = terminalLike(1_500_000, seeded(seed));

beforeAll(async () => {
  stack = await startProcessStack({ root: ROOT, stores: 'files' });
  const clients = clientsOf(stack);
  const { recipient, identity } = stack.keys.owner;
  const agent = await beginRecording(clients, { content, recipient });
  await agent.note('for the judges');
  await agent.makeDurable(content.length);
  const { sessionId } = agent.options;
  await clients.orchestrator.stopSession({ params: { sessionId }, query: {}, body: { closed: 'ended' } });
  session = await whenInState(clients.orchestrator, sessionId, { states: ['completed'], timeoutMs: 30_000 });
  bundle = await bundleOf(stack, session);
  opened = await openBundle(bundle, identity);
}, 90_000);
afterAll(() => stack?.stop());

describeWhere(absent('age', '--version'), 'the wrapped session key by stock age')('stock age', () => {
  it('recovers the session key with the owner’s identity file', () => {
    const [wrapped] = wrappedKeys(opened);
    const path = join(stack.folder, 'wrapped.age');
    writeFileSync(path, wrapped as Buffer);
    const key = execFileSync('age', ['-d', '-i', stack.keys.ownerFile, path]);
    expect(key).toHaveLength(32);
    expect(key.equals(opened.sessionKey)).toBe(true);
  });
});

describe('libsodium', () => {
  const chunks = () => readBundle(bundle).records.filter((record) => record[5] === 2);

  it('opens every chunk; together they are what was recorded', () => {
    expect(chunks().length).toBeGreaterThan(20);
    expect(opened.content().equals(content)).toBe(true);
  });

  it('opens no chunk under another header, key or index', () => {
    const record = Buffer.from(chunks()[3] as Buffer);
    expect(openChunkWithLibsodium(opened.sessionKey, record).length).toBeGreaterThan(0);
    for (const at of [7, 8, 47, 63, 83, 90, 128, record.length - 1]) {
      const changed = Buffer.from(record);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => openChunkWithLibsodium(opened.sessionKey, changed)).toThrow();
    }
    expect(() => openChunkWithLibsodium(Buffer.alloc(32), record)).toThrow();
  });

  it('has the key that record 0 commits to (HMAC by OpenSSL)', () => {
    const message = Buffer.concat([
      Buffer.from('lucid/key-commitment/v1\0', 'latin1'),
      Buffer.from(session.sessionId, 'hex'),
    ]);
    const mac = createHmac('sha256', opened.sessionKey).update(message).digest('hex');
    expect(mac).toBe(opened.control(0).keyCommitment);
  });

  describeWhere(absent('zstd', '--version'), 'chunks by stock zstd')('with stock zstd', () => {
    it('gives back a chunk', () => {
      const record = chunks().find((each) => (each.readUInt16BE(6) & 1) === 1) as Buffer;
      const plain = execFileSync('zstd', ['-d', '-c'], {
        input: openChunkWithLibsodium(opened.sessionKey, record),
      });
      const offset = Number(record.readBigUInt64BE(72));
      expect(plain.equals(content.subarray(offset, offset + record.readUInt32BE(80)))).toBe(true);
    });
  });
});

describeWhere(whyNoGo(), 'notes, proofs and tiles by golang.org/x/mod')('golang.org/x/mod', () => {
  const judges = new Map<string, string>();
  beforeAll(() => {
    for (const name of ['go-judge', 'tiles-judge']) {
      const program = join(stack.folder, name);
      execFileSync('go', ['build', '-o', program, '.'], { cwd: join(__dirname, name) });
      judges.set(name, program);
    }
  }, 180_000);

  const judge = (args: readonly string[], input: string) => {
    const { status, stdout, stderr } = spawnSync(judges.get('go-judge') as string, args, {
      input,
      encoding: 'utf8',
    });
    return { status, text: stdout + stderr };
  };
  const judgeTree = (document: object) => judge(['verify-tlog'], JSON.stringify(document));
  /** Size and root, in hex, of a checkpoint. */
  const headOf = (note: string) => {
    const [, size, root = ''] = note.split('\n');
    return { size: Number(size), root: Buffer.from(root, 'base64').toString('hex') };
  };

  it('accepts the final checkpoint of the session by the recorder’s key, and by no other', () => {
    const note = opened.sections.get('CKPT')?.toString('utf8') ?? '';
    const { recorder, ledger } = stack.keys;
    expect(judge(['verify-note', recorder.verifierKey], note)).toMatchObject({ status: 0 });
    expect(judge(['verify-note', ledger.verifierKey], note)).toMatchObject({ status: 1 });
    expect(headOf(note)).toEqual({ size: opened.records.length, root: session.merkleRoot });
  });

  it('builds the same root from the records, and accepts every proof that merkle-builder gives', async () => {
    const merkle = stack.clientOf(merkleBuilderContract);
    const params = { sessionId: session.sessionId };
    const { records } = readBundle(bundle);
    const size = records.length;
    const inclusion = await Promise.all(
      records.map(async (_, index) => {
        const { leafHash, proof } = await merkle.inclusionProof({ params, query: { index } });
        return { index, leafHash, proof };
      }),
    );
    const consistency = await Promise.all(
      records.map(async (_, at) => {
        const query = { first: at + 1 };
        const { first, firstRoot, proof } = await merkle.consistencyProof({ params, query });
        return { first, firstRoot, proof };
      }),
    );
    const leaves = records.map((record) => record.toString('hex'));
    const document = { leaves, size, root: session.merkleRoot, inclusion, consistency };
    expect(judgeTree(document)).toEqual({
      status: 0,
      text: `verified: size ${size}, ${size} inclusion and ${size} consistency proofs\n`,
    });
    const wrong = { ...inclusion[1], index: 2 };
    expect(judgeTree({ ...document, inclusion: [wrong] })).toMatchObject({ status: 1 });
  });

  it('accepts the anchor that the bundle carries', () => {
    const anchor = JSON.parse(opened.sections.get('ANCH')?.toString('utf8') ?? '{}') as {
      checkpoint: string;
      entry: string;
      index: number;
      inclusion: string[];
    };
    expect(judge(['verify-note', stack.keys.ledger.verifierKey], anchor.checkpoint)).toMatchObject({
      status: 0,
    });
    const entry = Buffer.concat([Buffer.of(0), Buffer.from(anchor.entry, 'base64')]);
    const leafHash = createHash('sha256').update(entry).digest('hex');
    const proven = { index: anchor.index, leafHash, proof: anchor.inclusion };
    expect(judgeTree({ ...headOf(anchor.checkpoint), inclusion: [proven] })).toMatchObject({ status: 0 });
    const other = { ...proven, leafHash: '0'.repeat(64) };
    expect(judgeTree({ ...headOf(anchor.checkpoint), inclusion: [other] })).toMatchObject({ status: 1 });
  });

  it('accepts how the ledger grew, and reads all of it from its tiles over HTTP', async () => {
    const ledger = stack.clientOf(blockchainLedgerContract);
    const text = async () => Buffer.from(await ledger.getCheckpoint()).toString('utf8');
    const before = headOf(await text());
    await Promise.all(
      Array.from({ length: LEDGER_ENTRIES }, (_, at) =>
        ledger.putEntry({ params: { key: `judged/${at}` }, body: Buffer.from(`entry ${at}`) }),
      ),
    );
    const note = await text();
    const now = headOf(note);
    expect(now.size).toBe(before.size + LEDGER_ENTRIES);
    expect(judge(['verify-note', stack.keys.ledger.verifierKey], note)).toMatchObject({ status: 0 });
    const query = { first: before.size, second: now.size };
    const { proof } = await ledger.consistencyProof({ query });
    const grew = { first: before.size, firstRoot: before.root, proof };
    expect(judgeTree({ ...now, consistency: [grew] })).toMatchObject({ status: 0 });
    expect(judgeTree({ ...now, consistency: [{ ...grew, firstRoot: now.root }] })).toMatchObject({
      status: 1,
    });

    const mirror = join(stack.folder, 'mirror');
    await mirrorLog(mirror, now.size);
    writeFileSync(join(mirror, 'checkpoint'), note);
    const run = spawnSync(judges.get('tiles-judge') as string, [mirror, stack.keys.ledger.verifierKey], {
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0, stdout: `${now.size}\n` });
  });

  /** Every tile and bundle of a log of less than 65,536 entries (C2SP tlog-tiles), by plain GETs without a token. */
  async function mirrorLog(folder: string, size: number): Promise<void> {
    for (const [level, count] of [
      ['entries', size],
      ['0', size],
      ['1', Math.floor(size / 256)],
    ] as const) {
      for (let first = 0; first < count; first += 256) {
        const width = Math.min(256, count - first);
        const name = String(first / 256).padStart(3, '0') + (width < 256 ? `.p/${width}` : '');
        const path = `tile/${level}/${name}`;
        const answer = await stack.service('blockchain-ledger').ask(`/api/v1/${path}`);
        expect([path, answer.status]).toEqual([path, 200]);
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), Buffer.from(await answer.arrayBuffer()));
      }
    }
  }
});
