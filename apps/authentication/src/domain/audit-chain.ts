/**
 * The chain of the audit log. Entry n, counted from 0, names the hash of entry n-1; the first names 64 zeros.
 *
 *     hash = SHA-256("lucid-audit/1\n" || JCS(entry without its hash))
 *
 * So a hash stands for everything before it, and what is put into the ledger cannot be rewritten unseen.
 */
import { createHash } from 'node:crypto';
import { canonicalBytes } from '@lucid/jcs';
import type { AuditRow } from '../store/rows.ts';

/** How far a chain reaches, and the hash it ends with. */
export interface ChainHead {
  readonly entries: number;
  readonly hash: string;
}

export const EMPTY_HEAD: ChainHead = { entries: 0, hash: '0'.repeat(64) };

const DOMAIN = 'lucid-audit/1\n';

export function entryHash({
  hash: _hash,
  ...entry
}: AuditRow | (Omit<AuditRow, 'hash'> & { hash?: string })): string {
  const said = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
  return createHash('sha256').update(DOMAIN).update(canonicalBytes(said)).digest('hex');
}

export function chainEntry(head: ChainHead, said: Omit<AuditRow, 'number' | 'previous' | 'hash'>): AuditRow {
  const entry = { ...said, number: head.entries, previous: head.hash };
  return { ...entry, hash: entryHash(entry) };
}

export const headAfter = ({ number, hash }: AuditRow): ChainHead => ({ entries: number + 1, hash });

/** Follows the rows from a head on. `fault` is the number of the first row that is missing or not what its hash says. */
export function followChain(from: ChainHead, rows: Iterable<AuditRow>): { head: ChainHead; fault?: number } {
  let head = from;
  for (const row of rows) {
    const good = row.number === head.entries && row.previous === head.hash && entryHash(row) === row.hash;
    if (!good) return { head, fault: head.entries };
    head = headAfter(row);
  }
  return { head };
}
