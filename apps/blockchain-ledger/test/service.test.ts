import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bytesToHex, hexToBytes } from '@lucid/bytes';
import { formatSignerKey } from '@lucid/checkpoint';
import { blockchainLedgerContract } from '@lucid/contracts';
import { createMemoryKvStore, type MemoryKvStore } from '@lucid/kv-store';
import { leafHash, verifyConsistency, verifyInclusion } from '@lucid/merkle';
import {
  createManualClock,
  startTestStack,
  type TestStack,
  testTransports,
} from '@lucid/service-kit/testing';
import { createNotary } from '../src/domain/notary.ts';
import { blockchainLedger } from '../src/index.ts';
import { createFaultKvStore, type FaultKvStore } from './fault-kv-store.ts';
import { entryOf, seedOf } from './log-kit.ts';

const logKey = { name: 'lucid.invalid/ledger', secretKey: seedOf('service') };
const notary = createNotary({ origin: logKey.name, secretKey: logKey.secretKey });
let folder = '';
let stack: TestStack;
let memory: MemoryKvStore;
let kv: FaultKvStore;
const clock = createManualClock();

const start = async (
  openKv?: () => Promise<FaultKvStore>,
  transport: (typeof testTransports)[number] = 'tcp',
): Promise<void> => {
  stack = await startTestStack({
    transport,
    definitions: [blockchainLedger],
    clock,
    environment: { LEDGER_DATA_DIR: folder, LEDGER_SIGNING_KEY: formatSignerKey(logKey) },
    ...(openKv && { adapters: { 'blockchain-ledger': { openKv } } }),
  });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  memory = createMemoryKvStore();
});
afterEach(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

const faulty = async (): Promise<FaultKvStore> => {
  kv = createFaultKvStore(memory.copy());
  return kv;
};
const client = (as = 'operator') =>
  stack.clientOf(blockchainLedgerContract, { as, retry: false, breaker: false });
const get = (path: string, init?: RequestInit) =>
  fetch(`${stack.targetOf('blockchain-ledger')?.origin}/api/v1/${path}`, init);
const isProven = (
  answer: { index: number; leafHash: string; inclusion: readonly string[]; checkpoint: string },
  entry: Uint8Array,
): boolean => {
  const { size, root } = notary.open(answer.checkpoint)!;
  const proof = answer.inclusion.map((hash) => hexToBytes(hash));
  expect(answer.leafHash).toBe(bytesToHex(leafHash(entry)));
  return verifyInclusion({ leafHash: leafHash(entry), index: answer.index, size, proof, root });
};

describe('the service on LevelDB', () => {
  test('appended entries come with a proof, by index, by key, and after a restart', async () => {
    await start();
    const answers = await Promise.all(
      Array.from({ length: 600 }, (_, i) => client().appendEntry({ query: {}, body: entryOf(i) })),
    );
    for (const answer of answers) expect(isProven(answer, entryOf(answers.indexOf(answer)))).toBe(true);
    const put = await client().putEntry({ params: { key: 'session/ab' }, body: entryOf(600) });
    expect(isProven(put, entryOf(600))).toBe(true);
    await stack.close();
    await start();
    expect(await client().putEntry({ params: { key: 'session/ab' }, body: entryOf(600) })).toEqual(put);
    expect(await client().appendEntry({ query: { key: 'session/ab' }, body: entryOf(600) })).toEqual(put);
    const byKey = await client().getEntryByKey({ params: { key: 'session/ab' } });
    expect(byKey).toEqual({ ...put, entry: Buffer.from(entryOf(600)).toString('base64') });
    expect(isProven(await client().getEntryByIndex({ params: { index: 300 } }), entryOf(300))).toBe(true);
    await expect(
      client().putEntry({ params: { key: 'session/ab' }, body: entryOf(1) }),
    ).rejects.toMatchObject({ code: 'entry_conflict' });
    await expect(client().getEntryByKey({ params: { key: 'session/cd' } })).rejects.toMatchObject({
      code: 'not_in_log',
    });
    await expect(client().getEntryByIndex({ params: { index: 601 } })).rejects.toMatchObject({
      code: 'not_in_log',
    });
  });

  test('checkpoint, tiles, entries and proofs are public, at the paths and in the media types of tlog-tiles', async () => {
    await start();
    const before = notary.open(await (await get('checkpoint')).text())!;
    await Promise.all(
      Array.from({ length: 300 }, (_, i) => client().appendEntry({ query: {}, body: entryOf(i) })),
    );
    const response = await get('checkpoint');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const { size, root } = notary.open(await response.text())!;
    expect([before.size, size]).toEqual([0, 300]);
    for (const [path, bytes] of [
      ['tile/0/000', 8192],
      ['tile/0/001.p/44', 44 * 32],
      ['tile/1/000.p/1', 32],
      ['tile/0/000.p/7', 7 * 32],
    ] as const) {
      const tile = await get(path);
      expect([path, tile.status, tile.headers.get('content-type')]).toEqual([
        path,
        200,
        'application/octet-stream',
      ]);
      expect((await tile.arrayBuffer()).byteLength).toBe(bytes);
    }
    const entries = Buffer.from(await (await get('tile/entries/001.p/2')).arrayBuffer());
    expect(entries).toEqual(
      Buffer.concat([256, 257].flatMap((i) => [Buffer.of(0, entryOf(i).length), entryOf(i)])),
    );
    const inclusion = await client().inclusionProof({ query: { index: 5 } });
    expect(inclusion.size).toBe(300);
    expect(
      verifyInclusion({
        leafHash: leafHash(entryOf(5)),
        index: 5,
        size,
        proof: inclusion.proof.map((each) => hexToBytes(each)),
        root,
      }),
    ).toBe(true);
    const { proof } = await client().consistencyProof({ query: { first: 299 } });
    const then = await client().inclusionProof({ query: { index: 298, size: 299 } });
    expect(then.proof.length).toBeGreaterThan(0);
    expect(
      verifyConsistency({
        first: 299,
        second: 300,
        firstRoot: root,
        secondRoot: root,
        proof: proof.map((each) => hexToBytes(each)),
      }),
    ).toBe(false);
    expect((await get('checkpoint/cosigned')).status).toBe(404);
    for (const path of [
      'tile/0/002',
      'tile/0/001',
      'tile/0/001.p/45',
      'tile/2/000',
      'tile/0/1',
      'tile/64/000',
      'tile/entries/x',
      'tile/',
      'tile/0/x000/000',
      `tile/${'x001/'.repeat(30)}000`,
    ])
      expect([path, [404, 400].includes((await get(path)).status)]).toEqual([path, true]);
    expect((await get('tile/0/%2e%2e/000')).status).toBe(404);
  });

  test('who may not append is refused, public reads need no token', async () => {
    await start();
    const refused = await get('entries', {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(refused.status).toBe(401);
    await expect(
      client('blockchain-ledger').appendEntry({ query: {}, body: entryOf(0) }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    await expect(client().appendEntry({ query: {}, body: new Uint8Array(65_536) })).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    await expect(client().appendEntry({ query: { key: 'ä' }, body: entryOf(0) })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    const note = await get('cosignatures', {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(note.status).toBe(422);
  });
});

describe('what may be cached', () => {
  test('full tiles and bundles for ever, partial ones and failures never, the checkpoint when asked again', async () => {
    await start();
    await Promise.all(
      Array.from({ length: 257 }, (_, i) => client().appendEntry({ query: {}, body: entryOf(i) })),
    );
    const forEver = 'public, max-age=31536000, immutable';
    for (const [path, expected] of [
      ['tile/0/000', forEver],
      ['tile/entries/000', forEver],
      ['tile/0/001.p/1', 'no-store'],
      ['tile/entries/001.p/1', 'no-store'],
      ['tile/0/000.p/7', 'no-store'],
      ['tile/0/009', 'no-store'],
      ['checkpoint', 'no-cache'],
      ['proofs/inclusion?index=0', 'no-store'],
    ])
      expect([path, (await get(path as string)).headers.get('cache-control')]).toEqual([path, expected]);
  });
});

test.each(testTransports)('the typed client reads tiles and bundles over %s', async (transport) => {
  await start(undefined, transport);
  await client().appendEntry({ query: {}, body: entryOf(0) });
  const tile = await client().getTile({ params: { '*': '0/000.p/1' } });
  expect(bytesToHex(tile)).toBe(bytesToHex(leafHash(entryOf(0))));
  const entries = await client().getEntries({ params: { '*': '000.p/1' } });
  expect(Buffer.from(entries)).toEqual(Buffer.concat([Buffer.of(0, entryOf(0).length), entryOf(0)]));
});

test('counts the entries of each batch', async () => {
  await start();
  for (let i = 0; i < 3; i++) await client().appendEntry({ query: {}, body: entryOf(i) });
  const text = await (await fetch(`${stack.targetOf('blockchain-ledger')?.origin}/metrics`)).text();
  expect(text).toContain('lucid_ledger_entries_total{service="blockchain-ledger"} 3\n');
  expect(text).toContain('lucid_ledger_batch_entries_bucket{service="blockchain-ledger",le="1"} 3\n');
});

test('refuses a signing key that is none, without repeating it', async () => {
  const broken = `${formatSignerKey(logKey).slice(0, -4)}AAAA`;
  const starting = startTestStack({
    definitions: [blockchainLedger],
    environment: { LEDGER_DATA_DIR: folder, LEDGER_SIGNING_KEY: broken },
  });
  await expect(starting).rejects.toThrow(/LEDGER_SIGNING_KEY/);
  await starting.catch((error: Error) => expect(String(error)).not.toContain('AAAA'));
  await start();
});

describe('the service on a store that fails', () => {
  test('answers ledger_unavailable, says so in its readiness, loses nothing acknowledged, and goes on when the store does', async () => {
    let disk: FaultKvStore | undefined;
    await start(async () => {
      // The same contents again, as a new process would open them.
      disk = createFaultKvStore(memory);
      return { ...disk, close: async () => undefined };
    });
    await client().appendEntry({ query: {}, body: entryOf(0) });
    disk!.failBatches('before');
    await expect(client().appendEntry({ query: {}, body: entryOf(1) })).rejects.toMatchObject({
      code: 'ledger_unavailable',
    });
    // The store is opened anew and takes the entry: the fault was of the store that is gone.
    const answer = await client().appendEntry({ query: {}, body: entryOf(1) });
    expect(answer.index).toBe(1);
    expect(isProven(answer, entryOf(1))).toBe(true);
    disk!.failBatches('before');
    await expect(client().appendEntry({ query: {}, body: entryOf(2) })).rejects.toMatchObject({
      code: 'ledger_unavailable',
    });
    await expect(client().appendEntry({ query: {}, body: entryOf(2) })).rejects.toMatchObject({
      code: 'ledger_unavailable',
    });
    expect((await stack.ready())['blockchain-ledger']).toMatchObject({
      status: expect.not.stringMatching(/^ready$/),
    });
    clock.advance(2_000);
    expect((await client().appendEntry({ query: {}, body: entryOf(2) })).index).toBe(2);
  });

  test('does not start on a damaged store', async () => {
    await start(faulty);
    await client().appendEntry({ query: {}, body: entryOf(0) });
    await stack.close();
    const stored = createMemoryKvStore();
    await stored.batch([{ type: 'put', key: Buffer.of(5), value: Buffer.from('x') }], { sync: true });
    memory = stored;
    await expect(start(faulty)).rejects.toThrow('the store does not hold what the log signed');
    memory = createMemoryKvStore();
    await rm(join(folder, 'head.note'), { force: true });
    await start(faulty);
  });

  test('does not start on a store that lost what the mark remembers', async () => {
    await start(faulty);
    await client().appendEntry({ query: {}, body: entryOf(0) });
    await stack.close();
    await expect(start(faulty)).rejects.toThrow('a checkpoint of 1 entries was given out, the store holds 0');
    await rm(join(folder, 'head.note'));
    await start(faulty);
  });
});
