/** Senders of transactions that were judged a while ago, so that a block need not recover them once more. */
import { bytesToKey } from './values.ts';

const generationSize = 16_384;

export class SenderCache {
  #young = new Map<string, Uint8Array>();
  #old = new Map<string, Uint8Array>();

  get(hash: Uint8Array): Uint8Array | undefined {
    const key = bytesToKey(hash);
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(hash: Uint8Array, sender: Uint8Array): void {
    this.#young.set(bytesToKey(hash), sender);
    if (this.#young.size < generationSize) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
