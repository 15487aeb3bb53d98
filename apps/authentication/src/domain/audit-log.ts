/**
 * What happened to accounts, in a chain of hashes that several instances make together.
 */
import { isDocumentStoreError } from '@lucid/document-store';
import type { Clock } from '@lucid/service-kit';
import { NumberedLog } from '../store/numbered-log.ts';
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

const PAGE = 1_000;
const CUT_PAGE = 500;

type Said = Omit<AuditRow, 'number' | 'previous' | 'hash'>;

export class AuditLog {
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #log: NumberedLog<Said, AuditRow, ChainHead>;

  constructor(tables: Tables, clock: Clock) {
    this.#tables = tables;
    this.#clock = clock;
    this.#log = new NumberedLog({
      documents: tables.documents,
      collection: tables.audit,
      readEnd: () => this.head(),
      append: (head, said: Said) => {
        const row = chainEntry(head, said);
        return { row, end: headAfter(row) };
      },
    });
  }

  /** Resolves once it is durable. @throws DocumentStoreError; then it is unknown whether it was added */
  add(saying: AuditSaying): Promise<void> {
    return this.#log.add({ atMs: this.#clock.nowMs(), ...saying });
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
    while (head.entries < newest.entries) {
      signal.throwIfAborted();
      const from = numberKey(head.entries);
      const { items } = await this.#tables.audit.find({ index: 'key', from, limit: PAGE });
      const rows = items.map(({ document }) => document);
      const followed = followChain(head, rows);
      const stuck = followed.fault !== undefined || rows.length === 0;
      head = followed.head;
      if (!stuck) continue;
      // What was to come may have grown too old, and been removed, meanwhile.
      const cut = await this.cut();
      if (cut.entries <= head.entries) return { head, fault: head.entries };
      head = cut;
    }
    return { head };
  }

  /** Removes entries made before `untilMs`, but for the last of all; the chain then begins at the hash they ended with. */
  async cutOff(untilMs: number): Promise<number> {
    const { audit, documents } = this.#tables;
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
      // Said first: what is removed must be vouched for.
      await this.#moveCut(headAfter(last));
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

  /** Forwards only: another instance may be further already. */
  async #moveCut(head: ChainHead): Promise<void> {
    const { auditCut } = this.#tables;
    const row = { id: 'cut', ...head } as const;
    for (;;) {
      const stored = await auditCut.get('cut');
      if (stored && stored.document.entries >= head.entries) return;
      try {
        await (stored ? auditCut.replace(row, stored.version) : auditCut.insert(row));
        return;
      } catch (error) {
        const raced = isDocumentStoreError(error, 'version_conflict');
        if (!raced && !isDocumentStoreError(error, 'duplicate_key')) throw error;
      }
    }
  }
}
