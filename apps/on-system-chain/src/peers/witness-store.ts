/** What a follower remembers, durable in its data folder: the other's newest checkpoint, and the proof that it lied, where it did. */
import type { WitnessStore } from '@lucid/chain-follower';
import { openLevelKvStore } from '@lucid/kv-level';

const checkpointKey = new TextEncoder().encode('checkpoint');
const evidenceKey = new TextEncoder().encode('evidence');

export interface FollowerStore extends WitnessStore {
  /** Two signed checkpoints that contradict each other; null where none were seen. */
  evidence(): Promise<readonly string[] | null>;
  keepEvidence(notes: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function openFollowerStore(path: string): Promise<FollowerStore> {
  const store = await openLevelKvStore({ path, writeBufferSizeBytes: 64 * 1024, cacheSizeBytes: 0 });
  const read = async (key: Uint8Array): Promise<string | null> => {
    const value = await store.get(key);
    return value === undefined ? null : Buffer.from(value).toString('utf8');
  };
  const write = (key: Uint8Array, text: string): Promise<void> =>
    store.batch([{ type: 'put', key, value: new TextEncoder().encode(text) }], { sync: true });
  return {
    read: () => read(checkpointKey),
    write: (checkpoint) => write(checkpointKey, checkpoint),
    async evidence() {
      const text = await read(evidenceKey);
      return text === null ? null : (JSON.parse(text) as string[]);
    },
    keepEvidence: (notes) => write(evidenceKey, JSON.stringify(notes)),
    close: () => store.close(),
  };
}
