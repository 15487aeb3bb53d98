/**
 * The session key of a damaged file. Wrapped keys stand in `KEYS` near the end only (docs/evidence-format.md section 4): they are known
 * by how every age file begins, wherever that lies and whatever the section around them is like; where the end is
 * lost, the node that recorded the session still has them.
 */
import { base64ToBytes, bytesToBase64, utf8ToBytes } from '@lucid/bytes';
import { sessionEncryptorContract } from '@lucid/contracts';
import type { Wrap } from '@lucid/session-format';
import { type BundleReader, openFileReader, readBytesAt } from '@lucid/verifier';
import { CliError } from '../cli/cli-error.ts';
import type { Output } from '../cli/output.ts';
import { runWithLucid } from '../cli/run-with-lucid.ts';
import type { IdentityRing } from './open-identity.ts';

/** Whole base64 digits of how an age file begins. */
const AGE_BEGINS = Buffer.from(bytesToBase64(utf8ToBytes('age-encryption.org/v1\n-> ').subarray(0, 24)));
const STEP_BYTES = 1024 * 1024;
/** A wrap of 32 bytes for one recipient takes some hundred digits. */
const MAX_WRAP_DIGITS = 8192;
const MAX_WRAPS = 1024;

async function wrapAt(reader: BundleReader, at: number): Promise<Wrap | null> {
  const bytes = await readBytesAt(reader, at, Math.min(MAX_WRAP_DIGITS, reader.sizeBytes - at));
  const age = /^[A-Za-z0-9+/]+={0,2}/.exec(Buffer.from(bytes).toString('latin1'))?.[0] ?? '';
  try {
    base64ToBytes(age);
    return { recipient: '', age };
  } catch {
    return null;
  }
}

/** From the end of the file on backwards. */
async function* wrapsIn(reader: BundleReader): AsyncGenerator<Wrap> {
  let found = 0;
  for (let until = reader.sizeBytes; until > 0; until -= STEP_BYTES) {
    const from = Math.max(0, until - STEP_BYTES);
    const sizeBytes = Math.min(until + AGE_BEGINS.length - 1, reader.sizeBytes) - from;
    const bytes = Buffer.from(await readBytesAt(reader, from, sizeBytes));
    for (let end = bytes.length; end >= 0; ) {
      const at = bytes.lastIndexOf(AGE_BEGINS, end);
      if (at < 0) break;
      const wrap = await wrapAt(reader, from + at);
      if (wrap) yield wrap;
      if (++found === MAX_WRAPS) return;
      if (at === 0) break;
      end = at - 1;
    }
  }
}

/** @throws VerifyError unreadable */
export async function holdsWrappedKey(path: string): Promise<boolean> {
  const reader = openFileReader(path);
  try {
    return (await wrapsIn(reader).next()).done !== true;
  } finally {
    reader.close();
  }
}

/** As the host of the data folder has them; none where it cannot be asked, or does not know the session. */
async function wrapsOfNode(
  process: NodeJS.Process,
  sessionId: string,
  output: Pick<Output, 'note' | 'options'>,
): Promise<readonly Wrap[]> {
  let wraps: readonly Wrap[] = [];
  try {
    await runWithLucid(process, { ...output.options }, async ({ lucid }) => {
      const encryptor = lucid.clientOf(sessionEncryptorContract);
      wraps = await encryptor.getRecipients({ params: { sessionId } }).then(
        (known) => known.wraps,
        () => [],
      );
      return 0;
    });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    output.note(`Note: the data folder could not be asked for the keys of the session: ${error.message}`);
  }
  return wraps;
}

export interface LostKey {
  readonly path: string;
  readonly reader: BundleReader;
  /** Of the records found. */
  readonly sessionId: string;
  readonly ring: IdentityRing;
  /** Whether there is a data folder to ask. */
  readonly hasHome: boolean;
  /** Whether a key is the session's. */
  fits(key: Uint8Array): Promise<boolean>;
}

/** The caller wipes it. @throws CliError wrong_identity, key_missing */
export async function findLostKey(
  process: NodeJS.Process,
  { path, reader, sessionId, ring, hasHome, fits }: LostKey,
  output: Output,
): Promise<Uint8Array> {
  let tried = 0;
  const tryWrap = async (wrap: Wrap): Promise<Uint8Array | null> => {
    tried++;
    const key = await ring.unwrap({ wraps: [wrap] });
    if (key === null || (await fits(key))) return key;
    key.fill(0);
    return null;
  };
  for await (const wrap of wrapsIn(reader)) {
    const key = await tryWrap(wrap);
    if (key) return key;
  }
  for (const wrap of hasHome ? await wrapsOfNode(process, sessionId, output) : []) {
    const key = await tryWrap(wrap);
    if (key) return key;
  }
  if (tried > 0)
    throw new CliError(
      'wrong_identity',
      `none of your identities opens a wrapped key of ${path}. Name another with --identity FILE.`,
    );
  throw new CliError(
    'key_missing',
    `${path} has no wrapped key any more (they stand at its end)${hasHome ? ', and this data folder knows none of its session' : ''}: without one nothing opens. The node that recorded it has them: name its data folder with LUCID_HOME; or use another copy.`,
  );
}
