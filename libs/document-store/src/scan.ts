/** Work over whole ranges, page by page, in bounded memory. */
import { EXPIRY_INDEX } from './definition.ts';
import type { Collection, RangeOptions, Stored } from './document-store.ts';
import { isDocumentStoreError } from './errors.ts';

const PAGE = 200;

/** Every document of a range, in order; not one snapshot: writes meanwhile may or may not be seen. */
export async function* scan<T extends object>(
  collection: Collection<T>,
  range: RangeOptions & { readonly reverse?: boolean },
): AsyncGenerator<Stored<T>, void, undefined> {
  let after: string | undefined;
  do {
    const page = await collection.find({ ...range, limit: PAGE, after });
    yield* page.items;
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/** Zero when the document has changed since it was read: it may have been given more time. */
async function removeUnchanged<T extends object>(
  collection: Collection<T>,
  item: Stored<T>,
): Promise<number> {
  try {
    await collection.remove(item.key, item.version);
    return 1;
  } catch (error) {
    if (isDocumentStoreError(error, 'version_conflict')) return 0;
    throw error;
  }
}

/** Removes what expired at or before `nowMs`; resolves to how many. */
export async function sweepCollection<T extends object>(
  collection: Collection<T>,
  nowMs: number,
): Promise<number> {
  let removed = 0;
  let after: string | undefined;
  do {
    // Numbers order before the next double above `nowMs`, so `to` includes nowMs itself for whole milliseconds.
    const page = await collection.find({ index: EXPIRY_INDEX, to: nowMs + 0.001, limit: PAGE, after });
    const counts = await Promise.all(page.items.map((item) => removeUnchanged(collection, item)));
    removed += counts.reduce((sum, each) => sum + each, 0);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return removed;
}
