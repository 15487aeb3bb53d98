/**
 * Transactions by the caller's id, exactly once each.
 *
 *     pending     written down; the client may or may not have given it a nonce
 *     submitted   it has one, and is in the client's outbox: whatever happens, it goes on
 *     confirmed   in a final block
 *     failed      with a nonce: for ever. Without: nothing was signed, and asking for the id again begins anew
 *
 * The outbox gives an intent one nonce for ever (`@lucid/chain-client`), so the record may be behind it by any crash, and never ahead.
 * What is pending and is not worked on was cut off: where the outbox knows it, it goes on; where it does not, nothing was signed, and it
 * failed as `chain_unavailable` until somebody asks again.
 */
import type { Abi, ChainReceipt, Intent, IntentStatus } from '@lucid/chain-client';
import { reasonText } from '@lucid/chain-client';
import { type Stored, scan } from '@lucid/document-store';
import { type Clock, isProblem, KeyedQueue, type Log } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { SentDocument, SentStore } from '../store/sent-store.ts';
import type { Account } from './account.ts';
import { chainFailure, type Failure } from './chain-failures.ts';

export interface SendingOptions<T extends SentDocument> {
  /** Begin of the intents' ids. */
  readonly prefix: string;
  readonly store: SentStore<T>;
  readonly account: Account;
  readonly clock: Clock;
  readonly log: Log;
  /** What is known besides as soon as there is a nonce. */
  readonly settled: (nonce: number) => Partial<T>;
  /** What the final block gives besides, and a failure where that is not as it should be. */
  readonly ended: (document: T, receipt: ChainReceipt) => Promise<Partial<T>>;
  readonly conflict: 'deployment_conflict' | 'transaction_conflict';
  /** There is something to follow. */
  readonly onOpen: () => void;
}

interface Asked<T> {
  /** The record to begin with, pending. */
  readonly make: () => Promise<T>;
  readonly requestHash: string;
  readonly reservationId: string | undefined;
}

export class Sending<T extends SentDocument> {
  readonly #options: SendingOptions<T>;
  readonly #queue = new KeyedQueue();

  constructor(options: SendingOptions<T>) {
    this.#options = options;
  }

