/**
 * A verdict on a bundle as this node sees it: its own keys are pinned wherever the bundle says that it comes from here, and the
 * newest checkpoint seen before counts. Needs neither a running host nor a data folder.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type FileReader,
  openFileReader,
  type SessionOpener,
  type Verdict,
  VerifyError,
  type VerifyErrorCode,
  type VerifyProgress,
  verifyBundle,
} from '@lucid/verifier';
import { CliError, type CliErrorCode } from '../cli/cli-error.ts';
import type { Home } from '../host/home.ts';
import type { Lucid } from '../host/lucid.ts';
import { readSigningKey } from '../host/node-keys.ts';
import { BundleFile } from './open-bundle.ts';
import { recallCheckpoint, rememberCheckpoint } from './verify-seen.ts';

export interface VerifyFileOptions {
  /** The node whose evidence it should be; null where none is open. */
  readonly lucid: Pick<Lucid, 'home' | 'keys'> | null;
  /** The data folder, where no host is open but one is there. */
  readonly home?: Home | null;
  /** The caller asked for a session of this node by its id: then only this node's recorder will do. */
  readonly ownSession?: boolean;
  /** False: leaf hashes of chunks are taken from the bundle's index; all else is checked as ever. */
  readonly readRecords: boolean;
  /** Further verifier keys to trust. */
  readonly keys?: readonly string[];
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
function nodeVerifierKeys({ lucid, home }: VerifyFileOptions): NodeVerifierKeys | null {
  if (lucid) return { recorder: lucid.keys.recorder.verifierKey, ledger: lucid.keys.ledger.verifierKey };
  if (!home) return null;
  const paths = ['recorder', 'ledger'].map((role) => join(home.keys, `${role}.key`));
  if (!paths.every((path) => existsSync(path))) return null;
  const [recorder = '', ledger = ''] = paths.map((path) => readSigningKey(path).verifierKey);
  return { recorder, ledger };
}

const nameOf = (vkey: string): string => vkey.split('+')[0] ?? '';

interface Claim {
  readonly sessionId: string;
  /** Null where record 0 cannot be read: the verdict will say so. */
  readonly recorder: string | null;
}

/** What the file says of itself before anything is checked; null where it says nothing readable. */
function claimOf(path: string): Claim | null {
  let bundle: BundleFile;
  try {
    bundle = BundleFile.open(path);
  } catch {
    return null;
  }
  try {
    return { sessionId: bundle.sessionId, recorder: bundle.sessionHeader.recorder };
  } catch {
    return { sessionId: bundle.sessionId, recorder: null };
  } finally {
    bundle.close();
  }
}

const isHere = (home: Home | null, sessionId: string): boolean =>
  home !== null &&
  existsSync(home.sessions) &&
  readdirSync(home.sessions).some((name) => name.startsWith(sessionId));

/** This node's keys count where the bundle claims to be of this node: by its recorder's name, or by a session id known here. */
function pinsOf(options: VerifyFileOptions, claim: Claim | null, home: Home | null): string[] {
  const given = [...(options.keys ?? [])];
  const own = nodeVerifierKeys(options);
  if (!own) return given;
  const ours =
    options.ownSession ||
    options.lucid !== null ||
    (claim !== null &&
      ((claim.recorder !== null && nameOf(claim.recorder) === nameOf(own.recorder)) ||
        isHere(home, claim.sessionId)));
  return ours ? [...given, own.recorder, own.ledger] : given;
}

async function judge(
  reader: FileReader,
  options: VerifyFileOptions,
  pins: string[],
  seen: string | undefined,
) {
  const { requireAnchor, openSession, onProgress } = options;
  return verifyBundle(reader, {
    pinnedKeys: pins,
    recordHashes: options.readRecords ? 'read' : 'from-index',
    ...(seen === undefined ? {} : { seenCheckpoint: seen }),
    ...(requireAnchor ? { requireAnchor } : {}),
    ...(openSession ? { openSession } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
}

/**
 * @throws CliError source_unreadable where the file cannot be read, usage where a given key or checkpoint is none,
 * data_folder_damaged where the remembered checkpoint is none
 */
export async function verifyFile(path: string, options: VerifyFileOptions): Promise<Verdict> {
  const home = options.lucid?.home ?? options.home ?? null;
  const claim = claimOf(path);
  const recalled =
    options.seenCheckpoint === undefined && home && claim ? recallCheckpoint(home, claim.sessionId) : null;
  try {
    const reader = openFileReader(path);
    try {
      const pins = pinsOf(options, claim, home);
      const verdict = await judge(reader, options, pins, options.seenCheckpoint ?? recalled?.text);
      const { checkpoint } = verdict.summary;
      if (verdict.ok && home && verdict.sessionId && checkpoint)
        rememberCheckpoint(home, verdict.sessionId, checkpoint);
      return verdict;
    } finally {
      reader.close();
    }
  } catch (error) {
    if (recalled && error instanceof VerifyError && error.code.startsWith('seen_'))
      throw new CliError(
        'data_folder_damaged',
        `${recalled.path}, the checkpoint remembered of this session, is damaged. Restore it from a backup, or delete it to forget what was seen.`,
        { cause: error },
      );
    throw verifyErrorToCli(error);
  }
}
