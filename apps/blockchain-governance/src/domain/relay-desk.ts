/**
 * Brings to the chain what was judged before, exactly once.
 *
 *     relay     write it down, then send: by the account that pays here, or as its sender signed it
 *     advance   look: in a block -> write down what became of it; not there -> send the same again
 *
 * What is written down is sent by whichever process comes after. What this service pays for has one intent in the outbox of the chain client
 * for each attempt, so it has one nonce; what its sender signed has its own.
 */
import {
  type ChainClient,
  type ChainReceipt,
  type ContractReader,
  type Hex,
  type Intent,
  type IntentStatus,
  isChainClientError,
  type Question,
  type Refusal,
  rawQuestion,
} from '@lucid/chain-client';
import type { Relay } from '@lucid/contracts';
import { isDocumentStoreError, type Stored } from '@lucid/document-store';
import type { Clock, Log, Wakeup } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { askingChain, problem } from '../problem.ts';
import type { RelayDocument, RelayStore } from '../store/relay-store.ts';
import { judged } from './contracts.ts';

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

const MOST_WAITING = 1000;

const refusals: Readonly<Partial<Record<Refusal, string>>> = {
  'nonce-used': 'Its nonce is used already.',
  'replacement-underpriced':
    'Another transaction with its nonce waits, and this one does not offer enough more.',
  underpriced: 'It offers too little for its gas.',
  'insufficient-funds': 'Its sender cannot pay for it.',
  permanent: 'Its gas or its size is beyond what the chain takes.',
};
const wordsOf = (refusal: Refusal): string =>
  refusals[refusal] ?? 'The chain gives no reason that is known here.';

/** What this contract tells of it. */
export const tellRelay = (document: RelayDocument): Told => {
  const { relayId, kind, proposalId, by, state, transactionHash, height, reason } = document;
  return { relayId, kind, proposalId, by, state, transactionHash, height, reason };
};

export class RelayDesk {
  readonly #options: RelayDeskOptions;

  constructor(options: RelayDeskOptions) {
    this.#options = options;
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
    return tellRelay(found.document);
  }

  /** What was handed in before and has not failed; null where it is new, or may be tried again. */
  async known(relayId: string): Promise<Told | null> {
    const found = await this.#options.store.get(relayId);
    return found === null || found.document.state === 'failed' ? null : tellRelay(found.document);
  }

  /** A vote of this node is on its way. */
  async isBusy(voter: string): Promise<boolean> {
    const range = { index: 'bySigner', equals: [voter, 'waiting'] };
    const { items } = await this.#options.store.find({ ...range, limit: 100 });
    return items.some(({ document }) => document.kind === 'vote');
  }

  /** Whether a block or the node's pool has it. */
  isOnChain = async (hash: Hex): Promise<boolean> => askingChain(this.#options.reader.isKnown(hash));

  /** @throws ProblemError transaction_refused where its nonce cannot come next */
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
    if (stored.document.state !== 'waiting') return tellRelay(stored.document);
    try {
      return tellRelay(await this.#advance(stored, true));
    } catch (error) {
      if (!isChainClientError(error)) throw error;
      this.#options.log.warn({ err: error, relay: order.relayId }, 'what was handed in waits for the chain');
      return tellRelay(stored.document);
    } finally {
      this.#options.wakeup.notify();
    }
  }

  /** Goes on with all that waits; resolves to how many still do. */
  async advanceAll(signal: AbortSignal): Promise<number> {
    const { store, log } = this.#options;
    const { items } = await store.find({ index: 'byState', equals: ['waiting'], limit: MOST_WAITING });
    let waiting = 0;
    for (const stored of items) {
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
      raw: signed?.raw ?? null,
      nonce: signed?.nonce ?? null,
      call: call ? { to: call.to, data: call.data, gas: Number(call.gas) } : null,
      attempt: (before?.document.attempt ?? 0) + 1,
      ...{
        state: 'waiting',
        transactionHash: signed ? (order.relayId as Hex) : null,
        height: null,
        reason: null,
      },
      createdAtMs: clock.nowMs(),
    };
    try {
      const version = before ? await store.replace(document, before.version) : await store.insert(document);
      return { key: order.relayId, version, document };
    } catch (error) {
      if (!isDocumentStoreError(error, 'version_conflict') && !isDocumentStoreError(error, 'duplicate_key'))
        throw error;
      // Another process was faster.
      return (await store.get(order.relayId)) as Stored<RelayDocument>;
    }
  }

  #advance(stored: Stored<RelayDocument>, isFirst: boolean): Promise<RelayDocument> {
    return stored.document.raw === null
      ? this.#advanceCall(stored, isFirst)
      : this.#advanceRaw(stored, isFirst);
  }

