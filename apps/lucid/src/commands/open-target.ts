/** What `ID|FILE` on the command line means: the path of finished evidence. No host is started where the data folder tells enough. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { sessionOrchestratorContract } from '@lucid/contracts';
import { isSessionId } from '@lucid/session-format';
import { CliError } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { runWithLucid } from '../cli/run-with-lucid.ts';
import { evidencePath, findHome, type Home, homePath } from '../host/home.ts';
import type { Lucid } from '../host/lucid.ts';
import { isFileTarget } from './file-target.ts';
import { BundleFile } from './open-bundle.ts';
import type { Session } from './session-flow.ts';
import { FEWEST_DIGITS, resolveSessionId } from './session-id.ts';
import { checkpointPath } from './verify-seen.ts';

export interface EvidenceTarget {
  readonly path: string;
  /** The data folder whose keys and memory count. */
  readonly home: Home | null;
  /** What must lie there, where it is the place of a session of this node: whatever else does is not its evidence. */
  readonly expected?: { readonly sessionId: string; readonly manifestHash?: string };
  /** Set where this node anchored the session: then evidence without an anchor is not what it was. */
  readonly requireAnchor?: boolean;
  /** Asked for by its session: then this node's own keys must be there to judge it by. */
  readonly byId: boolean;
}

interface TargetOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export function existingFile(path: string): string {
  if (existsSync(path)) return path;
  throw new CliError('source_unreadable', `there is no file ${path}.`);
}

/** The data folder; one that cannot be used counts as none where a file is asked for. @throws CliError where a session is */
export function homeFor(process: NodeJS.Process, text: string, output: Pick<Output, 'note'>): Home | null {
  try {
    return findHome(process.env);
  } catch (error) {
    if (!(error instanceof CliError) || !isFileTarget(text)) throw error;
    output.note(`Note: nothing that is known here counts for this file: ${error.message}`);
    return null;
  }
}

const SESSION_ID = new RegExp(`^[0-9a-f]{${FEWEST_DIGITS},64}$`);

/** Without one only the orchestrator knows whether it must be there. What cannot be read does not verify either. */
function hasAnchor(path: string): boolean {
  try {
    const bundle = BundleFile.open(path);
    try {
      return bundle.section('ANCH') !== null;
    } finally {
      bundle.close();
    }
  } catch {
    return true;
  }
}

/** The one finished session whose id begins so, where that is sure without asking the services and its checkpoint was seen. */
function findBundle(home: Home, text: string): EvidenceTarget | null {
  if (!SESSION_ID.test(text) || !existsSync(home.sessions)) return null;
  const names = readdirSync(home.sessions).filter((name) => name.startsWith(text));
  const ids = new Set(names.map((name) => name.slice(0, 64)));
  const [sessionId] = ids;
  if (ids.size !== 1 || sessionId === undefined) return null;
  // Without it only the orchestrator knows what the evidence must be.
  if (!existsSync(checkpointPath(home, sessionId))) return null;
  // Anything beside the finished file means that it is being written, or that its writer died: the host finds out.
  if (names.length !== 1 || names[0] !== `${sessionId}.lucid`) return null;
  const path = join(home.sessions, names[0]);
  return hasAnchor(path) ? { path, home, expected: { sessionId }, requireAnchor: true, byId: true } : null;
}

export const unfinishedText = (session: Session): string => {
  const id = session.sessionId.slice(0, 16);
  switch (session.state) {
    case 'deleted':
      return `session ${id}… was deleted${session.reason ? ` (${session.reason})` : ''}; only its tombstone in the ledger remains.`;
    case 'failed':
      return `session ${id}… could not be finished: ${session.reason ?? 'no reason is known'}. See: lucid show ${id}`;
    case 'stopped':
    case 'processing':
      return `the evidence of session ${id}… is still being made (step ${session.step ?? session.state}); try again in a moment.`;
    default:
      return `session ${id}… has not ended yet (${session.state}); its evidence is made when it ends.`;
  }
};

/** The path of a session's finished evidence. Throws CliError not_finished, session_unknown, session_failed. */
export async function bundleOf(lucid: Lucid, text: string): Promise<EvidenceTarget> {
  const sessionId = await resolveSessionId(lucid, text);
  const session = await lucid.clientOf(sessionOrchestratorContract).getSession({ params: { sessionId } });
  if (session.state !== 'completed') throw new CliError('not_finished', unfinishedText(session));
  const { home } = lucid;
  const path = evidencePath(home, sessionId);
  if (!existsSync(path))
    throw new CliError(
      'source_unreadable',
      `the evidence file of session ${sessionId} is missing (${path}). Restore it from a copy.`,
    );
  const { manifestHash, anchored } = session;
  const expected = { sessionId, ...(manifestHash ? { manifestHash } : {}) };
  return { path, home, expected, requireAnchor: anchored, byId: true };
}

/** The file of a session in this data folder must be that session's. */
function fileTarget(home: Home | null, path: string): EvidenceTarget {
  const sessionId = basename(path, '.lucid');
  const own = home !== null && isSessionId(sessionId) && resolve(path) === evidencePath(home, sessionId);
  return { path: existingFile(path), home, ...(own ? { expected: { sessionId } } : {}), byId: false };
}

/** Throws CliError where there is no such file or session, or the session is not finished. */
export async function findEvidence(
  process: NodeJS.Process,
  text: string,
  options: TargetOptions,
): Promise<EvidenceTarget> {
  const home = homeFor(process, text, new Output(process, options));
  if (isFileTarget(text)) return fileTarget(home, text);
  if (!SESSION_ID.test(text))
    throw new CliError(
      'source_unreadable',
      `there is no file ${text}, and it is no session id either: that takes at least its first ${FEWEST_DIGITS} hex digits (see: lucid list).`,
    );
  const found = home && findBundle(home, text);
  if (found) return found;
  if (!home)
    throw new CliError(
      'data_folder_missing',
      `there is no file ${text}, and no data folder at ${homePath(process.env)} to look for a session; the first lucid record, seal or up makes one. Give a path, or name the data folder with LUCID_HOME.`,
    );
  let target: EvidenceTarget | null = null;
  await runWithLucid(process, { ...options, settled: true }, async ({ lucid }) => {
    target = await bundleOf(lucid, text);
    return 0;
  });
  return target as unknown as EvidenceTarget;
}
