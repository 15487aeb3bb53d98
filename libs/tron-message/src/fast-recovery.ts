/**
 * `recoverSigner` by libsecp256k1 in WebAssembly: about five times as fast, for who judges many signatures on Node. The portable one is
 * its judge in the tests. An entry of its own, so that nobody else loads it.
 */
import { recover } from 'tiny-secp256k1';
import { createSignerRecovery } from './signed-message.ts';

export const recoverSigner = createSignerRecovery((digest, rs, recovery) => {
  try {
    return recover(digest, rs, recovery, false);
  } catch {
    // It throws for an r that is of no point.
    return null;
  }
});
