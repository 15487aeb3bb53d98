import { KvError, type KvOperation, type KvStore } from '@lucid/kv-store';

/** A store whose next batch can be held, refused, or applied and then reported as failed (as a failing fsync may be). */
export interface FaultKvStore extends KvStore {
  failBatches(how: 'before' | 'after' | 'never'): void;
  failReads(yes: boolean): void;
  /** Batches wait until the returned function is called. */
  hold(): () => void;
  readonly batches: (readonly KvOperation[])[];
}

export function createFaultKvStore(kv: KvStore): FaultKvStore {
  let how: 'before' | 'after' | 'never' = 'never';
  let failingReads = false;
  let gate: Promise<void> = Promise.resolve();
  const batches: (readonly KvOperation[])[] = [];
  const read = <T>(work: () => Promise<T>): Promise<T> =>
    failingReads ? Promise.reject(new KvError('kv_io')) : work();
  return {
    batches,
    failBatches(next) {
      how = next;
    },
    failReads(yes) {
      failingReads = yes;
    },
    hold() {
      let open: () => void = () => undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
    get: (key) => read(() => kv.get(key)),
    getMany: (keys) => read(() => kv.getMany(keys)),
    iterate: (range) => kv.iterate(range),
    check: () => kv.check(),
    close: () => kv.close(),
    async batch(operations, options) {
      if (!options.sync && operations.some(({ type }) => type === 'put'))
        throw new Error('what is written must be synced');
      const copy = operations.map((each) => ({
        ...each,
        ...(each.type === 'put' && { value: each.value.slice() }),
      }));
      batches.push(copy);
      await gate;
      if (how === 'before') throw new KvError('kv_disk_full');
      await kv.batch(copy, options);
      if (how === 'after') throw new KvError('kv_io', { detail: 'fsync' });
    },
  };
}
