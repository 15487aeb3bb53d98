/**
 * Puts heads of the audit log into the ledger. What is asked for is stored first, so that after any interruption the very same is asked
 * for again: the ledger makes one entry of it.
 */
import type { onSystemChainClientContract } from '@lucid/contracts';
import { isDocumentStoreError } from '@lucid/document-store';
import { type Client, type Clock, isProblem } from '@lucid/service-kit';
import { type AuditAnchorRow, numberKey, type Tables } from '../store/rows.ts';
import type { AuditLog } from './audit-log.ts';

/** Asked again after this long, until it is confirmed. */
const UNCONFIRMED_MS = 5_000;
/** Where nothing was added, it is looked for again after this long. */
const UNCHANGED_MS = 60_000;

/** `expired` is asked for anew; `failed` no repetition changes, and the next head stands for it, too. */
const isSettled = ({ status }: AuditAnchorRow): boolean => status === 'confirmed' || status === 'failed';

interface AuditAnchoringOptions {
  readonly tables: Tables;
  readonly audit: AuditLog;
  readonly chain: Client<typeof onSystemChainClientContract>;
  readonly clock: Clock;
  readonly everyMs: number;
}

export class AuditAnchoring {
  readonly #options: AuditAnchoringOptions;

  #failure: unknown = null;

  constructor(options: AuditAnchoringOptions) {
    this.#options = options;
  }

  /** @throws where the last head could not be handed in */
  assertReached(): void {
    if (this.#failure !== null) throw new Error('the ledger could not be asked', { cause: this.#failure });
  }

  /** In the words of the contract. */
  async head() {
    const { audit, tables } = this.#options;
    const [{ entries, hash }, cut, anchors] = await Promise.all([
      audit.head(),
      audit.cut(),
      tables.auditAnchors.find({ index: 'key', reverse: true, limit: 100 }),
    ]);
    const rows = anchors.items.map(({ document }) => document);
    const newest = rows.find(({ status }) => status === 'confirmed') ?? rows[0];
    return { entries, hash, from: cut.entries, ...(newest ? { anchored: anchoredAnswer(newest) } : {}) };
  }

  /** Number of the first entry that the newest head handed in does not vouch for any more; null where it still does. */
  async contradiction(): Promise<number | null> {
    const { audit, tables } = this.#options;
    const stored = await this.#newest();
    if (!stored) return null;
    const { entries, hash } = stored.document;
    const cut = await audit.cut();
    if (entries < cut.entries) return null;
    if (entries === cut.entries) return hash === cut.hash ? null : entries;
    const last = (await tables.audit.get(numberKey(entries - 1)))?.document;
    return last?.hash === hash ? null : entries - 1;
  }

  async #newest() {
    const { items } = await this.#options.tables.auditAnchors.find({ index: 'key', reverse: true, limit: 1 });
    return items[0] ?? null;
  }

  /** Milliseconds until the next head is due. Rejects where the ledger could not be asked. */
  async round(): Promise<number> {
    const { clock, everyMs } = this.#options;
    const newest = await this.#newest();
    const settled = newest === null || isSettled(newest.document) || (await this.#ask(newest.document));
    const dueInMs = newest ? newest.document.atMs + everyMs - clock.nowMs() : 0;
    if (dueInMs > 0) return settled ? dueInMs : Math.min(dueInMs, UNCONFIRMED_MS);
    const row = await this.#next(newest?.document.entries ?? 0);
    if (!row) return Math.min(everyMs, UNCHANGED_MS);
    return (await this.#ask(row)) ? everyMs : UNCONFIRMED_MS;
  }

  /** The head that is to be put in, stored; null where nothing was added since the last. */
  async #next(since: number): Promise<AuditAnchorRow | null> {
    const { audit, tables, clock } = this.#options;
    const { entries, hash } = await audit.head();
    if (entries <= since) return null;
    const row: AuditAnchorRow = { entries, hash, atMs: clock.nowMs(), status: 'asked' };
    try {
      await tables.auditAnchors.insert(row);
      return row;
    } catch (error) {
      if (!isDocumentStoreError(error, 'duplicate_key')) throw error;
      return (await this.#newest())?.document ?? null;
    }
  }

  /** Whether nothing is left to be done about it. */
  async #ask(row: AuditAnchorRow): Promise<boolean> {
    const { chain, tables } = this.#options;
    const { entries, hash, atMs } = row;
    const { status, anchor } = await chain
      .registerAuditHead({ body: { entries, hash, at: Math.floor(atMs / 1000) } })
      .catch((error: unknown) => {
        if (isProblem(error, 'anchor_conflict')) return { status: 'failed' as const, anchor: undefined };
        this.#failure = error;
        throw error;
      });
    this.#failure = null;
    const known = status === 'pending' || status === 'submitted' ? 'asked' : status;
    const now: AuditAnchorRow = { ...row, status: known, ledgerIndex: anchor?.index };
    await tables.auditAnchors.upsert(now);
    return isSettled(now);
  }
}

const anchoredAnswer = ({ entries, hash, status, ledgerIndex }: AuditAnchorRow) => ({
  ...{ entries, hash, status },
  ...(ledgerIndex === undefined ? {} : { ledgerIndex }),
});
