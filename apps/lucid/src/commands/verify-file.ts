/**
 * A verdict on a bundle as this node sees it: its own keys count wherever the bundle says that it comes from here, and the
 * newest checkpoint seen before. Needs neither a running host nor a data folder.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
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
import { readSigningKey } from '../host/node-keys.ts';
import { checkpointPath, recallCheckpoint, rememberCheckpoint } from './verify-seen.ts';

export interface VerifyFileOptions {
  /** The data folder, where one is there: its keys and what it remembers count. */
  readonly home: Home | null;
  /** The session of this node that it must be evidence of: then only this node's recorder will do. */
  readonly expected?: { readonly sessionId: string; readonly manifestHash?: string };
  /** False: leaf hashes of chunks are taken from the bundle's index; all else is checked as ever. */
  readonly readRecords: boolean;
  /** What the caller names counts in place of the keys of this node, role by role. */
  readonly keys?: TrustedKeys;
  /** Text of a signed checkpoint seen before; default what the data folder remembers. */
  readonly seenCheckpoint?: string;
  readonly requireAnchor?: boolean;
  readonly openSession?: SessionOpener;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

interface NodeVerifierKeys {
  readonly recorder: string;
  readonly ledger: string;
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

/** This node's verifier keys, where it has them; never makes any. */
function nodeVerifierKeys(home: Home): NodeVerifierKeys | null {
  const paths = ['recorder', 'ledger'].map((role) => join(home.keys, `${role}.key`));
  if (!paths.every((path) => existsSync(path))) return null;
  const [recorder = '', ledger = ''] = paths.map((path) => readSigningKey(path).verifierKey);
  return { recorder, ledger };
}

const nameOf = (vkey: string): string => vkey.split('+')[0] ?? '';

const isHere = (home: Home, sessionId: string): boolean =>
  existsSync(home.sessions) && readdirSync(home.sessions).some((name) => name.startsWith(sessionId));

/**
 * What this data folder knows of the session that a file claims to be. Its own keys count where the file claims to come from here: it was asked
 * for by its id, its session is known here, or it bears the name of the recorder.
 */
function recall(home: Home, { sessionId, recorder }: Claim, asked: boolean): Knowledge {
  const seen = recallCheckpoint(home, sessionId);
  const own = nodeVerifierKeys(home);
  const ours =
    own !== null &&
    (asked || isHere(home, sessionId) || (recorder !== null && nameOf(recorder) === nameOf(own.recorder)));
  return {
    ...(seen === null ? {} : { seenCheckpoint: seen }),
    ...(ours ? { recorderKeys: [own.recorder], ledgerKeys: [own.ledger] } : {}),
  };
}

async function judge(path: string, { home, keys, readRecords, ...options }: VerifyFileOptions) {
  let remembered: string | null = null;
  let reader: FileReader | null = null;
  try {
    reader = openFileReader(path);
    return await verifyBundle(reader, {
      ...options,
      ...keys,
      recordHashes: readRecords ? 'read' : 'from-index',
      recall(claim) {
        if (home === null) return {};
        const known = recall(home, claim, options.expected !== undefined);
        if (known.seenCheckpoint !== undefined) remembered = checkpointPath(home, claim.sessionId);
        return known;
      },
    });
  } catch (error) {
    if (
      remembered &&
      options.seenCheckpoint === undefined &&
      (error as VerifyError).code === 'seen_malformed'
    )
      throw new CliError(
        'data_folder_damaged',
        `${remembered}, the checkpoint remembered of this session, is damaged. Restore it from a backup, or delete it to forget what was seen.`,
        { cause: error },
      );
    throw verifyErrorToCli(error);
  } finally {
    reader?.close();
  }
}

/**
 * @throws CliError source_unreadable where the file cannot be read, usage where a given key or checkpoint is none,
 * data_folder_damaged where the remembered checkpoint is none
 */
export async function verifyFile(path: string, options: VerifyFileOptions): Promise<Verdict> {
  const { home } = options;
  const verdict = await judge(path, options);
  const { checkpoint } = verdict.summary;
  if (verdict.ok && home && verdict.sessionId && checkpoint)
    rememberCheckpoint(home, verdict.sessionId, checkpoint);
  return verdict;
}
