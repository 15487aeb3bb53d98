/**
 * What happened to accounts, in a chain of hashes. Adding an entry is inserting its number: whoever comes second with it reads the
 * end anew and tries the next, so several instances make one chain. Entries that come while others are being written are written
 * together.
 */
import { insertInto, isDocumentStoreError } from '@lucid/document-store';
import { type Clock, ProblemError } from '@lucid/service-kit';
import { type AuditRow, numberKey, type Tables } from '../store/rows.ts';
import { type ChainHead, chainEntry, EMPTY_HEAD, followChain, headAfter } from './audit-chain.ts';

export interface AuditSaying {
  readonly event: AuditEvent;
  /** An address, `operator`, `service`, or `unknown`. */
  readonly by: string;
  readonly about?: string | undefined;
  readonly detail?: AuditRow['detail'];
}

export type AuditEvent =
  | 'registered'
  | 'signed_in'
  | 'sign_in_refused'
  | 'refresh_refused'
  | 'refresh_reused'
  | 'login_ended'
  | 'token_made'
  | 'token_revoked'
  | 'user_invited'
  | 'status_changed'
  | 'role_changed'
  | 'totp_begun'
  | 'totp_confirmed'
  | 'totp_removed'
  | 'totp_reset'
  | 'recovery_code_used'
  | 'wallet_added'
  | 'wallet_removed'
  | 'profile_changed'
  | 'key_rotated'
  | 'first_admin_code_made';

interface Waiting {
  readonly said: Omit<AuditRow, 'number' | 'previous' | 'hash'>;
  done(): void;
  failed(error: unknown): void;
}

const MOST_TOGETHER = 200;
const MOST_RACES = 100;
const PAGE = 1_000;
const CUT_PAGE = 500;

export class AuditLog {
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  #head: ChainHead | null = null;
  #writing: Promise<void> | null = null;

  constructor(tables: Tables, clock: Clock) {
    this.#tables = tables;
    this.#clock = clock;
  }

  /** Resolves once it is durable. @throws DocumentStoreError; then it is unknown whether it was added */
  add(saying: AuditSaying): Promise<void> {
    const said = { atMs: this.#clock.nowMs(), ...saying };
    return new Promise((done, failed) => {
      this.#waiting.push({ said, done, failed });
      this.#writing ??= this.#writeAll().finally(() => {
        this.#writing = null;
      });
    });
  }

  async #writeAll(): Promise<void> {
    for (let races = 0; this.#waiting.length > 0; ) {
      const group = this.#waiting.slice(0, MOST_TOGETHER);
      const written = await this.#write(group);
      races = written > 0 ? 0 : races + 1;
      this.#waiting.splice(0, written);
      if (races > MOST_RACES) this.#failAll(new ProblemError('unavailable'));
    }
  }

  /** How many of the group are dealt with: all, those before the first number that somebody else took, or all as failed. */
  async #write(group: readonly Waiting[]): Promise<number> {
    const { documents, audit } = this.#tables;
    try {
      let head = this.#head ?? (await this.head());
      const rows = group.map(({ said }) => {
        const row = chainEntry(head, said);
        head = headAfter(row);
        return row;
      });
      await documents.batch(rows.map((row) => insertInto(audit, row)));
      this.#head = head;
      for (const each of group) each.done();
      return group.length;
    } catch (error) {
      this.#head = null;
      if (!isDocumentStoreError(error, 'duplicate_key')) {
        for (const each of group) each.failed(error);
        return group.length;
      }
      const written = documents.atomicBatch ? 0 : (error.details.operation ?? 0);
      for (const each of group.slice(0, written)) each.done();
      return written;
    }
  }

  #failAll(error: unknown): void {
    for (const each of this.#waiting.splice(0)) each.failed(error);
  }

  /** As the store has it. */
  async head(): Promise<ChainHead> {
    const { items } = await this.#tables.audit.find({ index: 'key', reverse: true, limit: 1 });
    return items[0] ? headAfter(items[0].document) : this.cut();
  }

  /** Where the entries that are kept begin. */
  async cut(): Promise<ChainHead> {
    return (await this.#tables.auditCut.get('cut'))?.document ?? EMPTY_HEAD;
  }

  /** Computes everything anew that is kept, up to a head that was there at the beginning. */
  async verify(signal: AbortSignal): Promise<{ head: ChainHead; fault?: number }> {
    const newest = await this.head();
    let head = await this.cut();
    for (let after: string | null = null; head.entries < newest.entries; ) {
      signal.throwIfAborted();
      const from = numberKey(head.entries);
      const page = await this.#tables.audit.find({ index: 'key', from, limit: PAGE });
      after = page.next;
      const followed = followChain(
        head,
        page.items.map(({ document }) => document),
      );
      if (followed.fault !== undefined) return followed;
      if (followed.head.entries === head.entries) return { head, fault: head.entries };
      head = followed.head;
      if (after === null) break;
    }
    return head.entries < newest.entries ? { head, fault: head.entries } : { head };
  }

  /** Removes entries made before `untilMs`, but for the last of all; the chain then begins at the hash they ended with. */
  async cutOff(untilMs: number): Promise<number> {
    const { audit, auditCut, documents } = this.#tables;
    const head = await this.head();
    let removed = 0;
    for (;;) {
      const { items } = await audit.find({ index: 'key', limit: CUT_PAGE });
      const kept = items.findIndex(
        ({ document }) => document.atMs >= untilMs || document.number + 1 >= head.entries,
      );
      const old = items.slice(0, kept < 0 ? items.length : kept).map(({ document }) => document);
      const last = old.at(-1);
      if (!last) return removed;
      const { entries } = await this.cut();
      // Said first: what is removed must be vouched for. Another instance that is behind must not put it back.
      if (entries <= last.number) await auditCut.upsert({ id: 'cut', ...headAfter(last) });
      await documents.batch(
        old.map(({ number }) => ({
          collection: audit.definition.name,
          kind: 'remove' as const,
          key: numberKey(number),
        })),
      );
      removed += old.length;
      if (kept >= 0) return removed;
    }
  }
}
