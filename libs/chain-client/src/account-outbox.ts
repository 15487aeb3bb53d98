/** The records of one account in an outbox. Every method rejects with ChainClientError `outbox_failed` where the outbox does. */
import type { Hex } from 'viem';
import { ChainClientError } from './error.ts';
import type { AccountRecord, FinalRecord, InFlight, Outbox, StoredRecord } from './outbox.ts';

export interface AccountState {
  readonly nextNonce: number;
  readonly inFlight: readonly InFlight[];
  /** Null where the account has no record yet. */
  readonly version: number | null;
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new ChainClientError('outbox_failed', { cause });
  }
}

/** Compare-and-set is tried so often before it is given up. */
const TRIES = 100;

export class AccountOutbox {
  readonly #outbox: Outbox;
  readonly #name: string;

  constructor(outbox: Outbox, { chainId, address }: { chainId: number; address: Hex }) {
    this.#outbox = outbox;
    this.#name = `${chainId}/${address}`;
  }

  finalKey(intentId: string): string {
    return `final/${this.#name}/${intentId}`;
  }

  /** @NOTE Read before `final`: see outbox.ts. */
  async load(): Promise<AccountState> {
    const found = await this.#get(`account/${this.#name}`);
    if (found === null) return { nextNonce: 0, inFlight: [], version: null };
    if (found.record.kind !== 'account') throw new ChainClientError('outbox_failed');
    const { nextNonce, inFlight } = found.record;
    return { nextNonce, inFlight, version: found.version };
  }

  async final(intentId: string): Promise<FinalRecord | null> {
    const found = await this.#get(this.finalKey(intentId));
    if (found === null) return null;
    if (found.record.kind !== 'final') throw new ChainClientError('outbox_failed');
    return found.record;
  }

  /** False where another writer was first. */
  save(change: Pick<AccountState, 'nextNonce' | 'inFlight'>, version: number | null): Promise<boolean> {
    const { nextNonce, inFlight } = change;
    const record: AccountRecord = { kind: 'account', key: `account/${this.#name}`, nextNonce, inFlight };
    return guarded(() => this.#outbox.compareAndSet(record, version));
  }

  /**
   * Changes one intent in flight. `change` gets what is stored and returns what shall be: null removes it, the same object leaves it.
   * Resolves to what is stored then; null where the intent is not in flight.
   */
  async change(
    intentId: string,
    change: (entry: InFlight) => Promise<InFlight | null>,
  ): Promise<InFlight | null> {
    for (let tries = 0; tries < TRIES; tries++) {
      const { nextNonce, inFlight, version } = await this.load();
      const entry = inFlight.find((each) => each.intentId === intentId);
      if (entry === undefined) return null;
      const changed = await change(entry);
      if (changed === entry) return entry;
      const others = inFlight.flatMap((each) => (each === entry ? (changed ?? []) : each));
      if (await this.save({ nextNonce, inFlight: others }, version)) return changed;
    }
    throw new ChainClientError('outbox_failed');
  }

  /** The final record first, then out of flight: see outbox.ts. */
  async finish(record: FinalRecord): Promise<void> {
    await guarded(() => this.#outbox.compareAndSet(record, null));
    await this.change(record.intentId, async () => null);
  }

  #get(key: string): Promise<StoredRecord | null> {
    return guarded(() => this.#outbox.get(key));
  }
}
