/** Buffers that chunks are compressed into, used again: one for each chunk that is being sent, whatever the number of sessions. */
import { packScratchBytes } from '@lucid/pipeline';

/** Buffers kept while nobody uses them. */
const MAX_KEPT = 4;

export class ScratchPool {
  #free: Uint8Array[] = [];

  take(chunkSizeBytes: number): Uint8Array {
    const sizeBytes = packScratchBytes(chunkSizeBytes);
    const at = this.#free.findIndex((each) => each.length >= sizeBytes);
    const [found] = at < 0 ? [] : this.#free.splice(at, 1);
    return found ?? new Uint8Array(sizeBytes);
  }

  give(buffer: Uint8Array): void {
    this.#free.push(buffer);
    if (this.#free.length > MAX_KEPT)
      this.#free = this.#free.sort((a, b) => b.length - a.length).slice(0, MAX_KEPT);
  }
}
