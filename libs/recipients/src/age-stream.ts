/** age files of any size, piece by piece: some 64 KiB are held at a time (age-encryption.org/v1, "Payload"). */
import { ageFailure } from './age-file.ts';
import { decrypterWith, encrypterTo } from './identity.ts';

type Parts = AsyncIterable<Uint8Array>;

/** Its reader sets the pace; it fails with what the parts fail with. */
const streamOf = (parts: Parts): ReadableStream<Uint8Array> => ReadableStream.from(parts);

const partsOf = (stream: ReadableStream<Uint8Array>): Parts => stream as unknown as Parts;

/** The binary age file of what comes. @throws RecipientError recipient_invalid */
export async function* encryptStream(recipient: string, parts: Parts): AsyncGenerator<Uint8Array> {
  yield* partsOf(await encrypterTo(recipient).encrypt(streamOf(parts)));
}

/**
 * The plaintext of a binary age file; null where none of the identities fits. Each part was authenticated before it is given out; that the
 * file was not cut off is known when the last one was.
 * @throws RecipientError identity_invalid, age_damaged; what the parts fail with
 */
export async function decryptStream(
  identities: readonly string[],
  parts: Parts,
): Promise<AsyncGenerator<Uint8Array> | null> {
  const decrypter = decrypterWith(identities);
  let failed: { readonly error: unknown } | undefined;
  const source = async function* () {
    try {
      yield* parts;
    } catch (error) {
      failed = { error };
      throw error;
    }
  };
  const failureOf = (error: unknown): Error | null => {
    if (failed) throw failed.error;
    return ageFailure(error);
  };
  try {
    const plain = await decrypter.decrypt(streamOf(source()));
    return soundly(partsOf(plain), failureOf);
  } catch (error) {
    const failure = failureOf(error);
    if (failure) throw failure;
    return null;
  }
}

async function* soundly(
  parts: Parts,
  failureOf: (error: unknown) => Error | null,
): AsyncGenerator<Uint8Array> {
  try {
    yield* parts;
  } catch (error) {
    throw failureOf(error) ?? error;
  }
}
