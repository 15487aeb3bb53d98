import { createHash } from 'node:crypto';
import { createMemoryKvStore, type MemoryKvStore } from '@lucid/kv-store';
import { createLog, type Log, type LogOptions } from '../src/domain/log.ts';
import { createNotary } from '../src/domain/notary.ts';
import { createFaultKvStore, type FaultKvStore } from './fault-kv-store.ts';

export const seedOf = (name: string): Uint8Array => createHash('sha256').update(name).digest();
export const notary = createNotary({ origin: 'lucid.invalid/test-log', secretKey: seedOf('log') });
export const entryOf = (index: number, prefix = 'entry'): Uint8Array => Buffer.from(`${prefix} ${index}`);
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export interface OpenLog {
  readonly log: Log;
  readonly kv: FaultKvStore;
  readonly memory: MemoryKvStore;
}

export async function openLog(
  options: Partial<LogOptions> & { memory?: MemoryKvStore } = {},
): Promise<OpenLog> {
  const memory = options.memory ?? createMemoryKvStore();
  const kv = createFaultKvStore(memory);
  return { log: await createLog({ kv, notary, ...options }), kv, memory };
}

/** Appends entries `from` and on; no more at once than may wait. */
export async function fill(log: Log, count: number, from = 0): Promise<void> {
  for (let done = 0; done < count; done += 20_000) {
    const some = Math.min(20_000, count - done);
    await Promise.all(Array.from({ length: some }, (_, index) => log.append(entryOf(from + done + index))));
  }
}

export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? String(error),
  );
