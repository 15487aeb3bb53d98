/** Brings a collection's indexes, and the entries in its documents, to what is declared. Safe to repeat and to run twice at once. */
import {
  type CollectionDefinition,
  entriesOf,
  type IndexDefinition,
  indexesOf,
  indexSignature,
} from '@lucid/document-store';
import type { Db, Collection as MongoCollection } from 'mongodb';
import { fromBson } from './documents-bson.ts';
import type { Row } from './documents-collection.ts';

/** Collection of `{_id: name, indexes: {name: signature}}`; its name cannot be one of the port's. */
const DECLARED = '_indexes';
const OWN_INDEX = /^lucid_/;

interface Declared {
  readonly _id: string;
  readonly indexes: Readonly<Record<string, string>>;
}

const indexName = (index: IndexDefinition): string => `lucid_${index.name}${index.unique ? '_unique' : ''}`;

/** An index as it is made anew: those of this adapter are sparse, which not every server tells when it lists them. */
export const fullIndex = (index: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  OWN_INDEX.test(String(index.name)) ? { ...index, sparse: true } : index;

async function dropOthers(rows: MongoCollection<Row>, wanted: ReadonlySet<string>): Promise<void> {
  const found = await rows.listIndexes().toArray();
  for (const { name } of found) {
    if (OWN_INDEX.test(name) && !wanted.has(name)) await rows.dropIndex(name);
  }
}

/** A document that changes meanwhile is left: whoever wrote it knew its entries. */
async function rewriteEntries(
  rows: MongoCollection<Row>,
  definition: CollectionDefinition<object>,
): Promise<void> {
  for await (const row of rows.find({})) {
    const x = entriesOf(definition, row._id, fromBson(row.d) as object);
    await rows.updateOne({ _id: row._id, v: row.v }, { $set: { x } });
  }
}

const sameIndexes = (a: Declared | null, b: Declared['indexes']): boolean =>
  a !== null && JSON.stringify(Object.entries(a.indexes).sort()) === JSON.stringify(Object.entries(b).sort());

export async function openRows(
  db: Db,
  definition: CollectionDefinition<object>,
): Promise<MongoCollection<Row>> {
  const rows = db.collection<Row>(definition.name);
  const declared = db.collection<Declared>(DECLARED);
  const wanted = indexesOf(definition);
  const indexes = Object.fromEntries(wanted.map((index) => [index.name, indexSignature(index)]));
  const before = await declared.findOne({ _id: definition.name });
  if (sameIndexes(before, indexes)) return rows;
  if (before) {
    await dropOthers(rows, new Set(wanted.map(indexName)));
    await rewriteEntries(rows, definition);
  }
  for (const index of wanted) {
    const key = { [`x.${index.name}`]: 1 as const };
    const options = { name: indexName(index), sparse: true, ...(index.unique ? { unique: true } : {}) };
    await rows.createIndex(key, options);
  }
  await declared.replaceOne({ _id: definition.name }, { indexes }, { upsert: true });
  return rows;
}
