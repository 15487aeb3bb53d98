/** An answer without an end does not outlive the right to it: a token may expire, or be revoked, long after it let its caller in. */
import type { ByteStream } from '@lucid/contracts';
import type { AccountVerifier, SignedInAccount } from '../auth/access-tokens.ts';
import { ProblemError } from '../problem.ts';

/** Judges the token again before each part; ends the answer where it is not taken any more. */
export function whileTaken(
  answer: ByteStream,
  account: SignedInAccount,
  accounts: AccountVerifier,
): ByteStream {
  return { ...answer, bytes: partsWhileTaken(answer.bytes, account, accounts) };
}

async function* partsWhileTaken(
  bytes: ByteStream['bytes'],
  account: SignedInAccount,
  accounts: AccountVerifier,
): AsyncGenerator<Uint8Array> {
  for await (const part of bytes) {
    if (!(await isTaken(account, accounts))) return;
    yield part;
  }
}

async function isTaken({ token }: SignedInAccount, accounts: AccountVerifier): Promise<boolean> {
  try {
    await accounts.verify(token);
    return true;
  } catch (error) {
    // It was taken once: that keys cannot be fetched now says nothing against it.
    return !(error instanceof ProblemError && error.code === 'unauthenticated');
  }
}
