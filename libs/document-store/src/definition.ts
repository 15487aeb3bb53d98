import type { BatchOperation, Collection, CollectionDefinition, IndexDefinition } from './document-store.ts';

const COLLECTION_NAME = /^[a-z][a-z0-9-]{0,47}$/;
const INDEX_NAME = /^[a-z][A-Za-z0-9]{0,31}$/;
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** The index over the primary key, and the one that `expiresAt` makes. */
export const KEY_INDEX = 'key';
export const EXPIRY_INDEX = 'expiry';

function checkIndex(where: string, index: IndexDefinition): void {
  if (!INDEX_NAME.test(index.name) || index.name === KEY_INDEX || index.name === EXPIRY_INDEX)
    throw new TypeError(`${where}: ${JSON.stringify(index.name)} cannot name an index`);
  if (index.fields.length === 0 || index.fields.length > 8)
    throw new TypeError(`${where}: index ${index.name} needs 1 to 8 fields`);
  for (const field of index.fields) {
    if (!FIELD_NAME.test(field))
      throw new TypeError(
        `${where}: index ${index.name}: ${JSON.stringify(field)} cannot be an indexed field`,
      );
  }
}

/** Checks a definition and returns it as it is. Throws `TypeError`. */
export function defineCollection<T extends object>(
  definition: CollectionDefinition<T>,
): CollectionDefinition<T> {
  if (!COLLECTION_NAME.test(definition.name))
    throw new TypeError(`${JSON.stringify(definition.name)} cannot name a collection`);
  const where = `collection ${definition.name}`;
  for (const index of definition.indexes) checkIndex(where, index);
  if (new Set(definition.indexes.map((index) => index.name)).size !== definition.indexes.length)
    throw new TypeError(`${where}: two indexes have the same name`);
  if (definition.expiresAt !== undefined && !FIELD_NAME.test(definition.expiresAt))
    throw new TypeError(`${where}: ${JSON.stringify(definition.expiresAt)} cannot be the expiry field`);
  return definition;
}

/** The declared indexes and the one for expiry. */
export const indexesOf = <T extends object>(definition: CollectionDefinition<T>): IndexDefinition[] =>
  definition.expiresAt === undefined
    ? [...definition.indexes]
    : [...definition.indexes, { name: EXPIRY_INDEX, fields: [definition.expiresAt] }];

/** What makes one index on disk differ from another of the same name. */
export const indexSignature = (index: IndexDefinition): string =>
  `${index.fields.join(',')}${index.unique ? ' unique' : ''}`;

export const sameDefinition = <A extends object, B extends object>(
  a: CollectionDefinition<A>,
  b: CollectionDefinition<B>,
): boolean => {
  const signature = (indexes: IndexDefinition[]) =>
    indexes
      .map((index) => `${index.name}:${indexSignature(index)}`)
      .sort()
      .join(';');
  return signature(indexesOf(a)) === signature(indexesOf(b));
};

export const insertInto = <T extends object>(into: Collection<T>, document: T): BatchOperation => ({
  collection: into.definition.name,
  kind: 'insert',
  key: into.definition.key(document),
  document,
});

export const replaceIn = <T extends object>(
  into: Collection<T>,
  document: T,
  expectedVersion: number,
): BatchOperation => ({
  collection: into.definition.name,
  kind: 'replace',
  key: into.definition.key(document),
  document,
  expectedVersion,
});

export const upsertInto = <T extends object>(into: Collection<T>, document: T): BatchOperation => ({
  collection: into.definition.name,
  kind: 'upsert',
  key: into.definition.key(document),
  document,
});

export const removeFrom = <T extends object>(
  from: Collection<T>,
  key: string,
  expectedVersion?: number,
): BatchOperation => ({ collection: from.definition.name, kind: 'remove', key, expectedVersion });
