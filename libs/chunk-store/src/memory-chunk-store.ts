/** A chunk store in memory, for tests: the same rules as every other, and nothing outlives its backing. */
import { type ObjectBackend, ObjectChunkStore, type StoredObject } from './object-chunk-store.ts';
import { joinParts } from './record-frame.ts';

/** What several stores may share, as processes share a disk. */
export type MemoryChunks = Map<string, Map<string, Uint8Array>>;

class MemoryBackend implements ObjectBackend {
  readonly kind = 'memory';
  readonly #sessions: MemoryChunks;

  constructor(sessions: MemoryChunks) {
    this.#sessions = sessions;
  }

  async putNew(sessionId: string, name: string, parts: readonly Uint8Array[]): Promise<'stored' | 'exists'> {
    if (this.#sessions.get(sessionId)?.has(name)) return 'exists';
    await this.put(sessionId, name, joinParts(parts));
    return 'stored';
  }

  async put(sessionId: string, name: string, bytes: Uint8Array): Promise<void> {
    const objects = this.#sessions.get(sessionId) ?? new Map<string, Uint8Array>();
    this.#sessions.set(sessionId, objects.set(name, bytes.slice()));
  }

  async get(sessionId: string, name: string): Promise<Uint8Array | null> {
    return this.#sessions.get(sessionId)?.get(name)?.slice() ?? null;
  }

  async has(sessionId: string, name: string): Promise<boolean> {
    return this.#sessions.get(sessionId)?.has(name) ?? false;
  }

  async *list(sessionId: string): AsyncGenerator<StoredObject> {
    for (const [name, bytes] of this.#sessions.get(sessionId) ?? []) yield { name, sizeBytes: bytes.length };
  }

  async *sessions(): AsyncGenerator<string> {
    yield* [...this.#sessions.keys()];
  }

  async delete(sessionId: string, names: readonly string[]): Promise<void> {
    const objects = this.#sessions.get(sessionId);
    for (const name of names) objects?.delete(name);
    if (objects?.size === 0) this.#sessions.delete(sessionId);
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {}
}

/** The backend alone, for tests that make parts of it fail. */
export const createMemoryBackend = (chunks: MemoryChunks): ObjectBackend => new MemoryBackend(chunks);

/** `chunks` outlives the store; give the same one again to see what a restarted process would see. */
export const createMemoryChunkStore = (chunks: MemoryChunks = new Map()): ObjectChunkStore =>
  new ObjectChunkStore(createMemoryBackend(chunks));