  /** Where it has its nonce, and failed since, that is in the answer. @throws ProblemError why it was not sent */
  ask(id: string, { make, requestHash, reservationId }: Asked<T>): Promise<T> {
    const { store, account, conflict } = this.#options;
    return this.#queue.run(id, async () => {
      const found = await store.get(id);
      const mayBegin = found !== null && nothingWasSigned(found.document);
      const nonce = mayBegin ? await account.client.nonceOf(this.intentOf(found.document).intentId) : null;
      const isTaken = found !== null && (!mayBegin || nonce !== null);
      if (isTaken && found.document.requestHash !== requestHash)
        throw problem(conflict, { detail: `Take another id than ${id}, or the values of the first time.` });
      if (isTaken) return nonce === null ? found.document : (await this.#settle(found, nonce)).document;
      const document = await make();
      return this.#submit(await this.#write(found, document), reservationId);
    });
  }

  /** One look at everything that is open. Resolves to how much is left. */
  async follow(): Promise<number> {
    const { store, log } = this.#options;
    let left = 0;
    for await (const { key } of scan(store, { index: 'open' })) {
      const open = await this.#queue
        .run(key, () => this.#followOne(key))
        .catch((err) => {
          log.warn({ err, id: key }, 'could not follow a transaction yet');
          return true;
        });
      if (open) left++;
    }
    return left;
  }

  intentOf({ id, to, data, valueWei, gas, wishedNonce, abi }: T): Intent {
    return {
      ...{ intentId: `${this.#options.prefix}:${id}`, to, data, value: BigInt(valueWei) },
      ...(gas === undefined ? {} : { gas: BigInt(gas) }),
      ...(wishedNonce === undefined ? {} : { nonce: wishedNonce }),
      abi: JSON.parse(abi) as Abi,
    };
  }

  async #write(found: Stored<T> | null, document: T): Promise<Stored<T>> {
    const { store } = this.#options;
    const version = found ? await store.replace(document, found.version) : await store.insert(document);
    return { key: document.id, version, document };
  }

  async #submit(stored: Stored<T>, reservationId: string | undefined): Promise<T> {
    const { account } = this.#options;
    return account.inTurn(async () => {
      try {
        await account.assertMaySend(reservationId);
        const status = await account.client.submit(this.intentOf(stored.document));
        return (await this.#settle(stored, status.nonce, status)).document;
      } catch (error) {
        const nonce = await account.client.nonceOf(this.intentOf(stored.document).intentId);
        if (nonce !== null) return (await this.#settle(stored, nonce)).document;
        const failure = isProblem(error) ? problemFailure(error) : chainFailure(error);
        await this.#change(stored, this.#failed(failure));
        throw isProblem(error) ? error : problem(failure.code, { detail: failure.detail, cause: error });
      }
    });
  }

  async #settle(stored: Stored<T>, nonce: number, status?: IntentStatus): Promise<Stored<T>> {
    const hash = status?.state === 'pending' ? { transactionHash: status.hash } : {};
    const settled = await this.#change(stored, {
      status: 'submitted',
      nonce,
      ...hash,
      ...this.#options.settled(nonce),
    } as Partial<T>);
    // Not before it is written: who looks after it would look again at once, without end, while the store fails.
    this.#options.onOpen();
    return settled;
  }

  /** Whether it is still open. */
  async #followOne(id: string): Promise<boolean> {
    const { store, account } = this.#options;
    const stored = await store.get(id);
    if (!stored || stored.document.openSinceMs === undefined) return false;
    const { intentId } = this.intentOf(stored.document);
    if (stored.document.status === 'pending') {
      const nonce = await account.client.nonceOf(intentId);
      if (nonce !== null) await this.#settle(stored, nonce);
      else await this.#change(stored, this.#failed(cutOff));
      return nonce !== null;
    }
    return this.#take(stored, await account.client.statusOf(intentId));
  }

  async #take(stored: Stored<T>, status: IntentStatus): Promise<boolean> {
    if (status.state === 'refused' || status.state === 'displaced') {
      await this.#change(stored, this.#failed(lost[status.state]));
      return false;
    }
    if (status.state === 'pending') {
      if (status.hash !== stored.document.transactionHash)
        await this.#change(stored, { transactionHash: status.hash } as Partial<T>);
      return true;
    }
    const place = placeOf(status.receipt);
    if (status.state === 'included') {
      if (stored.document.blockHash !== place.blockHash) await this.#change(stored, place as Partial<T>);
      return true;
    }
    await this.#change(stored, { ...place, ...(await this.#endOf(stored.document, status.receipt)) });
    return false;
  }

  async #endOf(document: T, receipt: ChainReceipt): Promise<Partial<T>> {
    const { account, ended } = this.#options;
    if (receipt.status === 'reverted') {
      const reason = await account.client.reasonOf(this.intentOf(document), receipt);
      return this.#failed({ code: 'transaction_reverted', detail: `It reverted: ${reasonText(reason)}.` });
    }
    const more = await ended(document, receipt);
    if (more.failure) return { ...more, ...this.#failed(more.failure) };
    return { status: 'confirmed', ...more, ...this.#over() } as Partial<T>;
  }

  #failed(failure: Failure): Partial<T> {
    return { status: 'failed', failure, ...this.#over() } as Partial<T>;
  }

  #over() {
    return { openSinceMs: undefined, endedAtMs: this.#options.clock.nowMs() };
  }

  async #change(stored: Stored<T>, change: Partial<T>): Promise<Stored<T>> {
    const document = { ...stored.document, ...change };
    const version = await this.#options.store.replace(document, stored.version);
    return { ...stored, version, document };
  }
}

/** As far as the record knows; what a fallen process left pending, only the outbox knows. */
const nothingWasSigned = ({ status, nonce }: SentDocument): boolean =>
  status === 'pending' || (status === 'failed' && nonce === undefined);

const cutOff: Failure = {
  code: 'chain_unavailable',
  detail: 'It was cut off before anything was signed. Ask again for the same id.',
};

const lost: Readonly<Record<'refused' | 'displaced', Failure>> = {
  refused: {
    code: 'transaction_refused',
    detail: 'The chain will never take it; its nonce is used up. Take another id.',
  },
  displaced: {
    code: 'transaction_displaced',
    detail: 'A transaction that is not of this service took its nonce: the key is in use elsewhere.',
  },
};

const problemFailure = (error: { readonly code: string; readonly detail: string | undefined }): Failure => ({
  code: error.code as Failure['code'],
  detail: error.detail ?? '',
});

const placeOf = ({ transactionHash, blockNumber, blockHash, gasUsed }: ChainReceipt) => ({
  ...{ transactionHash, blockHash },
  blockHeight: Number(blockNumber),
  gasUsed: `0x${gasUsed.toString(16)}`,
});
