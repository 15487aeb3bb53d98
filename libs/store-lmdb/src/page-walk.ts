/**
 * Walks the B-trees of an LMDB file without mapping it, so that a broken page is an error message and not a crash of the process.
 *
 * A page (mdb.c of lmdb-js, 64 bit, little endian) begins with page number u64, transaction u64, pad u16, flags u16, lower u16,
 * upper u16; then u16 offsets of its nodes, relative to byte 24. A node: low u16, high u16, flags u16, key size u16, key, data. In a
 * branch, low, high and flags are the child's page number; in a leaf, low and high are the size of the data. Big data lies on
 * overflow pages, whose number is the data. A table inside a table is 48 bytes that end with its root page.
 */
import { readSync } from 'node:fs';

const HEADER_BYTES = 24;
const NODE_BYTES = 8;
const TABLE_BYTES = 48;
const FLAG = { branch: 1, leaf: 2, overflow: 4 };
const NODE_FLAG = { bigData: 1, table: 2 };
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

export interface PageFile {
  readonly descriptor: number;
  readonly sizeBytes: number;
  readonly pageBytes: number;
}

export interface Tree {
  /** Page number of the root; all bits set where the tree is empty. */
  readonly root: bigint;
  readonly depth: number;
  /** The keys are integers, whose order is not that of their bytes: it is not checked. */
  readonly integerKeys: boolean;
}

export interface WalkOptions {
  /** False leaves the leaves of inner tables unread (their place in the file is still checked), for large files. */
  readonly readLeaves: boolean;
}

interface Visit {
  readonly page: number;
  readonly levelsBelow: number;
  readonly inner: boolean;
  /** Keys of the page are at least `low` and below `high`; null without such a bound. */
  readonly low: Buffer | null;
  readonly high: Buffer | null;
}

interface Node {
  readonly offset: number;
  readonly key: Buffer;
}

class Fault extends Error {}

function nodesOf(page: Buffer, number: number): Node[] {
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  const nodes: Node[] = [];
  for (let at = 0; at < lower; at += 2) {
    const offset = page.readUInt16LE(HEADER_BYTES + at) + HEADER_BYTES;
    if (offset < HEADER_BYTES + upper || offset + NODE_BYTES > page.length)
      throw new Fault(`page ${number} has a broken node`);
    const keyEnd = offset + NODE_BYTES + page.readUInt16LE(offset + 6);
    if (keyEnd > page.length) throw new Fault(`page ${number} has a broken key`);
    nodes.push({ offset, key: page.subarray(offset + NODE_BYTES, keyEnd) });
  }
  return nodes;
}

/** The first key of a branch is not used; it stands for everything below the second. */
function checkOrder(nodes: readonly Node[], { page, low, high }: Visit, isBranch: boolean): void {
  const keys = nodes.slice(isBranch ? 1 : 0).map((node) => node.key);
  let before = low;
  for (const key of keys) {
    const order = before ? Buffer.compare(before, key) : -1;
    if (order > 0 || (order === 0 && before !== low))
      throw new Fault(`the keys of page ${page} are not in order`);
    before = key;
  }
  if (before && high && keys.length > 0 && Buffer.compare(before, high) >= 0)
    throw new Fault(`the keys of page ${page} are not in order`);
}

class Walk {
  readonly #file: PageFile;
  readonly #options: WalkOptions;
  readonly #pages: number;
  readonly #open: Visit[] = [];
  readonly #buffer: Buffer;
  #visits = 0;
  #integerKeys = false;

  constructor(file: PageFile, options: WalkOptions) {
    this.#file = file;
    this.#options = options;
    this.#pages = Math.floor(file.sizeBytes / file.pageBytes);
    this.#buffer = Buffer.alloc(file.pageBytes);
  }

  run(tree: Tree): void {
    this.#integerKeys = tree.integerKeys;
    this.#add(tree, false);
    for (let visit = this.#open.pop(); visit; visit = this.#open.pop()) {
      this.#visits += 1;
      if (this.#visits > this.#pages) throw new Fault('its pages form a circle');
      const skip = visit.inner && visit.levelsBelow === 0 && !this.#options.readLeaves;
      if (!skip) this.#visit(visit);
    }
  }

  #add({ root, depth }: Tree, inner: boolean): void {
    if (root === NO_PAGE) return;
    this.#open.push({ page: this.#checkPage(root), levelsBelow: depth - 1, inner, low: null, high: null });
  }