  async #advanceCall(stored: Stored<RelayDocument>, isFirst: boolean): Promise<RelayDocument> {
    const { client } = this.#options;
    // It waits until there is an account again.
    if (client === null) return stored.document;
    const intent = intentOf(stored.document);
    try {
      return await this.#note(stored, await followed(client, intent));
    } catch (error) {
      if (isChainClientError(error, 'too_many_in_flight')) await client.settle();
      if (!isFirst || !isChainClientError(error, 'insufficient_funds')) throw error;
      if (await isClaimed(client, intent)) throw error;
      await this.#settle(stored, { state: 'failed', reason: 'the account that pays is out of funds' });
      throw problem('relayer_funds', { cause: error });
    }
  }

  async #note(stored: Stored<RelayDocument>, status: IntentStatus): Promise<RelayDocument> {
    switch (status.state) {
      case 'pending':
        return this.#update(stored, { transactionHash: status.hash });
      case 'included':
        return this.#update(stored, { transactionHash: status.receipt.transactionHash });
      case 'final':
        return this.#noteReceipt(stored, status.receipt);
      case 'refused':
        return this.#settle(stored, { state: 'failed', reason: 'the chain does not take its transaction' });
      case 'displaced':
        // Another user of the key took its nonce, so that transaction will never be in the chain: the next one may.
        this.#options.log.warn({ relay: stored.key }, 'the account that pays is used elsewhere');
        return this.#update(stored, { attempt: stored.document.attempt + 1, transactionHash: null });
    }
  }

  async #advanceRaw(stored: Stored<RelayDocument>, isFirst: boolean): Promise<RelayDocument> {
    const { reader } = this.#options;
    const { by, nonce, raw } = stored.document;
    const hash = stored.key as Hex;
    const receipt = await reader.receiptOf(hash);
    if (receipt) return this.#noteReceipt(stored, receipt);
    if (await reader.isKnown(hash)) return stored.document;
    const isUsed = (await reader.nonceOf(by as Hex, 'latest')) > (nonce ?? 0);
    const refusal = isUsed ? 'nonce-used' : await reader.sendRaw(raw as Hex);
    if (refusal === null) return stored.document;
    // It may have come into a block meanwhile.
    const late = refusal === 'nonce-used' ? await reader.receiptOf(hash) : null;
    if (late) return this.#noteReceipt(stored, late);
    const failed = await this.#settle(stored, { state: 'failed', reason: wordsOf(refusal) });
    if (isFirst) throw problem('transaction_refused', { detail: wordsOf(refusal) });
    return failed;
  }

  async #noteReceipt(stored: Stored<RelayDocument>, receipt: ChainReceipt): Promise<RelayDocument> {
    const place = { transactionHash: receipt.transactionHash, height: Number(receipt.blockNumber) };
    const failed = receipt.status === 'success' ? null : await this.#whyReverted(stored.document);
    this.#options.onIncluded();
    return this.#settle(stored, {
      ...place,
      ...(failed === null ? { state: 'included' } : { state: 'failed', reason: failed }),
    });
  }

  /** As it would be refused now. */
  async #whyReverted({ by, call }: RelayDocument): Promise<string> {
    const words = 'its transaction was rolled back';
    if (call === null) return words;
    const asked: Question<Hex> = judged(
      rawQuestion({ from: by as Hex, to: call.to, data: call.data, abi: [] }),
    );
    const [outcome] = await this.#options.reader.tryAll([asked]);
    return outcome?.ok === false ? `${words}: ${outcome.reason.name}` : words;
  }

  #settle(stored: Stored<RelayDocument>, change: Partial<RelayDocument>): Promise<RelayDocument> {
    return this.#update(stored, change);
  }

  async #update(stored: Stored<RelayDocument>, change: Partial<RelayDocument>): Promise<RelayDocument> {
    const { store } = this.#options;
    const changed = { ...stored.document, ...change };
    if (JSON.stringify(changed) === JSON.stringify(stored.document)) return stored.document;
    try {
      await store.replace(changed, stored.version);
      return changed;
    } catch (error) {
      if (!isDocumentStoreError(error, 'version_conflict')) throw error;
      return (await store.get(stored.key))?.document ?? changed;
    }
  }
}

const intentOf = ({ relayId, attempt, call }: RelayDocument): Intent => {
  if (call === null) throw new Error('a relay without a call has no intent');
  return {
    intentId: `governance:${relayId}:${attempt}`,
    to: call.to,
    data: call.data,
    gas: BigInt(call.gas),
  };
};

async function followed(client: ChainClient, intent: Intent): Promise<IntentStatus> {
  try {
    return await client.statusOf(intent.intentId);
  } catch (error) {
    if (!isChainClientError(error, 'intent_unknown')) throw error;
    return client.submit(intent);
  }
}

async function isClaimed(client: ChainClient, { intentId }: Intent): Promise<boolean> {
  try {
    await client.statusOf(intentId);
    return true;
  } catch (error) {
    return !isChainClientError(error, 'intent_unknown');
  }
}
