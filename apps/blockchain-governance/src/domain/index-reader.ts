/** What the index has, read after it took what is new: who asks sees every block that was there when it asked. */
import { type Indexer, isOvertaken } from '@lucid/chain-index';
import { type FindOptions, isDocumentStoreError } from '@lucid/document-store';
import { askingIndex, problem } from '../problem.ts';
import type { GovernanceIndex } from '../store/index-store.ts';
import type { GovernanceDocument } from './governance-event.ts';

type Kind = GovernanceDocument['kind'];
type With<K extends Kind, D> = D extends { readonly kind: infer Known }
  ? K extends Known
    ? D
    : never
  : never;
type Of<K extends Kind> = With<K, GovernanceDocument>;

interface IndexReaderOptions {
  readonly store: GovernanceIndex;
  readonly indexer: Indexer<GovernanceDocument>;
}

export class IndexReader {
  readonly #options: IndexReaderOptions;

  constructor(options: IndexReaderOptions) {
    this.#options = options;
  }

  /** Takes what is new. @throws ProblemError governance_absent, chain_unavailable, chain_replaced, index_clearing */
  async refresh(): Promise<void> {
    const { indexer } = this.#options;
    indexer.assertReadable();
    try {
      while (await askingIndex(indexer.step()));
    } catch (error) {
      if (!isOvertaken(error)) throw error;
    }
    indexer.assertReadable();
  }

  /** A page of documents of one kind. @throws ProblemError invalid_request */
  async page<K extends Kind>(
    _kind: K | readonly K[],
    options: FindOptions,
  ): Promise<{ items: Of<K>[]; next: string | null }> {
    try {
      const { items, next } = await this.#options.store.events.find(options);
      return { items: items.map(({ document }) => document as Of<K>), next };
    } catch (cause) {
      if (!isDocumentStoreError(cause, 'invalid_query')) throw cause;
      throw problem('invalid_request', { detail: 'after is not the next of a page like this one', cause });
    }
  }

  /** All of one kind, in the order of the chain. */
  async all<K extends Kind>(kind: K, options: Omit<FindOptions, 'limit' | 'after'>): Promise<Of<K>[]> {
    const found: Of<K>[] = [];
    let after: string | null | undefined;
    do {
      const page = await this.page(kind, { ...options, limit: 1000, ...(after ? { after } : {}) });
      found.push(...page.items);
      after = page.next;
    } while (after !== null);
    return found;
  }

  async first<K extends Kind>(kind: K, options: Omit<FindOptions, 'limit' | 'after'>): Promise<Of<K> | null> {
    const { items } = await this.page(kind, { ...options, limit: 1 });
    return items[0] ?? null;
  }
}