  #checkPage(page: bigint, count = 1): number {
    if (page < 2n || page + BigInt(count) > BigInt(this.#pages))
      throw new Fault(`page ${page} lies outside the file of ${this.#pages} pages`);
    return Number(page);
  }

  #read(page: number, sizeBytes: number): Buffer {
    const offset = page * this.#file.pageBytes;
    const got = readSync(this.#file.descriptor, this.#buffer, 0, sizeBytes, offset);
    if (got !== sizeBytes || this.#buffer.readBigUInt64LE(0) !== BigInt(page))
      throw new Fault(`page ${page} is not what was written there`);
    return this.#buffer;
  }

  #visit(visit: Visit): void {
    const bytes = this.#read(visit.page, this.#file.pageBytes);
    const isBranch = visit.levelsBelow > 0;
    const flags = bytes.readUInt16LE(18);
    const lower = bytes.readUInt16LE(20);
    const upper = bytes.readUInt16LE(22);
    const wanted = isBranch ? FLAG.branch : FLAG.leaf;
    if ((flags & 7) !== wanted || lower > upper || upper + HEADER_BYTES > this.#file.pageBytes || lower & 1)
      throw new Fault(`page ${visit.page} has a broken header`);
    const page = Buffer.from(bytes);
    const nodes = nodesOf(page, visit.page);
    if (!this.#integerKeys) checkOrder(nodes, visit, isBranch);
    nodes.forEach(({ offset }, place) => {
      if (!isBranch) this.#visitLeafNode(page, offset, visit);
      else this.#visitBranchNode(page, nodes, place, visit);
    });
  }

  #visitBranchNode(page: Buffer, nodes: readonly Node[], place: number, visit: Visit): void {
    const { offset, key } = nodes[place] as Node;
    const child = BigInt(page.readUInt32LE(offset)) | (BigInt(page.readUInt16LE(offset + 4)) << 32n);
    this.#open.push({
      page: this.#checkPage(child),
      levelsBelow: visit.levelsBelow - 1,
      inner: visit.inner,
      low: place === 0 ? visit.low : key,
      high: nodes[place + 1]?.key ?? visit.high,
    });
  }

  #visitLeafNode(page: Buffer, offset: number, visit: Visit): void {
    const sizeBytes = page.readUInt32LE(offset);
    const flags = page.readUInt16LE(offset + 4);
    const data = offset + NODE_BYTES + page.readUInt16LE(offset + 6);
    const isBig = (flags & NODE_FLAG.bigData) !== 0;
    if (data + (isBig ? 8 : sizeBytes) > page.length) throw new Fault(`page ${visit.page} has a broken node`);
    if (isBig) this.#visitOverflow(page.readBigUInt64LE(data), sizeBytes);
    else if ((flags & NODE_FLAG.table) !== 0) {
      if (sizeBytes !== TABLE_BYTES) throw new Fault(`page ${visit.page} has a broken table`);
      this.#add(
        { root: page.readBigUInt64LE(data + 40), depth: page.readUInt16LE(data + 6), integerKeys: false },
        true,
      );
    }
  }

  #visitOverflow(first: bigint, sizeBytes: number): void {
    const count = Math.ceil((HEADER_BYTES + sizeBytes) / this.#file.pageBytes);
    const page = this.#checkPage(first, count);
    const bytes = this.#read(page, HEADER_BYTES);
    if ((bytes.readUInt16LE(18) & FLAG.overflow) === 0 || bytes.readUInt32LE(20) < count)
      throw new Fault(`page ${page} does not begin a large value`);
  }
}

/** Null when all is sound, else one phrase on what is not. Throws the system's read errors. */
export function walkTree(file: PageFile, tree: Tree, options: WalkOptions): string | null {
  try {
    new Walk(file, options).run(tree);
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}
