/**
 * Opens the tree that a store holds, or makes an empty one, and refuses a store that does not hold what the log signed.
 *
 * Checked at each start: whose log it is; the head's signature; that the tiles and entries at the right edge hash to the
 * signed root; that nothing lies beyond it; the last 64 bundles against their tiles; and that the last head given out,
 * where a mark of it is kept, is part of the tree. Everything older is checked when it is read.
 */
import type { KvStore } from '@lucid/kv-store';
import { rootAtAsync } from '@lucid/merkle';
import { EntryBundle, indexEntryBundle } from './entry-bundle.ts';
import { GrowingTree } from './growing-tree.ts';
import { Head } from './head.ts';
import { LedgerError } from './ledger-error.ts';
import type { Notary } from './notary.ts';
import {
  bundleKey,
  headKey,
  identityKey,
  sequenceRange,
  tailSegmentKey,
  tailSegmentPosition,
  tileKey,
} from './store-keys.ts';
import { TileNodes } from './tile-nodes.ts';
import { formatTilePath, TILE_WIDTH } from './tile-path.ts';
import { TileReader } from './tile-reader.ts';
import { HASH_SIZE_BYTES } from './tree-hash.ts';

/** A mark, outside the store, of the last head given out; it uncovers a store that was set back. */
export interface HeadMark {
  /** Null where there is none yet. */
  read(): Promise<string | null>;
  /** Called after a head is durable and before anybody is told; need not be durable itself. */
  write(note: string): void;
  close(): Promise<void>;
}

export interface OpenedTree {
  readonly tree: GrowingTree;
  readonly reader: TileReader;
  readonly head: Head;
  /** Where the stored tail segments of the unfilled bundle begin. */
  readonly tailPositions: number[];
}

const BUNDLES_CHECKED_AT_START = 64;

const damaged = (detail: string, cause?: unknown): LedgerError =>
  new LedgerError('ledger_damaged', { detail, cause });

export async function openTree(options: {
  kv: KvStore;
  notary: Notary;
  mark?: HeadMark;
}): Promise<OpenedTree> {
  const { kv, notary, mark } = options;
  const note = await readOrCreateHead(kv, notary);
  const signed = notary.open(note);
  if (!signed) throw damaged('its head is not signed by this log');
  const { tree, tailPositions } = await loadTree(kv, signed.size);
  const head = new Head({ size: tree.size, edges: tree.edges(), note });
  if (!Buffer.from(head.root).equals(signed.root))
    throw damaged('its last entries and tiles do not hash to the signed root');
  const reader = new TileReader(kv, tree);
  const fullBundles = Math.floor(tree.size / TILE_WIDTH);
  await reader.check(Math.max(0, fullBundles - BUNDLES_CHECKED_AT_START), fullBundles);
  const marked = mark ? await mark.read() : null;
  if (marked !== null) await assertExtends({ reader, notary, size: tree.size }, marked);
  return { tree, reader, head, tailPositions };
}

/** Writes what log this is, and the signed empty head, where the store is empty. */
async function readOrCreateHead(kv: KvStore, notary: Notary): Promise<string> {
  const identity = JSON.stringify({
    format: 'lucid-ledger/1',
    origin: notary.origin,
    key: notary.verifierKey,
  });
  const [stored, note] = await kv.getMany([identityKey, headKey]);
  if (stored && Buffer.from(stored).toString() !== identity)
    throw new LedgerError('ledger_foreign', { detail: `it says ${Buffer.from(stored).toString()}` });
  if (stored && note) return Buffer.from(note).toString();
  for await (const _ of kv.iterate({ limit: 1 }))
    throw damaged(`its ${stored ? 'head' : 'identity'} is missing`);
  const empty = Head.sign(0, [], notary).note;
  await kv.batch(
    [
      { type: 'put', key: identityKey, value: Buffer.from(identity) },
      { type: 'put', key: headKey, value: Buffer.from(empty) },
    ],
    { sync: true },
  );
  return empty;
}

