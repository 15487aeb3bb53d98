// Images keep documents in MongoDB; the embedded store, 15 MB of addons, is in bundles that run without containers.

/** Throws: there is no embedded store in an image. */
export function openLmdbStore() {
  throw new RangeError(
    'an image has no embedded document store; set MONGO_URL or LUCID_DOCUMENTS_URL to mongodb://…',
  );
}
