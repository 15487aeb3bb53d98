/**
 * Brings a batch into the chain, and says how far it is. Every step may be cut off and be repeated: the composition is in the store, the
 * signed bytes in the outbox of the chain client, and what the chain holds already is found by its events and taken up.
 */
import { concatBytes } from '@lucid/bytes';
import {
  type ChainClient,
  type ChainClientErrorCode,
  type IntentStatus,
  isChainClientError,
} from '@lucid/chain-client';
import type { Stored } from '@lucid/document-store';
import { isProblem, type Log } from '@lucid/service-kit';
import { buildBatchTree } from '../domain/batch-tree.ts';
import { type ChainPlace, ChainUnavailableError } from '../domain/session-chain.ts';
import { type BatchDocument, type BatchStore, leavesOf, sessionOfLeaf } from '../store/batch-store.ts';
import type { AnchorEvents, FoundEvent } from './anchor-events.ts';
import { intentOf, type Registered } from './registration-intent.ts';
import { isEventOf, type RegistrationProof } from './registration-proof.ts';

export type BatchLook =
  /** There is no such batch. */
  | { readonly state: 'pending' }
  | ({ readonly state: 'submitted' } & ChainPlace)
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'proven'; readonly proof: RegistrationProof; placeOf(sessionId: string): number };

export interface RegistrarParts {
  readonly store: BatchStore;
  readonly client: Pick<ChainClient, 'submit' | 'statusOf' | 'settle'>;
  readonly events: Pick<AnchorEvents, 'ofSessions' | 'ofBatch'>;
  /** Null where it cannot be proven yet. */
  readonly prove: (batch: Registered, transactionHash: string) => Promise<RegistrationProof | null>;
  readonly log: Log;
}

interface OpenedBatch extends Registered {
  readonly stored: Stored<BatchDocument>;
  readonly places: ReadonlyMap<string, number>;
}

/** Of errors that may pass; the others are said by their code. */
const texts: Partial<Record<ChainClientErrorCode, string>> = {
  rpc_unreachable: 'the chain could not be asked',
  rpc_malformed: 'the chain answered what is no answer',
  rpc_refused: 'the chain refused to answer',
  wrong_chain: 'the node is of another chain than CHAIN_ID says',
  insufficient_funds: 'the account of CHAIN_ACCOUNT_KEY is out of funds',
  too_many_in_flight: 'earlier registrations wait for their blocks',
};

/** Batches whose trees are kept. */
const MAX_OPENED = 32;

const CONFLICT = 'anchor_conflict: the chain holds other values for this session';

const wasRegistered = (name: string): boolean =>
  name === 'SessionAlreadyRegistered' || name === 'RootAlreadyRegistered';

function opened(stored: Stored<BatchDocument>): OpenedBatch {
  const leaves = leavesOf(stored.document);
  const places = new Map(leaves.map((leaf, at) => [sessionOfLeaf(leaf), at]));
  return { stored, leaves, places, tree: buildBatchTree(leaves), attempt: stored.document.attempt };
}

/** Who asks while the work for the same key runs gets its outcome. */
function shared<T>(running: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const found = running.get(key);
  if (found) return found;
  const started = work().finally(() => running.delete(key));
  running.set(key, started);
  return started;
}

export class Registrar {
  readonly #parts: RegistrarParts;
  readonly #looks = new Map<string, Promise<BatchLook>>();
  readonly #restarts = new Map<string, Promise<void>>();
  /** Opened lately, oldest first. */
  readonly #opened = new Map<string, OpenedBatch>();
  #fault: ChainClientErrorCode | null = null;

  constructor(parts: RegistrarParts) {
    this.#parts = parts;
  }

  /** What kept the last look from going on; null where nothing did. */
  get fault(): ChainClientErrorCode | null {
    return this.#fault;
  }

