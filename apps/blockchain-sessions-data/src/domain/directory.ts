/** What the index has, for who asks. */
import { type Indexer, isOvertaken } from '@lucid/chain-index';
import type { ChunkEvent as ChunkEventSchema, SessionAnchor } from '@lucid/contracts';
import { type FindOptions, isDocumentStoreError } from '@lucid/document-store';
import type { Wakeup } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import type { SessionIndexStore } from '../store/index-store.ts';
import type { AnchorCache } from './anchor-cache.ts';
import {
  type BatchEvent,
  type ChainEvent,
  type ChunkEvent,
  type SessionEvent,
  toAnchor,
} from './chain-event.ts';

interface DirectoryOptions {
  readonly store: SessionIndexStore;
  readonly indexer: Indexer<ChainEvent>;
  readonly anchors: AnchorCache;
  readonly wakeup: Wakeup;
}

interface PageOptions {
  readonly limit: number;
  readonly after?: string | undefined;
}

function toChunk({
  kind: _,
  chunkOf: __,
  uploader,
  listRoot,
  ...event
}: ChunkEvent): Static<typeof ChunkEventSchema> {
  return {
    ...event,
    ...(uploader === undefined ? {} : { uploader: `0x${uploader}` }),
    ...(listRoot === undefined ? {} : { root: listRoot }),
  };
}

export class Directory {
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** @throws ProblemError session_unknown, chain_replaced, index_clearing, ledger_unavailable */
  async session(sessionId: string): Promise<SessionEvent> {
    const { anchors, indexer } = this.#options;
    const kept = await anchors.get(sessionId);
    const found =
      kept.event ?? (await this.#findNow(() => this.#first<SessionEvent>('bySession', sessionId)));
    indexer.assertReadable();
    if (found) {
      if (!kept.event) await anchors.put(kept.generation, found);
      return found;
    }
    throw problem('session_unknown', { extensions: { indexedHeight: await indexer.indexedHeight() } });
  }

  /** @throws ProblemError batch_unknown, chain_replaced, index_clearing, ledger_unavailable */
  async batch(root: string): Promise<BatchEvent> {
    const { indexer } = this.#options;
    const found = await this.#findNow(() => this.#first<BatchEvent>('byBatch', root));
    indexer.assertReadable();
    if (found) return found;
    throw problem('batch_unknown', { extensions: { indexedHeight: await indexer.indexedHeight() } });
  }

  async anchor(sessionId: string): Promise<Static<typeof SessionAnchor>> {
    return toAnchor(await this.session(sessionId));
  }

  async sessions(range: PageOptions & { fromHeight?: number | undefined; toHeight?: number | undefined }) {
    const { fromHeight, toHeight, ...page } = range;
    const found = await this.#page<SessionEvent>({
      index: 'byKind',
      equals: ['session'],
      ...(fromHeight === undefined ? {} : { from: fromHeight }),
      ...(toHeight === undefined ? {} : { to: toHeight + 1 }),
      ...page,
    });
    return { sessions: found.events.map(toAnchor), next: found.next };
  }

  async sessionsOfManifest(manifestHash: string, page: PageOptions) {
    const { events, next } = await this.#page<SessionEvent>({
      index: 'byManifest',
      equals: [manifestHash],
      ...page,
    });
    return { sessions: events.map(toAnchor), next };
  }

  async chunks(sessionId: string, page: PageOptions) {
    const { events, next } = await this.#page<ChunkEvent>({ index: 'byChunk', equals: [sessionId], ...page });
    return { events: events.map(toChunk), next };
  }

  async #first<E extends ChainEvent>(index: string, value: string): Promise<E | undefined> {
    const { items } = await this.#options.store.events.find({ index, equals: [value], limit: 1 });
    return items[0]?.document as E | undefined;
  }

  /** What is not there may be in a block that is not read yet. */
  async #findNow<E>(find: () => Promise<E | undefined>): Promise<E | undefined> {
    const { indexer, wakeup } = this.#options;
    const found = await find();
    if (found) return found;
    indexer.assertReadable();
    try {
      if (await indexer.step()) wakeup.notify();
    } catch (error) {
      if (!isOvertaken(error)) throw error;
    }
    return find();
  }

  async #page<E extends ChainEvent>(options: FindOptions): Promise<{ events: E[]; next: string | null }> {
    this.#options.indexer.assertReadable();
    try {
      const { items, next } = await this.#options.store.events.find(options);
      return { events: items.map(({ document }) => document as E), next };
    } catch (cause) {
      if (!isDocumentStoreError(cause, 'invalid_query')) throw cause;
      throw problem('invalid_request', { detail: 'after is not the next of a page like this one', cause });
    }
  }
}
