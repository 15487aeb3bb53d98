/** Checks a write and works out its index entries, once for all adapters. */
import { indexesOf } from './definition.ts';
import type { BatchOperation, CollectionDefinition } from './document-store.ts';
import { copyDocument } from './document-value.ts';
import { DocumentStoreError } from './errors.ts';
import { checkKey, indexEntry } from './index-key.ts';

export const MAX_BATCH = 1000;

/** Entry text by index name; an index that the document is not in is absent. */
export type Entries = Readonly<Record<string, string>>;

/** A checked write with the document to store and what it is found by. */
interface PreparedDocument {
  readonly key: string;
  readonly document: object;
  readonly entries: Entries;
}

export type PreparedWrite =
  | ({ readonly kind: 'insert' } & PreparedDocument)
  | ({ readonly kind: 'upsert' } & PreparedDocument)
  | ({ readonly kind: 'replace'; readonly expectedVersion: number } & PreparedDocument)
  | { readonly kind: 'remove'; readonly key: string; readonly expectedVersion?: number };

export function entriesOf<T extends object>(
  definition: CollectionDefinition<T>,
  key: string,
  document: object,
): Entries {
  const entries: Record<string, string> = {};
  for (const index of indexesOf(definition)) {
    const entry = indexEntry(definition.name, index, key, document);
    if (entry !== null) entries[index.name] = entry;
  }
  return entries;
}

function checkVersion(collection: string, version: number | undefined): number {
  if (Number.isSafeInteger(version) && (version as number) > 0) return version as number;
  throw new DocumentStoreError('version_conflict', `${collection}: ${version} is not a version`, {
    details: { collection },
  });
}

/** Throws `invalid_document`, `document_too_large`, or `version_conflict` where the expected version can be none. */
export function prepareWrite<T extends object>(
  definition: CollectionDefinition<T>,
  operation: Omit<BatchOperation, 'collection'>,
): PreparedWrite {
  const { kind } = operation;
  const key = checkKey(definition.name, operation.key);
  if (kind === 'remove') {
    return operation.expectedVersion === undefined
      ? { kind, key }
      : { kind, key, expectedVersion: checkVersion(definition.name, operation.expectedVersion) };
  }
  const { document } = copyDocument(definition.name, operation.document ?? {});
  const entries = entriesOf(definition, key, document);
  if (kind !== 'replace') return { kind, key, document, entries };
  const expectedVersion = checkVersion(definition.name, operation.expectedVersion);
  return { kind, key, document, entries, expectedVersion };
}

export const duplicateKey = (collection: string, index: string, cause?: unknown): DocumentStoreError =>
  new DocumentStoreError('duplicate_key', `${collection}: another document has the same ${index}`, {
    details: { collection, index },
    cause,
  });

export const versionConflict = (collection: string, expected: number, found?: number): DocumentStoreError =>
  new DocumentStoreError(
    'version_conflict',
    `${collection}: expected version ${expected}${found === undefined ? '' : `, found ${found || 'none'}`}`,
    { details: { collection } },
  );

/** The same error with its place in the batch. */
export const inBatch = (error: unknown, operation: number): unknown =>
  error instanceof DocumentStoreError
    ? new DocumentStoreError(error.code, error.message, {
        details: { ...error.details, operation },
        cause: error.cause ?? error,
      })
    : error;
