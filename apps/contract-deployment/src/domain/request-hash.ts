import { bytesToHex } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { canonicalBytes, JcsError } from '@lucid/jcs';
import { problem } from '../problem.ts';

/** What makes two requests the same: SHA-256 of their canonical JSON. */
export function requestHashOf(values: Readonly<Record<string, unknown>>): string {
  try {
    return bytesToHex(sha256(canonicalBytes(values)));
  } catch (error) {
    if (error instanceof JcsError)
      throw problem('arguments_invalid', {
        detail: 'The arguments hold text that is no Unicode, or nest too deeply.',
      });
    throw error;
  }
}
