import { checkKey, checkTtl } from './event-form.ts';
import type { Cache, Count } from './events.ts';

export interface MemoryCacheOptions {
  /** Milliseconds, any origin, never backwards. */
  readonly nowMs: () => number;
  /** Beyond, the oldest entries go. Default 100,000. */
  readonly maxEntries?: number;
  /** Throws once the owner is closed. */
  readonly assertOpen: () => void;
}

interface Entry {
  readonly value: string;
  readonly expiresAtMs: number;
}

export class MemoryCache implements Cache {
  readonly #entries = new Map<string, Entry>();
  readonly #options: MemoryCacheOptions;

  constructor(options: MemoryCacheOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<string | null> {
    return this.#live(key)?.value ?? null;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#check(key, ttlMs);
    this.#put(key, value, this.#options.nowMs() + ttlMs);
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    this.#check(key, ttlMs);
    if (this.#live(key)) return false;
    this.#put(key, value, this.#options.nowMs() + ttlMs);
    return true;
  }

  async increment(key: string, ttlMs: number): Promise<Count> {
    this.#check(key, ttlMs);
    const found = this.#live(key);
    const count = Number(found?.value ?? 0) + 1;
    const expiresAtMs = found?.expiresAtMs ?? this.#options.nowMs() + ttlMs;
    this.#put(key, String(count), expiresAtMs);
    return { count, remainingMs: expiresAtMs - this.#options.nowMs() };
  }

  async delete(key: string): Promise<boolean> {
    const found = this.#live(key) !== null;
    this.#entries.delete(key);
    return found;
  }

  clear(): void {
    this.#entries.clear();
  }

  #check(key: string, ttlMs: number): void {
    this.#options.assertOpen();
    checkKey(key);
    checkTtl(ttlMs);
  }

  #live(key: string): Entry | null {
    this.#options.assertOpen();
    checkKey(key);
    const entry = this.#entries.get(key);
    if (!entry) return null;
    if (entry.expiresAtMs > this.#options.nowMs()) return entry;
    this.#entries.delete(key);
    return null;
  }

  #put(key: string, value: string, expiresAtMs: number): void {
    const { maxEntries = 100_000 } = this.#options;
    this.#entries.set(key, { value, expiresAtMs });
    if (this.#entries.size > maxEntries) this.#dropSome(maxEntries);
  }

  /** Expired ones first; where that is not enough, the oldest tenth, so that this runs seldom. */
  #dropSome(maxEntries: number): void {
    const now = this.#options.nowMs();
    for (const [key, entry] of this.#entries) if (entry.expiresAtMs <= now) this.#entries.delete(key);
    const keep = Math.floor(maxEntries * 0.9);
    if (this.#entries.size <= maxEntries) return;
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= keep) return;
      this.#entries.delete(key);
    }
  }
}
