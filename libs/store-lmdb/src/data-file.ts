/**
 * Looks at `data.mdb` before LMDB maps it, because a map over a file that was cut short, and some broken pages, end the process
 * with a signal where a sentence is due.
 *
 * Layout (mdb.c of lmdb-js, 64 bit): pages 0 and 1 are meta pages: 24 bytes of page header, then magic u32, version u32, address
 * u64, map size u64, two tables of 48 bytes (free pages, then the root table; the first begins with the page size, u32; depth u16 at
 * 6, root page u64 at 40), last page u64, transaction u64. All little endian. The page with the higher transaction is in force.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { damaged } from './lmdb-errors.ts';
import { type Tree, walkTree } from './page-walk.ts';

const MAGIC = 0xbeefc0de;
const META_BYTES = 168;
const FREE_TABLE = 48;
const ROOT_TABLE = 96;
const TRANSACTION = 152;
const MIN_PAGE_BYTES = 512;
const MAX_PAGE_BYTES = 65536;

/** Up to here every page is read (some 25 ms); beyond, all but the leaves. */
const FULL_WALK_BYTES = 64 * 1024 * 1024;
const ATTEMPTS = 5;

interface MetaPage {
  readonly pageBytes: number;
  readonly transaction: bigint;
  readonly trees: readonly Tree[];
}

const treeAt = (bytes: Buffer, offset: number): Tree => ({
  depth: bytes.readUInt16LE(offset + 6),
  root: bytes.readBigUInt64LE(offset + 40),
  integerKeys: offset === FREE_TABLE,
});

function readMeta(file: number, offset: number): MetaPage | null {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(file, bytes, 0, META_BYTES, offset) < META_BYTES) return null;
  const pageBytes = bytes.readUInt32LE(FREE_TABLE);
  const sound =
    bytes.readUInt32LE(24) === MAGIC &&
    pageBytes >= MIN_PAGE_BYTES &&
    pageBytes <= MAX_PAGE_BYTES &&
    (pageBytes & (pageBytes - 1)) === 0;
  if (!sound) return null;
  return {
    pageBytes,
    transaction: bytes.readBigUInt64LE(TRANSACTION),
    trees: [treeAt(bytes, FREE_TABLE), treeAt(bytes, ROOT_TABLE)],
  };
}

function currentMeta(file: number): MetaPage | null {
  const first = readMeta(file, 0);
  const second = first && readMeta(file, first.pageBytes);
  if (!first || !second) return null;
  return first.transaction >= second.transaction ? first : second;
}

function faultOf(file: number, meta: MetaPage): string | null {
  const sizeBytes = fstatSync(file).size;
  const pages = { descriptor: file, sizeBytes, pageBytes: meta.pageBytes };
  for (const tree of meta.trees) {
    const fault = walkTree(pages, tree, { readLeaves: sizeBytes <= FULL_WALK_BYTES });
    if (fault) return fault;
  }
  return null;
}

function checkPages(folder: string, file: number): void {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const meta = currentMeta(file);
    if (!meta) throw damaged(folder, 'data.mdb does not begin like an LMDB file');
    const fault = faultOf(file, meta);
    if (!fault) return;
    // Another process that writes reuses pages under the walk; then the transaction has moved and the fault says nothing.
    if (currentMeta(file)?.transaction === meta.transaction) throw damaged(folder, fault);
  }
}

/** Does nothing where there is no file yet. Throws `store_damaged`. */
export function checkDataFile(folder: string): void {
  const path = join(folder, 'data.mdb');
  if (endianness() !== 'LE' || !existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    // LMDB writes both meta pages of a new file in one go; a crash before leaves an empty file, which it accepts.
    if (fstatSync(file).size > 0) checkPages(folder, file);
  } finally {
    closeSync(file);
  }
}
