import { KvError } from './kv-error.ts';
import type { KvBatchOptions, KvEntry, KvHealth, KvOperation, KvRange, KvStore } from './kv-store.ts';

export interface MemoryKvStore extends KvStore {
  /** A store of its own with the same contents: what a restart would find. */
  copy(): MemoryKvStore;
}

const keyOf = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');

const inRange = (key: string, range: KvRange): boolean =>
  (range.gte === undefined || key >= keyOf(range.gte)) && (range.lt === undefined || key < keyOf(range.lt));

/**
 * The port in memory, for tests and trials. Iterating sorts all keys (latin1 strings order as unsigned bytes), so it is
 * meant for thousands of keys, not millions. Nothing survives the process, whatever `sync` says.
 */
export function createMemoryKvStore(initial?: ReadonlyMap<string, Uint8Array>): MemoryKvStore {
  const values = new Map<string, Uint8Array>(initial);
  let open = true;

  const assertOpen = (): void => {
    if (!open) throw new KvError('kv_closed');
  };

  const read = (key: Uint8Array): Uint8Array | undefined => {
    const value = values.get(keyOf(key));
    return value === undefined ? undefined : Uint8Array.from(value);
  };

  const apply = (operation: KvOperation): void => {
    if (operation.type === 'del') values.delete(keyOf(operation.key));
    else values.set(keyOf(operation.key), Uint8Array.from(operation.value));
  };

  async function* iterate(range: KvRange = {}): AsyncGenerator<KvEntry> {
    assertOpen();
    const view = [...values].filter(([key]) => inRange(key, range));
    view.sort(([a], [b]) => (a < b ? -1 : 1));
    if (range.reverse) view.reverse();
    for (const [key, value] of view.slice(0, range.limit)) {
      assertOpen();
      yield [Uint8Array.from(Buffer.from(key, 'latin1')), Uint8Array.from(value)];
    }
  }

  return {
    async get(key: Uint8Array) {
      assertOpen();
      return read(key);
    },
    async getMany(keys: readonly Uint8Array[]) {
      assertOpen();
      return keys.map(read);
    },
    async batch(operations: readonly KvOperation[], _options: KvBatchOptions) {
      assertOpen();
      for (const operation of operations) apply(operation);
    },
    iterate,
    check: async (): Promise<KvHealth> =>
      open ? { ok: true } : { ok: false, reason: 'the store is not open' },
    async close() {
      open = false;
    },
    copy: () => createMemoryKvStore(values),
  };
}
