/**
 * Session keys while their sessions are open: in this process's memory only, never written, never logged, wiped when the
 * session closes, when it is told to forget, and at the stop. What the garbage collector copied before is not wiped.
 */
export class KeyVault {
  readonly #keys = new Map<string, Uint8Array>();
  readonly #onCount: (keys: number) => void;

  constructor(onCount: (keys: number) => void) {
    this.#onCount = onCount;
  }

  has(sessionId: string): boolean {
    return this.#keys.has(sessionId);
  }

  /** The vault's own bytes: not to be changed, and not to be kept past the call that asked for them. */
  borrow(sessionId: string): Uint8Array | null {
    return this.#keys.get(sessionId) ?? null;
  }

  /** Takes over the bytes. */
  hold(sessionId: string, key: Uint8Array): void {
    this.wipe(sessionId);
    this.#keys.set(sessionId, key);
    this.#onCount(this.#keys.size);
  }

  wipe(sessionId: string): void {
    this.#keys.get(sessionId)?.fill(0);
    this.#keys.delete(sessionId);
    this.#onCount(this.#keys.size);
  }

  wipeAll(): void {
    for (const key of this.#keys.values()) key.fill(0);
    this.#keys.clear();
    this.#onCount(0);
  }
}
