import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { openFilesChunkStore } from '../src/index.ts';
import { killRecord, killSessionId } from './kill-record.ts';

const ROUNDS = 15;
const seed = process.env.LUCID_TEST_SEED ?? randomBytes(4).toString('hex');
const random = (what: string, below: number) =>
  createHash('sha256').update(`${seed}/${what}`).digest().readUInt32BE(0) % below;

let folder: string;
let writer: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-kill-'));
  writer = join(folder, 'writer.mjs');
  const entryPoints = [join(__dirname, 'kill-writer.ts')];
  await build({
    entryPoints,
    outfile: writer,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a writer, kills it while it writes, and returns one more than the last index it was told is stored. */
async function writeUntilKilled(sessions: string, acknowledgements: number, turns: number): Promise<number> {
  const child = spawn(process.execPath, [writer, sessions], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let records = 0;
  let seen = 0;
  for await (const line of createInterface(child.stdout)) {
    if (line === 'ready') continue;
    records = Math.max(records, Number(line) + 1);
    seen += 1;
    if (seen !== acknowledgements) continue;
    // A random number of turns of the event loop, so that death comes at any point of the writer's work.
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
    child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  return records;
}

test(`nothing acknowledged is lost when the writer is killed (seed ${seed})`, async () => {
  const sessions = join(folder, 'sessions');
  let torn = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const acknowledged = await writeUntilKilled(
      sessions,
      1 + random(`acknowledgements/${round}`, 12),
      random(`turns/${round}`, 3000),
    );
    const store = await openFilesChunkStore({ folder: sessions });
    const { records, storedBytes, droppedBytes } = await store.head(killSessionId);
    torn += droppedBytes > 0 ? 1 : 0;
    expect(records).toBeGreaterThanOrEqual(acknowledged);
    let sizeBytes = 0;
    for (let index = 0; index < records; index += 1) {
      const bytes = await store.read(killSessionId, index);
      expect(Buffer.compare(bytes, Buffer.concat(killRecord(index)))).toBe(0);
      sizeBytes += bytes.length;
    }
    expect(storedBytes).toBe(sizeBytes);
    expect((await stat(join(sessions, `${killSessionId}.part`))).size).toBe(64 + storedBytes);
    await store.close();
  }
  console.info(`${ROUNDS} writers killed, ${torn} left a torn tail`);
}, 120_000);