async function loadTree(kv: KvStore, size: number): Promise<{ tree: GrowingTree; tailPositions: number[] }> {
  const fullBundles = Math.floor(size / TILE_WIDTH);
  const tree = fullBundles === 0 ? GrowingTree.empty() : await loadFullPart(kv, fullBundles);
  const tailPositions: number[] = [];
  for await (const [key, segment] of kv.iterate(sequenceRange(fullBundles))) {
    const expected = tailSegmentKey(fullBundles, tree.size - fullBundles * TILE_WIDTH);
    if (!expected.equals(key)) throw damaged('it holds entries out of order, or beyond its signed head');
    tailPositions.push(tailSegmentPosition(key));
    appendSegment(tree, segment, size);
  }
  if (tree.size !== size) throw damaged(`it holds ${tree.size} entries, its signed head says ${size}`);
  return { tree, tailPositions };
}

function appendSegment(tree: GrowingTree, segment: Uint8Array, size: number): void {
  let offset = 0;
  while (offset + 2 <= segment.length && tree.size < size) {
    const end = offset + 2 + ((segment[offset] as number) << 8) + (segment[offset + 1] as number);
    if (end > segment.length) break;
    tree.append(segment.subarray(offset + 2, end));
    offset = end;
  }
  if (offset !== segment.length || offset === 0)
    throw damaged('a segment of its last entries is cut or too long');
}

async function loadFullPart(kv: KvStore, fullBundles: number): Promise<GrowingTree> {
  const tiles: TileNodes[] = [];
  for (
    let level = 0, count = fullBundles * TILE_WIDTH;
    count > 0;
    level++, count = Math.floor(count / TILE_WIDTH)
  ) {
    const number = Math.floor((count - 1) / TILE_WIDTH);
    const tile = await loadTile(kv, level, number, count - number * TILE_WIDTH);
    tiles.push(tile);
    const child = tiles[level - 1];
    if (child?.isFull && !tile.node(0, tile.width - 1).equals(child.root()))
      throw damaged('two levels of its tiles do not fit each other');
  }
  const bundle = await loadBundle(kv, fullBundles - 1);
  return new GrowingTree({ size: fullBundles * TILE_WIDTH, tiles, bundle });
}

async function loadTile(kv: KvStore, level: number, number: number, width: number): Promise<TileNodes> {
  const hashes = await kv.get(tileKey(level, number));
  const path = formatTilePath({ level, number, width });
  if (!hashes) throw damaged(`${path} is missing`);
  if (hashes.length !== width * HASH_SIZE_BYTES) throw damaged(`${path} has ${hashes.length} bytes`);
  return TileNodes.fromHashes(level, number, hashes);
}

async function loadBundle(kv: KvStore, number: number): Promise<EntryBundle> {
  const bytes = await kv.get(bundleKey(number));
  const path = formatTilePath({ level: 'entries', number, width: TILE_WIDTH });
  if (!bytes) throw damaged(`${path} is missing`);
  const offsets = indexEntryBundle(bytes, TILE_WIDTH);
  if (!offsets) throw damaged(`${path} is not 256 entries`);
  return EntryBundle.fromStored(bytes, offsets);
}

/** Throws `ledger_rolled_back` where a head signed by this log is not part of the tree; ignores what it did not sign. */
export async function assertExtends(
  log: { reader: TileReader; notary: Notary; size: number },
  note: string,
): Promise<void> {
  const seen = log.notary.open(note);
  if (!seen || seen.size === 0) return;
  if (seen.size > log.size)
    throw new LedgerError('ledger_rolled_back', {
      detail: `a checkpoint of ${seen.size} entries was given out, the store holds ${log.size}`,
    });
  const root = await rootAtAsync(log.reader, seen.size);
  if (!Buffer.from(root).equals(seen.root))
    throw new LedgerError('ledger_rolled_back', {
      detail: `the store holds another tree of ${seen.size} entries`,
    });
}
