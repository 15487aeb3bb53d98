import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { encodeTransactions } from '@lucid/chain-wire';
import { silentLog } from '@lucid/service-kit';
import { createManualClock } from '@lucid/service-kit/testing';
import { buildProgram } from '../../on-system-chain/test/build-program.ts';
import { SenderRecovery } from '../src/domain/sender-recovery.ts';
import { account, signed } from './vm-stack.ts';

let workerUrl: URL;
beforeAll(async () => {
  workerUrl = pathToFileURL(await buildProgram(join(__dirname, '../src/recover-worker.ts')));
});

const clock = createManualClock();
const opened: SenderRecovery[] = [];
const open = (url = workerUrl) => {
  const recovery = new SenderRecovery({ workerUrl: url, clock, log: silentLog });
  opened.push(recovery);
  return recovery;
};
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const batch = Array.from({ length: 12 }, (_, nonce) => signed(nonce));
const list = encodeTransactions(batch);

test('a thread names the senders of a batch in its order, and nobody for what is no transaction', async () => {
  const recovery = open();
  expect(await recovery.recover(list, batch.length)).toEqual(batch.map(() => account));
  const mixed = [Uint8Array.of(1, 2, 3), batch[0] as Uint8Array, new Uint8Array(0)];
  expect(await recovery.recover(encodeTransactions(mixed), 3)).toEqual([undefined, account, undefined]);
});

test('few begin no thread, and where its script is missing all is left to the chain', async () => {
  const few = encodeTransactions(batch.slice(0, 2));
  expect(await open().recover(few, 2)).toEqual([]);
  expect(await open(new URL('./absent.mjs', workerUrl)).recover(list, batch.length)).toEqual([]);
});

test('it ends when nothing came for half a minute, and begins again', async () => {
  const recovery = open();
  await recovery.recover(list, batch.length);
  await clock.advance(29_000);
  expect(recovery.isRunning).toBe(true);
  await recovery.recover(list, batch.length);
  await clock.advance(29_000);
  expect(recovery.isRunning).toBe(true);
  await clock.advance(2_000);
  while (recovery.isRunning) await new Promise((resolve) => setImmediate(resolve));
  expect(await recovery.recover(list, batch.length)).toHaveLength(batch.length);
});

test('a thread that breaks down, or is ended, leaves to the chain what it was asked', async () => {
  const broken = open(pathToFileURL(join(__dirname, 'vm-stack.ts')));
  expect(await broken.recover(list, batch.length)).toEqual([]);
  const ending = open();
  const asked = ending.recover(list, batch.length);
  await ending.close();
  expect([0, batch.length]).toContain((await asked).length);
  expect(await ending.recover(list, batch.length)).toEqual([]);
});
