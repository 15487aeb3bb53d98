/** The closed set of what can be wrong with a bundle file for somebody who writes its tail. */
export const BUNDLE_ERRORS = {
  not_a_bundle: 'This is not a .lucid bundle of version 1.',
  damaged: 'The end of the bundle is damaged. Verify it; nothing was changed.',
  other_session: 'The new sections were made for another session or other records. Nothing was changed.',
  records_differ: 'The records are not those that the manifest describes. The bundle was not completed.',
  redo_foreign:
    'The file of the same name with .trailer at its end does not belong to this bundle. Move it away; nothing was changed.',
} as const;

export type BundleErrorCode = keyof typeof BUNDLE_ERRORS;

export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code: BundleErrorCode;

  constructor(code: BundleErrorCode, detail: string, options?: ErrorOptions) {
    super(`${BUNDLE_ERRORS[code]} (${detail})`, options);
    this.code = code;
  }
}
