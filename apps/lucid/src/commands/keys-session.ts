/**
 * `lucid keys grant|revoke ID|FILE`: who can open a session. Only the list of wrapped keys is written anew; no record, no signature and
 * no anchor changes. The session key is unwrapped here, with an identity of the caller, and never leaves this process in clear.
 */

import { BundleError, finishRewrite, rewriteSections } from '@lucid/bundle';
import { bytesToBase64 } from '@lucid/bytes';
import { sessionEncryptorContract, sessionOrchestratorContract } from '@lucid/contracts';
import { isRecipient, wrapSessionKey } from '@lucid/recipients';
import type { Recipients, Wrap } from '@lucid/session-format';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { runWithLucid } from '../cli/run-with-lucid.ts';
import { evidencePath, type Home } from '../host/home.ts';
import type { Lucid } from '../host/lucid.ts';
import { isFileTarget } from './file-target.ts';
import { BundleFile } from './open-bundle.ts';
import { isSessionKey } from './open-chunks.ts';
import { IdentityRing, unlock } from './open-identity.ts';
import { bundleOf, existingFile, homeFor } from './open-target.ts';
import { resolveSessionId } from './session-id.ts';
import { verifyFile } from './verify-file.ts';

interface Options {
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface GrantOptions extends Options {
  readonly identity: readonly string[];
  readonly label?: string;
}

type Wraps = Pick<Recipients, 'sessionId' | 'wraps'>;

function withBundle<T>(path: string, use: (bundle: BundleFile) => T): T {
  const bundle = BundleFile.open(path);
  const close = () => bundle.close();
  try {
    const result = use(bundle);
    if (result instanceof Promise) return result.finally(close) as T;
    close();
    return result;
  } catch (error) {
    close();
    throw error;
  }
}

async function wrapsOfSession(lucid: Lucid, sessionId: string): Promise<Wraps> {
  const { wraps } = await lucid.clientOf(sessionEncryptorContract).getRecipients({ params: { sessionId } });
  return { sessionId, wraps };
}

export async function wrapsOf(process: NodeJS.Process, text: string, options: Options): Promise<Wraps> {
  if (isFileTarget(text)) return withBundle(existingFile(text), ({ recipients }) => recipients);
  let found: Wraps | null = null;
  await runWithLucid(process, options, async ({ lucid }) => {
    found = await wrapsOfSession(lucid, await resolveSessionId(lucid, text));
    return exitCodes.ok;
  });
  return found as unknown as Wraps;
}

/** The list with a further wrap; a recipient who is there already gets the new one in place of the old. */
export const withWrap = (wraps: readonly Wrap[], wrap: Wrap): Wrap[] => [
  ...wraps.filter(({ recipient }) => recipient !== wrap.recipient),
  wrap,
];

/** The recipient that is meant: by its age text, or by a label that only one has. @throws CliError usage */
export function chooseRecipient(wraps: readonly Wrap[], text: string): string {
  const meant = wraps.filter(({ recipient, label }) => recipient === text || label === text);
  const [first] = meant;
  if (first && meant.length === 1) return first.recipient;
  throw new CliError(
    'usage',
    first
      ? `${meant.length} recipients are labelled ${text}; give the age recipient itself.`
      : `${text} is no recipient of this session; see: lucid keys list`,
  );
}

function assertNotLast(wraps: readonly Wrap[]): void {
  if (wraps.length < 2)
    throw new CliError(
      'usage',
      'this is the last recipient; without it nobody could ever open the session. Grant another first.',
    );
}

async function wrapFor(key: Uint8Array, recipient: string, label: string | undefined): Promise<Wrap> {
  try {
    const age = bytesToBase64(await wrapSessionKey(key, recipient));
    return { recipient, ...(label ? { label } : {}), age };
  } finally {
    key.fill(0);
  }
}

function assertRecipient(recipient: string): void {
  if (!isRecipient(recipient))
    throw new CliError(
      'usage',
      `${recipient} is not an age recipient: it begins with age1 and is copied whole.`,
    );
}

function toCliError(error: unknown, path: string): unknown {
  if (error instanceof BundleError)
    return new CliError(
      error.code === 'damaged' ? 'verification_failed' : 'source_unreadable',
      `${path}: ${error.message}`,
      { cause: error },
    );
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined || error instanceof CliError
    ? error
    : new CliError('target_unwritable', `${path} cannot be written: ${plainReason(error)}.`, {
        cause: error,
      });
}

/** Exchanges the recipients of a file that lies alone, and judges the result. */
async function rewriteFile(path: string, change: (bundle: BundleFile) => Promise<Wrap[]>): Promise<Wraps> {
  try {
    await finishRewrite(path);
    const recipients = await withBundle(path, async (bundle) => ({
      ...bundle.recipients,
      wraps: await change(bundle),
    }));
    await rewriteSections(path, { recipients });
    return recipients;
  } catch (error) {
    throw toCliError(error, path);
  }
}

async function assertVerifies(home: Home | null, path: string): Promise<void> {
  const verdict = await verifyFile(path, { home, readRecords: false });
  if (!verdict.ok)
    throw new CliError(
      'verification_failed',
      `${path} does not verify: ${verdict.faults[0]?.message ?? ''} See: lucid verify ${path}`,
    );
}

/** The key of a session of this node: from its finished evidence where there is one, else from the encryptor's wraps. */
async function unlockSession(lucid: Lucid, sessionId: string, ring: IdentityRing): Promise<Uint8Array> {
  const { wraps } = await wrapsOfSession(lucid, sessionId);
  const key = await ring.unwrap({ wraps });
  if (!key)
    throw new CliError(
      'wrong_identity',
      `none of your identities opens session ${sessionId}. Name another with --identity FILE.`,
    );
  const { path } = await bundleOf(lucid, sessionId);
  if (withBundle(path, (bundle) => isSessionKey(bundle, key))) return key;
  key.fill(0);
  throw new CliError(
    'verification_failed',
    `the wrapped key is not the one that session ${sessionId} was recorded with.`,
  );
}

/** Writes the tail of the finished bundle anew and judges it. */
async function refresh(lucid: Lucid, sessionId: string): Promise<string> {
  await lucid.clientOf(sessionOrchestratorContract).refreshBundle({ params: { sessionId } });
  const path = evidencePath(lucid.home, sessionId);
  await assertVerifies(lucid.home, path);
  return path;
}

interface Change {
  readonly sessionId: string;
  readonly place: string;
  readonly wraps: readonly Wrap[];
}

async function inSession(
  process: NodeJS.Process,
  text: string,
  options: Options,
  change: (lucid: Lucid, sessionId: string) => Promise<readonly Wrap[]>,
): Promise<Change> {
  let done: Change | null = null;
  await runWithLucid(process, options, async ({ lucid }) => {
    const sessionId = await resolveSessionId(lucid, text);
    await bundleOf(lucid, sessionId);
    const wraps = await change(lucid, sessionId);
    done = { sessionId, place: await refresh(lucid, sessionId), wraps };
    return exitCodes.ok;
  });
  return done as unknown as Change;
}

async function inFile(
  home: Home | null,
  path: string,
  change: (bundle: BundleFile) => Promise<Wrap[]>,
): Promise<Change> {
  await assertVerifies(home, existingFile(path));
  const { sessionId, wraps } = await rewriteFile(path, change);
  await assertVerifies(home, path);
  return { sessionId, place: path, wraps };
}

const recipientsOf = (wraps: readonly Wrap[]) =>
  wraps.map(({ recipient, label }) => ({ recipient, ...(label ? { label } : {}) }));

export async function grant(
  process: NodeJS.Process,
  text: string,
  recipient: string,
  options: GrantOptions,
): Promise<number> {
  const output = new Output(process, options);
  if (isFileTarget(text)) existingFile(text);
  assertRecipient(recipient);
  const home = homeFor(process, text, output);
  const ring = new IdentityRing(process, { files: options.identity, home });
  const { sessionId, place, wraps } = isFileTarget(text)
    ? await inFile(home, text, async (bundle) => {
        const wrap = await wrapFor(await unlock(bundle, ring), recipient, options.label);
        return withWrap(bundle.recipients.wraps, wrap);
      })
    : await inSession(process, text, options, async (lucid, id) => {
        const body = await wrapFor(await unlockSession(lucid, id, ring), recipient, options.label);
        const granted = await lucid
          .clientOf(sessionEncryptorContract)
          .grantRecipient({ params: { sessionId: id }, body });
        return granted.wraps;
      });
  output.json({ sessionId, file: place, recipients: recipientsOf(wraps) });
  output.line(`granted   ${options.label ? `${options.label}  ` : ''}${recipient}`);
  output.line(`evidence  ${place}  (still verifies; hand this file over)`);
  return exitCodes.ok;
}

export async function revoke(
  process: NodeJS.Process,
  text: string,
  who: string,
  options: Options,
): Promise<number> {
  const output = new Output(process, options);
  let revoked = who;
  const { sessionId, place, wraps } = isFileTarget(text)
    ? await inFile(homeFor(process, text, output), text, async ({ recipients }) => {
        revoked = chooseRecipient(recipients.wraps, who);
        assertNotLast(recipients.wraps);
        return recipients.wraps.filter((wrap) => wrap.recipient !== revoked);
      })
    : await inSession(process, text, options, async (lucid, id) => {
        const before = await wrapsOfSession(lucid, id);
        revoked = chooseRecipient(before.wraps, who);
        assertNotLast(before.wraps);
        const params = { sessionId: id, recipient: revoked };
        return (await lucid.clientOf(sessionEncryptorContract).revokeRecipient({ params })).wraps;
      });
  output.json({ sessionId, file: place, revoked, recipients: recipientsOf(wraps) });
  output.line(`revoked   ${revoked}`);
  output.line(`evidence  ${place}  (still verifies)`);
  output.note(
    'Copies of the evidence made before cannot be called back: whoever has one still opens it with that identity. What is copied from now on they cannot open.',
  );
  return exitCodes.ok;
}
