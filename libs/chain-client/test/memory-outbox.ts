/** An outbox that remembers every signed byte it ever held. */
import { createMemoryDocumentStore } from '@lucid/document-store';
import { createDocumentOutbox, type InFlight, type Outbox, outboxCollection } from '../src/index.ts';

export interface RememberingOutbox extends Outbox {
  /** By raw bytes: whose they are. */
  readonly written: Map<string, Pick<InFlight, 'intentId' | 'nonce'>>;
}

export async function createMemoryOutbox(): Promise<RememberingOutbox> {
  const store = createMemoryDocumentStore();
  const outbox = createDocumentOutbox(await store.collection(outboxCollection));
  const written: RememberingOutbox['written'] = new Map();
  return {
    written,
    get: outbox.get,
    async compareAndSet(record, expected) {
      const done = await outbox.compareAndSet(record, expected);
      if (done && record.kind === 'account') {
        for (const { intentId, nonce, attempts } of record.inFlight)
          for (const { raw } of attempts) written.set(raw, { intentId, nonce });
      }
      return done;
    },
  };
}
