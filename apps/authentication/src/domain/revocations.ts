/**
 * What was ended before its time, in the order in which it was: every verifier asks for what came after the last it has heard of.
 * Numbers are dense, so nobody can miss one that was slow to be written.
 */
import type { Clock } from '@lucid/service-kit';
import { NumberedLog } from '../store/numbered-log.ts';
import { numberKey, type RevocationRow, type Tables } from '../store/rows.ts';

const MOST_AT_ONCE = 1_000;
/** Verifiers forget an id so long after its tokens have expired. */
const KEPT_AFTER_MS = 120_000;

export interface RevokedAnswer {
  readonly revoked: { id: string; until: number }[];
  readonly next: number;
}

export class Revocations {
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  readonly #log: NumberedLog<Omit<RevocationRow, 'number'>, RevocationRow, number>;
  #latest = 0;

  constructor(tables: Tables, clock: Clock) {
    this.#tables = tables;
    this.#clock = clock;
    this.#log = new NumberedLog({
      documents: tables.documents,
      collection: tables.revocations,
      readEnd: () => this.#newest(),
      append: (latest, said) => ({ row: { number: latest + 1, ...said }, end: latest + 1 }),
    });
  }

  /** Says that no token of a login, or a token itself, is good any more. May be said twice. */
  async add(id: string, untilMs: number): Promise<void> {
    await this.#log.add({ id, untilMs });
    await this.poll();
  }

  async #newest(): Promise<number> {
    const { items } = await this.#tables.revocations.find({ index: 'key', reverse: true, limit: 1 });
    return items[0]?.document.number ?? 0;
  }

  /** Looks for what other instances have added. Lower than before: the store was set back, and who waits goes on waiting. */
  async poll(): Promise<void> {
    this.#latest = await this.#newest();
    for (const wake of this.#waiting) wake();
  }

  async list(after: number, waitMs: number, signal: AbortSignal): Promise<RevokedAnswer> {
    const first = await this.#read(after);
    if (first.revoked.length > 0 || waitMs === 0) return first;
    // One who has heard of more than there is knew a store that was set back: it is told everything.
    if (after > first.next) return this.#read(0);
    await this.#changed(after, waitMs, signal);
    return this.#read(after);
  }

  async #read(after: number): Promise<RevokedAnswer> {
    const { items } = await this.#tables.revocations.find({
      index: 'key',
      from: numberKey(after + 1),
      limit: MOST_AT_ONCE,
    });
    const revoked = items.map(({ document: { id, untilMs } }) => ({ id, until: Math.ceil(untilMs / 1000) }));
    const last = items.at(-1)?.document.number;
    return { revoked, next: last ?? Math.min(after, await this.#newest()) };
  }

  async #changed(after: number, waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#latest > after) return;
    let wake = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = () => {
        if (this.#latest > after) resolve();
      };
    });
    this.#waiting.add(wake);
    const over = new AbortController();
    const asleep = this.#clock.sleep(waitMs, AbortSignal.any([signal, over.signal])).catch(() => {});
    await Promise.race([woken, asleep]);
    over.abort();
    this.#waiting.delete(wake);
  }

  /** Removes what no verifier needs; the newest stays, so that numbers go on from it. */
  async sweep(): Promise<void> {
    const newest = await this.#newest();
    const { items } = await this.#tables.revocations.find({
      index: 'until',
      to: this.#clock.nowMs() - KEPT_AFTER_MS,
      limit: MOST_AT_ONCE,
    });
    for (const { key, document } of items)
      if (document.number < newest) await this.#tables.revocations.remove(key);
  }
}
