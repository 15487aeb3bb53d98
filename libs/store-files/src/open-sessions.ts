/** Open session files, at most so many: the one unused for longest is closed when another is needed. */

interface Closable {
  close(): Promise<void>;
}

interface Slot<T> {
  readonly opening: Promise<T>;
  users: number;
  dropped: boolean;
  /** Called when the last user of a dropped slot is done. */
  onIdle: () => void;
}

export class OpenSessions<T extends Closable> {
  readonly #max: number;
  readonly #slots = new Map<string, Slot<T>>();

  /** `max` is exceeded only while more than that are in use at the same moment. */
  constructor(max: number) {
    this.#max = max;
  }

  has(key: string): boolean {
    return this.#slots.has(key);
  }

  /** Runs `work` with what is open under `key`, opening it where it is not; it stays open until `work` ends. */
  async use<R>(key: string, open: () => Promise<T>, work: (opened: T) => Promise<R>): Promise<R> {
    const slot = this.#take(key, open);
    slot.users += 1;
    try {
      return await work(await slot.opening);
    } finally {
      slot.users -= 1;
      if (slot.users === 0 && slot.dropped) slot.onIdle();
    }
  }

  /** Closes what is open under `key` once nobody uses it. */
  async drop(key: string): Promise<void> {
    const slot = this.#slots.get(key);
    if (!slot) return;
    this.#slots.delete(key);
    slot.dropped = true;
    if (slot.users > 0) {
      await new Promise<void>((resolve) => {
        slot.onIdle = resolve;
      });
    }
    const opened = await slot.opening.catch(() => null);
    await opened?.close();
  }

  async dropAll(): Promise<void> {
    await Promise.all([...this.#slots.keys()].map((key) => this.drop(key)));
  }

  #take(key: string, open: () => Promise<T>): Slot<T> {
    const known = this.#slots.get(key);
    if (known) {
      this.#slots.delete(key);
      this.#slots.set(key, known);
      return known;
    }
    this.#evict();
    const slot: Slot<T> = { opening: open(), users: 0, dropped: false, onIdle: () => undefined };
    this.#slots.set(key, slot);
    slot.opening.catch(() => {
      if (this.#slots.get(key) === slot) this.#slots.delete(key);
    });
    return slot;
  }

  #evict(): void {
    for (const [key, slot] of this.#slots) {
      if (this.#slots.size < this.#max) return;
      // Nobody waits for this close; a file that cannot be closed has nothing left to lose.
      if (slot.users === 0) this.drop(key).catch(() => undefined);
    }
  }
}
