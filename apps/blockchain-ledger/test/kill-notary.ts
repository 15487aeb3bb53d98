import { createNotary } from '../src/domain/notary.ts';

/** The same log in the process that is killed and in the one that looks. */
export const notary = createNotary({
  origin: 'lucid.invalid/kill-test',
  secretKey: new Uint8Array(32).fill(7),
});
