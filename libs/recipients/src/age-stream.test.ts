import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Encrypter } from 'age-encryption';
import { decryptStream, encryptStream, generateIdentity, isRecipientError } from './index.ts';

async function* inParts(bytes: Uint8Array, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

async function joined(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return isRecipientError(error) ? error.code : String(error);
  }
  return 'no error';
};

const CHUNK = 64 * 1024;

describe('age files in parts', () => {
  it.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])('%i bytes come back', async (sizeBytes) => {
    const { identity, recipient } = await generateIdentity();
    const plain = randomBytes(sizeBytes);
    const file = await joined(encryptStream(recipient, inParts(plain, 10_007)));
    const opened = await decryptStream([identity], inParts(file, 999));
    expect((await joined(opened!)).equals(plain)).toBe(true);
  });

  it('are whole age files: those written at once open in parts', async () => {
    const { identity, recipient } = await generateIdentity();
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const file = await encrypter.encrypt('at once');
    expect((await joined((await decryptStream([identity], inParts(file, 5)))!)).toString()).toBe('at once');
  });

  it('stock age opens them', async () => {
    if (spawnSync('age', ['--version']).error) {
      if (process.env.CI) throw new Error('CI must test stock age: it is not installed');
      process.stderr.write('skipped: age files in parts by stock age: age is not installed\n');
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'lucid-age-'));
    try {
      const { identity, recipient } = await generateIdentity();
      const plain = randomBytes(2 * CHUNK + 1);
      writeFileSync(join(folder, 'identity'), identity);
      const input = await joined(encryptStream(recipient, inParts(plain, 4_096)));
      const opened = spawnSync('age', ['-d', '-i', join(folder, 'identity')], { input, maxBuffer: 1e7 });
      expect(opened.stdout.equals(plain)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('open with no other identity', async () => {
    const { recipient } = await generateIdentity();
    const file = await joined(encryptStream(recipient, inParts(randomBytes(9), 9)));
    expect(await decryptStream([(await generateIdentity()).identity], inParts(file, 50))).toBeNull();
  });

  it('changed or cut off anywhere they are age_damaged', async () => {
    const { identity, recipient } = await generateIdentity();
    const file = await joined(encryptStream(recipient, inParts(randomBytes(CHUNK + 100), 5_000)));
    const open = async (bytes: Uint8Array) =>
      joined((await decryptStream([identity], inParts(bytes, 7_001)))!);
    for (const at of [3, 210, 250, 5_000, file.length - 1]) {
      const changed = Buffer.from(file);
      changed[at]! ^= 1;
      expect([at, await codeOf(open(changed))]).toEqual([at, 'age_damaged']);
    }
    for (const end of [10, 200, 60_000, file.length - 50, file.length - 1])
      expect([end, await codeOf(open(file.subarray(0, end)))]).toEqual([end, 'age_damaged']);
  });

  it('fail with what their source fails with', async () => {
    const { identity, recipient } = await generateIdentity();
    const broken = async function* () {
      yield new Uint8Array(100_000);
      throw new Error('the disk is gone');
    };
    expect(await codeOf(joined(encryptStream(recipient, broken())))).toBe('Error: the disk is gone');
    const cut = async function* () {
      yield* inParts(await joined(encryptStream(recipient, inParts(new Uint8Array(100_000), 1_000))), 70_000);
      throw new Error('the disk is gone');
    };
    expect(await codeOf(decryptStream([identity], cut()).then((parts) => joined(parts!)))).toBe(
      'Error: the disk is gone',
    );
  });

  it('ask their source for no more than is taken', async () => {
    const { recipient } = await generateIdentity();
    let asked = 0;
    const endless = async function* () {
      for (;;) {
        asked += 1;
        yield new Uint8Array(CHUNK);
      }
    };
    const file = encryptStream(recipient, endless());
    for (let taken = 0; taken < 5; taken += 1) await file.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBeLessThan(20);
    await file.return(undefined);
  });

  it('an address that is none is told', async () => {
    expect(await codeOf(joined(encryptStream('age1nonsense', inParts(new Uint8Array(1), 1))))).toBe(
      'recipient_invalid',
    );
  });
});
