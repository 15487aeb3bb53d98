export {
  type AssembledBundle,
  type AssembleOptions,
  assembleBundle,
  type BundleSink,
  type RecordSource,
} from './assemble-bundle.ts';
export { buildTrailer, type TrailerParts } from './build-trailer.ts';
export {
  type BundleParts,
  finishRewrite,
  readBundleParts,
  rewriteSections,
  rewriteTail,
  type TailChanges,
} from './bundle-file.ts';
export { BUNDLE_ERRORS, BundleError, type BundleErrorCode } from './errors.ts';