  /** Sessions of a batch that ask at once share one look. @throws ChainUnavailableError */
  look(batchId: string): Promise<BatchLook> {
    return shared(this.#looks, batchId, () => this.#guarded(() => this.#look(batchId)));
  }

  /** Begins a failed batch anew; leaves others as they are. */
  restart(batchId: string): Promise<void> {
    return shared(this.#restarts, batchId, () => this.#restart(batchId));
  }

  /** The leaves are turned by one, so that there is a root that nobody has registered. */
  async #restart(batchId: string): Promise<void> {
    const stored = await this.#parts.store.sealed(batchId);
    if (stored?.document.state !== 'failed') return;
    const [first, ...others] = leavesOf(stored.document);
    await this.#parts.store.change(stored, {
      ...{ state: 'sealed', leaves: concatBytes(...others, first as Uint8Array) },
      ...{ attempt: stored.document.attempt + 1, reason: undefined },
    });
  }

  /** Transactions of batches that nobody asks for any more go on, so that those behind them do. */
  async recover(): Promise<void> {
    await this.#parts.store.recover();
    await this.#guarded(() => this.#parts.client.settle());
  }

  async #look(batchId: string): Promise<BatchLook> {
    const batch = await this.#open(batchId);
    if (batch === null) return { state: 'pending' };
    const { state, reason, registeredBy } = batch.stored.document;
    if (state === 'failed') return { state, reason: reason ?? 'unknown' };
    if (registeredBy !== undefined) return this.#proven(batch, registeredBy);
    const followed = await this.#follow(batch);
    if ('revert' in followed)
      return wasRegistered(followed.revert)
        ? this.#takeUp(batch, `the contract says ${followed.revert}, but no such event is kept`)
        : this.#fail(batch, `the contract refuses it: ${followed.revert}`);
    return this.#outcome(batch, followed);
  }

  async #outcome(batch: OpenedBatch, status: IntentStatus): Promise<BatchLook> {
    switch (status.state) {
      case 'pending':
        return { state: 'submitted', transactionHash: status.hash };
      case 'included':
      case 'final': {
        const { transactionHash, blockNumber } = status.receipt;
        if (status.state === 'included')
          return { state: 'submitted', transactionHash, blockHeight: Number(blockNumber) };
        if (status.receipt.status === 'success') return this.#proven(batch, transactionHash);
        return this.#takeUp(batch, 'its transaction was rolled back');
      }
      case 'refused':
        return this.#fail(batch, 'the chain does not take its transaction');
      case 'displaced':
        // Another user of the key took its nonce, so it will never be in the chain: the next one may.
        await this.#parts.store.change(batch.stored, { attempt: batch.attempt + 1 });
        this.#parts.log.warn({ batchId: batch.stored.key }, 'the account of the chain is used elsewhere');
        return { state: 'submitted' };
    }
  }

  async #open(batchId: string): Promise<OpenedBatch | null> {
    const stored = await this.#parts.store.sealed(batchId);
    if (stored === null) return null;
    const known = this.#opened.get(batchId);
    this.#opened.delete(batchId);
    const batch = known?.stored.version === stored.version ? known : opened(stored);
    this.#opened.set(batchId, batch);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size > MAX_OPENED && oldest !== undefined) this.#opened.delete(oldest);
    return batch;
  }

  async #follow(batch: OpenedBatch): Promise<IntentStatus | { readonly revert: string }> {
    const { client } = this.#parts;
    const intent = intentOf(batch);
    try {
      return await client.statusOf(intent.intentId);
    } catch (error) {
      if (!isChainClientError(error, 'intent_unknown')) throw error;
    }
    try {
      return await client.submit(intent);
    } catch (error) {
      if (isChainClientError(error, 'call_reverted')) return { revert: error.reason?.name ?? 'unknown' };
      if (isChainClientError(error, 'too_many_in_flight')) await client.settle();
      throw error;
    }
  }

  /** The chain has it already, or has other values in its place. */
  async #takeUp(batch: OpenedBatch, otherwise: string): Promise<BatchLook> {
    const events = await this.#eventsOf(batch);
    const own = events.find(({ event }) => isEventOf(batch, event));
    if (own === undefined) return this.#fail(batch, events.length > 0 ? CONFLICT : otherwise);
    await this.#parts.store.change(batch.stored, { registeredBy: own.transactionHash });
    return this.#proven(batch, own.transactionHash);
  }

  #eventsOf({ leaves, tree }: OpenedBatch): Promise<FoundEvent[]> {
    const { events } = this.#parts;
    return leaves.length === 1 ? events.ofSessions(leaves.map(sessionOfLeaf)) : events.ofBatch(tree.root);
  }

  async #proven(batch: OpenedBatch, transactionHash: string): Promise<BatchLook> {
    const proof = await this.#parts.prove(batch, transactionHash);
    if (proof === null) return { state: 'submitted', transactionHash };
    const { places } = batch;
    return { state: 'proven', proof, placeOf: (sessionId) => places.get(sessionId) ?? -1 };
  }

  async #fail({ stored }: OpenedBatch, reason: string): Promise<BatchLook> {
    await this.#parts.store.change(stored, { state: 'failed', reason });
    return { state: 'failed', reason };
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#fault = null;
      return result;
    } catch (error) {
      if (isProblem(error))
        throw new ChainUnavailableError(`the ledger answered ${error.code}`, { cause: error });
      if (!isChainClientError(error)) throw error;
      if (error.code !== 'too_many_in_flight') this.#fault = error.code;
      const text = texts[error.code] ?? `the chain cannot be used now: ${error.code}`;
      throw new ChainUnavailableError(text, { cause: error });
    }
  }
}
