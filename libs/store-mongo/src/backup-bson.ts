/**
 * BSON documents as `mongodump` writes them: one behind the other, nothing between. They are never decoded and encoded again by
 * way of plain objects, which would put names such as "10" before "a" and forget which number was an int64: what is restored is
 * the bytes that were dumped.
 */
import { BSON } from 'mongodb';

/** Of a server: 16 MiB, and what it keeps for itself (BSONObjMaxInternalSize). */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024 + 16 * 1024;
const MIN_DOCUMENT_BYTES = 5;
/** BSONDepth of the server. */
const MAX_DEPTH = 200;

const TYPE_OBJECT = 3;
const TYPE_ARRAY = 4;

/** Bytes that are no BSON documents; the message names the place. */
export class DamagedBsonError extends Error {
  override readonly name = 'DamagedBsonError';
}

/** A document whose names keep their order. */
type OrderedDocument = Map<string, unknown>;
type Element = readonly [type: number, nameAt: number, nameSize: number, at: number, size: number];

const DECODING = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
  validation: { utf8: true },
} as const;

/** A value that has no names inside, decoded by the driver's BSON as that of a document with nothing else in it. */
function leafOf(bytes: Uint8Array, [type, , , at, size]: Element): unknown {
  const alone = new Uint8Array(4 + 2 + size + 1);
  new DataView(alone.buffer).setInt32(0, alone.length, true);
  alone[4] = type;
  alone.set(bytes.subarray(at, at + size), 6);
  return BSON.deserialize(alone, DECODING)[''];
}

function decodedOf(bytes: Uint8Array, element: Element, depth: number): unknown {
  const [type, , , at, size] = element;
  if (type !== TYPE_OBJECT && type !== TYPE_ARRAY) return leafOf(bytes, element);
  const inside = orderedOf(bytes.subarray(at, at + size), depth + 1);
  return type === TYPE_OBJECT ? inside : [...inside.values()];
}

function orderedOf(bytes: Uint8Array, depth: number): OrderedDocument {
  if (depth > MAX_DEPTH) throw new DamagedBsonError(`it is nested deeper than ${MAX_DEPTH}`);
  const ordered: OrderedDocument = new Map();
  const names = new TextDecoder('utf-8', { fatal: true });
  for (const element of BSON.onDemand.parseToElements(bytes) as Iterable<Element>) {
    const [, nameAt, nameSize] = element;
    ordered.set(names.decode(bytes.subarray(nameAt, nameAt + nameSize)), decodedOf(bytes, element, depth));
  }
  return ordered;
}

/** What the driver writes as exactly these bytes. @throws DamagedBsonError where nothing does */
export function insertableOf(bytes: Uint8Array): OrderedDocument {
  let same: boolean;
  let ordered: OrderedDocument;
  try {
    ordered = orderedOf(bytes, 0);
    same = Buffer.compare(BSON.serialize(ordered), bytes) === 0;
  } catch (cause) {
    throw new DamagedBsonError('it is no BSON document', { cause });
  }
  if (!same) throw new DamagedBsonError('it holds what cannot be written again as it is');
  return ordered;
}

/** Cuts a stream of bytes into documents; holds one document and one part of the stream. @throws DamagedBsonError */
export async function* documentsIn(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  /** Parts behind `held`, joined only when the document that begins there is whole. */
  let more: Uint8Array[] = [];
  let heldBytes = 0;
  let offset = 0;
  let wanted = 4;
  for await (const part of parts) {
    more.push(part);
    heldBytes += part.length;
    if (heldBytes < wanted) continue;
    held = more.length === 1 ? (more[0] as Uint8Array) : Buffer.concat(more);
    let at = 0;
    for (;;) {
      const rest = held.length - at;
      const size = rest < 4 ? undefined : sizeAt(held, at, offset);
      wanted = size ?? 4;
      if (size === undefined || rest < size) break;
      yield held.subarray(at, at + size);
      at += size;
      offset += size;
    }
    held = held.subarray(at);
    more = [held];
    heldBytes = held.length;
  }
  if (heldBytes > 0) throw new DamagedBsonError(`the document at byte ${offset} is cut off`);
}

function sizeAt(bytes: Uint8Array, at: number, offset: number): number {
  const size = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getInt32(0, true);
  if (size < MIN_DOCUMENT_BYTES || size > MAX_DOCUMENT_BYTES)
    throw new DamagedBsonError(`no document begins at byte ${offset}`);
  return size;
}

/** How a collection is made and looked up, as `mongodump` writes it beside the documents. */
export interface CollectionMetadata {
  readonly options: Readonly<Record<string, unknown>>;
  /** As `listIndexes` answers them. */
  readonly indexes: readonly Readonly<Record<string, unknown>>[];
}

/** Canonical extended JSON. */
export const metadataText = (name: string, { options, indexes }: CollectionMetadata): string =>
  BSON.EJSON.stringify({ options, indexes, collectionName: name, type: 'collection' }, { relaxed: false });

/** @throws DamagedBsonError */
export function parseMetadata(text: string): CollectionMetadata {
  try {
    const { options = {}, indexes } = BSON.EJSON.parse(text, { relaxed: true });
    const named =
      Array.isArray(indexes) && indexes.every((each) => typeof each?.name === 'string' && each.key);
    if (named && typeof options === 'object' && options !== null) return { options, indexes };
  } catch (cause) {
    throw new DamagedBsonError('it is not the JSON of a collection', { cause });
  }
  throw new DamagedBsonError('it does not say the options and indexes of a collection');
}
