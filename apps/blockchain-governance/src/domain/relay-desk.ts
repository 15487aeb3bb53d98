/**
 * Brings to the chain what was judged before, exactly once.
 *
 *     relay     write it down, then send: by the account that pays here, or as its sender signed it
 *     advance   look: in a block -> write down what became of it; not there -> send the same again
 *
 * What is written down is sent by whichever process comes after.
 */
import { type ChainClient, type ContractReader, type Hex, isChainClientError } from '@lucid/chain-client';
import type { Relay } from '@lucid/contracts';
import { isDocumentStoreError, type Stored, scan } from '@lucid/document-store';
import type { Clock, Log, Wakeup } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { askingChain, problem } from '../problem.ts';
import type { RelayDocument, RelayStore } from '../store/relay-store.ts';
import { PaidCarrier } from './paid-carrier.ts';
import type { Carrier } from './relay-step.ts';
import { SignedCarrier } from './signed-carrier.ts';

type Told = Static<typeof Relay>;

export interface RelayOrder extends Pick<RelayDocument, 'relayId' | 'kind' | 'proposalId' | 'by'> {
  /** Signed by `by`, who pays. */
  readonly signed?: { readonly raw: Hex; readonly nonce: number };
  /** Paid by this service. */
  readonly call?: { readonly to: Hex; readonly data: Hex; readonly gas: bigint };
}

interface RelayDeskOptions {
  readonly store: RelayStore;
  readonly reader: ContractReader;
  /** Null where nobody pays. */
  readonly client: ChainClient | null;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
  /** Of whoever goes on with what waits. */
  readonly wakeup: Wakeup;
  /** Something came into a block. */
  readonly onIncluded: () => void;
}

const tell = (document: RelayDocument): Told => {
  const { relayId, kind, proposalId, by, state, transactionHash, height, reason } = document;
  return { relayId, kind, proposalId, by, state, transactionHash, height, reason };
};

export class RelayDesk {
  readonly #options: RelayDeskOptions;
  readonly #signed: Carrier;
  /** Null: what is to be paid for waits until there is an account again. */
  readonly #paid: Carrier | null;

  constructor(options: RelayDeskOptions) {
    const { client, reader, log } = options;
    this.#options = options;
    this.#signed = new SignedCarrier(reader);
    this.#paid = client && new PaidCarrier({ client, reader, log });
  }

  /** Who pays for what nobody else pays for; null where nobody does. */
  get payer(): Hex | null {
    return this.#options.client?.address ?? null;
  }

  /** @throws ProblemError relaying_off */
  assertPayer(): Hex {
    const { payer } = this;
    if (payer === null) throw problem('relaying_off');
    return payer;
  }

  /** @throws ProblemError relay_unknown */
  async get(relayId: string): Promise<Told> {
    const found = await this.#options.store.get(relayId);
    if (found === null) throw problem('relay_unknown');
    return tell(found.document);
  }

  /** What was handed in before and has not failed; null where it is new, or may be tried again. */
  async known(relayId: string): Promise<Told | null> {
    const found = await this.#options.store.get(relayId);
    return found === null || found.document.state === 'failed' ? null : tell(found.document);
  }

  /** A vote of this node is on its way. */
  async isBusy(voter: string): Promise<boolean> {
    const range = { index: 'bySigner', equals: [voter, 'waiting'] };
    for await (const { document } of scan(this.#options.store, range))
      if (document.kind === 'vote') return true;
    return false;
  }

  /** Whether a block or the node's pool has it. @throws ProblemError chain_unavailable */
  isOnChain = (hash: Hex): Promise<boolean> => askingChain(this.#options.reader.isKnown(hash));

  /** @throws ProblemError transaction_refused where its nonce leaves a gap, chain_unavailable */
  async assertNonce({ from, nonce }: { readonly from: Hex; readonly nonce: number }): Promise<void> {
    const next = await askingChain(this.#options.reader.nonceOf(from, 'pending'));
    if (nonce > next)
      throw problem('transaction_refused', {
        detail: `Its nonce is ${nonce}, the account’s next one is ${next}.`,
      });
  }

  /** Resolves when it will not be lost. @throws ProblemError relayer_funds, transaction_refused; DocumentStoreError */
  async relay(order: RelayOrder): Promise<Told> {
    const stored = await this.#write(order);
    if (stored.document.state !== 'waiting') return tell(stored.document);
    try {
      return tell(await this.#advance(stored, true));
    } catch (error) {
      if (!isChainClientError(error)) throw error;
      this.#options.log.warn({ err: error, relay: order.relayId }, 'what was handed in waits for the chain');
      return tell(stored.document);
    } finally {
      this.#options.wakeup.notify();
    }
  }

  /** Goes on with all that waits; resolves to how many still do. @throws DocumentStoreError */
  async advanceAll(signal: AbortSignal): Promise<number> {
    const { store, log } = this.#options;
    let waiting = 0;
    for await (const stored of scan(store, { index: 'byState', equals: ['waiting'] })) {
      if (signal.aborted) return waiting;
      try {
        if ((await this.#advance(stored, false)).state === 'waiting') waiting += 1;
      } catch (error) {
        waiting += 1;
        log.warn({ err: error, relay: stored.key }, 'what was handed in cannot go on now');
      }
    }
    return waiting;
  }

  /** As it is where it was handed in before; a failed one begins anew. */
  async #write({ signed, call, ...order }: RelayOrder): Promise<Stored<RelayDocument>> {
    const { store, clock } = this.#options;
    const before = await store.get(order.relayId);
    if (before && before.document.state !== 'failed') return before;
    const document: RelayDocument = {
      ...order,
      ...{ raw: signed?.raw ?? null, nonce: signed?.nonce ?? null },
      call: call ? { to: call.to, data: call.data, gas: Number(call.gas) } : null,
      attempt: (before?.document.attempt ?? 0) + 1,
      ...{ state: 'waiting', height: null, reason: null, createdAtMs: clock.nowMs() },
      transactionHash: signed ? order.relayId : null,
    };
    try {
      const version = before ? await store.replace(document, before.version) : await store.insert(document);
      return { key: order.relayId, version, document };
    } catch (error) {
      if (!isTaken(error)) throw error;
      return (await store.get(order.relayId)) as Stored<RelayDocument>;
    }
  }

  async #advance(stored: Stored<RelayDocument>, isFirst: boolean): Promise<RelayDocument> {
    const carrier = stored.document.raw === null ? this.#paid : this.#signed;
    if (carrier === null) return stored.document;
    const { change, refusal } = await carrier.advance(stored.document, isFirst);
    if (change.height) this.#options.onIncluded();
    const changed = await this.#update(stored, change);
    if (refusal && isFirst) throw refusal;
    return changed;
  }

  async #update(stored: Stored<RelayDocument>, change: Partial<RelayDocument>): Promise<RelayDocument> {
    const { store } = this.#options;
    const names = Object.keys(change) as (keyof RelayDocument)[];
    if (names.every((name) => stored.document[name] === change[name])) return stored.document;
    const changed = { ...stored.document, ...change };
    try {
      await store.replace(changed, stored.version);
      return changed;
    } catch (error) {
      if (!isTaken(error)) throw error;
      return (await store.get(stored.key))?.document ?? changed;
    }
  }
}

/** Another process, or another turn of this one, was faster. */
const isTaken = (error: unknown): boolean =>
  isDocumentStoreError(error, 'version_conflict') || isDocumentStoreError(error, 'duplicate_key');
