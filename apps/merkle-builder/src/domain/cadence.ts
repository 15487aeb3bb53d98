/** Which trees wait for a checkpoint, and until when. Trees without unsigned leaves are not in it. */
export class Cadence {
  readonly #delayMs: number;
  /** In order of becoming due: every tree waits equally long. */
  readonly #dueAtMs = new Map<string, number>();
  #wake: () => void = () => {};

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  get waiting(): number {
    return this.#dueAtMs.size;
  }

  /** A tree has had unsigned leaves since then. */
  add(sessionId: string, unsignedSinceMs: number): void {
    if (this.#dueAtMs.has(sessionId)) return;
    this.#dueAtMs.set(sessionId, unsignedSinceMs + this.#delayMs);
    this.#wake();
  }

  remove(sessionId: string): void {
    this.#dueAtMs.delete(sessionId);
  }

  /** Takes out the trees whose time has come. */
  takeDue(nowMs: number): string[] {
    const due = [...this.#dueAtMs].filter(([, atMs]) => atMs <= nowMs).map(([sessionId]) => sessionId);
    for (const sessionId of due) this.#dueAtMs.delete(sessionId);
    return due;
  }

  /** Milliseconds until the next is due; null where none waits. */
  nextInMs(nowMs: number): number | null {
    const first = Math.min(...this.#dueAtMs.values());
    return Number.isFinite(first) ? Math.max(first - nowMs, 0) : null;
  }

  /** Resolves when a tree is waiting, or when the signal aborts. */
  async someWaiting(signal: AbortSignal): Promise<void> {
    while (this.waiting === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener('abort', done);
          this.#wake = () => {};
          resolve();
        };
        this.#wake = done;
        signal.addEventListener('abort', done, { once: true });
      });
    }
  }
}
