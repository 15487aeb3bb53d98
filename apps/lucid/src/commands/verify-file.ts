/**
 * A verdict on a bundle as this node sees it: its own keys count wherever the bundle says that it comes from here, and the
 * newest checkpoint seen before. Needs neither a running host nor a data folder.
 */
import { existsSync, readdirSync } from 'node:fs';
import {
  type Claim,
  type FileReader,
  type Knowledge,
  openFileReader,
  type SessionOpener,
  type TrustedKeys,
  type Verdict,
  VerifyError,
  type VerifyErrorCode,
  type VerifyProgress,
  verifyBundle,
} from '@lucid/verifier';
import { CliError, type CliErrorCode } from '../cli/cli-error.ts';
import type { Home } from '../host/home.ts';
import { readSigningKey, signingKeyPath } from '../host/node-keys.ts';
import { recallCheckpoint, rememberCheckpoint } from './verify-seen.ts';

export interface VerifyFileOptions {
  /** The data folder, where one is there: its keys and what it remembers count. */
  readonly home: Home | null;
  /** The session of this node that it must be evidence of: then only this node's recorder will do. */
  readonly expected?: { readonly sessionId: string; readonly manifestHash?: string };
  /** Default false: a key of this node that is lost counts as none. */
  readonly byId?: boolean;
  /** False: leaf hashes of chunks are taken from the bundle's index; all else is checked as ever. */
  readonly readRecords: boolean;
  /** What the caller names counts in place of the keys of this node, role by role. */
  readonly keys?: TrustedKeys;
  /** Text of a signed checkpoint seen before; default what the data folder remembers. */
  readonly seenCheckpoint?: string;
  readonly requireAnchor?: boolean;
  readonly openSession?: SessionOpener;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** What people should know besides the verdict. */
  readonly onNote?: (text: string) => void;
}

const verifyCodes: Readonly<Record<VerifyErrorCode, CliErrorCode>> = {
  unreadable: 'source_unreadable',
  pin_malformed: 'usage',
  seen_malformed: 'usage',
  seen_foreign: 'usage',
  too_large: 'source_unreadable',
};

export const verifyErrorToCli = (error: unknown): unknown =>
  error instanceof VerifyError
    ? new CliError(verifyCodes[error.code], error.message, { cause: error })
    : error;

/** This node's verifier key of a role, null where it has none that can be used; never makes any. @throws CliError where it must have */
function ownKey(
  home: Home,
  role: 'recorder' | 'ledger',
  { byId = false, keys = {}, onNote }: VerifyFileOptions,
): string | null {
  const path = signingKeyPath(home, role);
  const must = byId && !keys[`${role}Keys`]?.length;
  if (!must && !existsSync(path)) return null;
  try {
    return readSigningKey(path).verifierKey;
  } catch (error) {
    if (must) throw error;
    onNote?.(`Note: the signing key ${path} cannot be used; see: lucid doctor`);
    return null;
  }
}

const nameOf = (vkey: string): string => vkey.split('+')[0] ?? '';

const isHere = (home: Home, sessionId: string): boolean =>
  existsSync(home.sessions) && readdirSync(home.sessions).some((name) => name.startsWith(sessionId));

/**
 * What this data folder knows of the session that a file claims to be. Its own keys count where the file claims to come from here: it was asked
 * for by its id, its session is known here, or it bears the name of the recorder.
 */
function recall(home: Home, { sessionId, recorder }: Claim, options: VerifyFileOptions): Knowledge {
  const seen = options.seenCheckpoint ?? recallCheckpoint(home, sessionId);
  const own = { recorder: ownKey(home, 'recorder', options), ledger: ownKey(home, 'ledger', options) };
  const bearsOurName =
    own.recorder !== null && recorder !== null && nameOf(recorder) === nameOf(own.recorder);
  const ours = options.expected !== undefined || isHere(home, sessionId) || bearsOurName;
  return {
    ...(seen === null ? {} : { seenCheckpoint: seen }),
    ...(ours && own.recorder !== null ? { recorderKeys: [own.recorder] } : {}),
    ...(ours && own.ledger !== null ? { ledgerKeys: [own.ledger] } : {}),
  };
}

async function judge(path: string, options: VerifyFileOptions): Promise<Verdict> {
  const { home, keys, readRecords, ...rest } = options;
  let reader: FileReader | null = null;
  try {
    reader = openFileReader(path);
    return await verifyBundle(reader, {
      ...rest,
      ...keys,
      recordHashes: readRecords ? 'read' : 'from-index',
      ...(home === null ? {} : { recall: (claim) => recall(home, claim, options) }),
    });
  } catch (error) {
    throw verifyErrorToCli(error);
  } finally {
    reader?.close();
  }
}

/**
 * @throws CliError source_unreadable where the file cannot be read, usage where a given key or checkpoint is none,
 * data_folder_damaged where the remembered checkpoint is none, or with `byId` a key of this node
 */
export async function verifyFile(path: string, options: VerifyFileOptions): Promise<Verdict> {
  const { home } = options;
  const verdict = await judge(path, options);
  const { checkpoint } = verdict.summary;
  if (verdict.ok && home && verdict.sessionId && checkpoint)
    rememberCheckpoint(home, verdict.sessionId, checkpoint);
  return verdict;
}
