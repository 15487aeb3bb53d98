export { JcsError, type JcsErrorCode } from './error.ts';
export { JCS_MAX_BYTES, type ParseCanonicalOptions, parseCanonical } from './read.ts';
export { canonicalBytes, canonicalJson, JCS_MAX_DEPTH } from './write.ts';
