/** The steps that `record` and `seal` share: create and start a session, stop it, wait for its evidence, check it. */
import { existsSync, statSync } from 'node:fs';
import { type SessionDocument, sessionOrchestratorContract, type Track } from '@lucid/contracts';
import type { Verdict } from '@lucid/verifier';
import type { Static } from 'typebox';
import { CliError } from '../cli/cli-error.ts';
import { anchoringOf } from '../host/anchoring.ts';
import { evidencePath } from '../host/home.ts';
import type { Lucid } from '../host/lucid.ts';

export type Session = Static<typeof SessionDocument>;
type TrackShape = Static<typeof Track>;

export interface NewSession {
  readonly title?: string;
  readonly track: Omit<TrackShape, 'track'>;
  readonly chunkSizeBytes?: number;
  /** Recipients besides those of the node. */
  readonly alsoTo?: readonly string[];
}

const STOP_WAIT_MS = 5_000;
/** Evidence that gets no further for so long is left to the next command. */
const STUCK_MS = 90_000;
/** An anchor takes a second where chain and ledger are well. */
const UNANCHORED_MS = 20_000;

async function assertRecipients(alsoTo: readonly string[]): Promise<void> {
  if (alsoTo.length === 0) return;
  const { isRecipient } = await import('@lucid/recipients');
  const wrong = alsoTo.find((each) => !isRecipient(each));
  if (wrong !== undefined)
    throw new CliError('usage', `--to ${wrong}: that is no age recipient (age1…); nothing was recorded`);
}

/** Of the contract. */
const TITLE_MAX_CHARS = 1024;

export async function beginSession(
  lucid: Lucid,
  { title, track, chunkSizeBytes, alsoTo = [] }: NewSession,
): Promise<Session> {
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  if (title && title.length > TITLE_MAX_CHARS)
    throw new CliError('usage', `--title: at most ${TITLE_MAX_CHARS} characters; nothing was recorded`);
  const [owner] = lucid.keys.recipients;
  if (!owner) throw new CliError('key_missing', 'no recipient is known; run: lucid keys new');
  await assertRecipients(alsoTo);
  const { sessionId } = await orchestrator.createSession({
    body: {
      owner: owner.recipient,
      recipients: [
        ...lucid.keys.recipients,
        ...alsoTo.map((recipient) => ({ recipient, label: 'added at start' })),
      ],
      tracks: [{ track: 0, ...track }],
      ...(title ? { title } : {}),
      ...(chunkSizeBytes ? { chunkSizeBytes } : {}),
    },
  });
  const session = await orchestrator.startSession({ params: { sessionId } });
  lucid.getReady();
  return session;
}

/** What tells more about a session. */
export const showCommand = ({ apart }: Pick<Lucid, 'apart'>, sessionId: string): string =>
  `lucid show ${sessionId.slice(0, 16)}${apart?.option ?? ''}`;

export interface Ending {
  readonly closed: 'ended' | 'interrupted';
  readonly reason?: string;
}

/** What the chain or the ledger does not take now is taken when they go on. */
async function unanchored(lucid: Lucid, sessionId: string): Promise<CliError> {
  const reason = (await anchoringOf(lucid, sessionId))?.reason;
  return new CliError(
    'session_failed',
    `session ${sessionId} is kept whole, but not anchored yet${reason ? `: ${reason}` : ''}. What is wrong: lucid doctor. Once that is mended, the next command finishes it; see: ${showCommand(lucid, sessionId)}`,
  );
}

/** Stops the session and waits until its evidence is finished. Throws CliError session_failed or store_full where it cannot be. */
export async function endSession(lucid: Lucid, sessionId: string, ending: Ending): Promise<Session> {
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  let session = await orchestrator.stopSession({
    params: { sessionId },
    query: { waitMs: STOP_WAIT_MS },
    body: ending,
  });
  let stepped = { step: session.step, atMs: performance.now() };
  while (session.state === 'processing' || session.state === 'stopped') {
    if (session.step !== stepped.step) stepped = { step: session.step, atMs: performance.now() };
    const stuckMs = performance.now() - stepped.atMs;
    if (stuckMs > STUCK_MS) break;
    if (stuckMs > UNANCHORED_MS && session.step === 'anchor') throw await unanchored(lucid, sessionId);
    // Nobody but the user can help; waiting here would look like a hang.
    if (session.fault === 'store_full')
      throw new CliError(
        'store_full',
        `the disk with the data folder is full; session ${sessionId} is kept up to its last durable record. Free some room, then finish it with: ${showCommand(lucid, sessionId)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
    session = await orchestrator.getSession({ params: { sessionId } });
  }
  if (session.state !== 'completed') {
    throw new CliError(
      'session_failed',
      `session ${sessionId} could not be finished: ${session.reason ?? session.state}. What is stored stays as it is; see: ${showCommand(lucid, sessionId)}`,
    );
  }
  return session;
}

/** Evidence up to this size is read back whole at the end; larger only where asked for. */
export const READ_BACK_BYTES = 32 * 1024 * 1024;

export interface SessionResult {
  readonly sessionId: string;
  readonly bundle: string;
  readonly chunks: number;
  readonly bytes: number;
  readonly storedBytes: number;
  readonly merkleRoot: string;
  readonly manifestHash: string;
  readonly anchored: boolean;
  /** Which block of which chain registered it; null where its anchor is an entry of the ledger's log, or is missing. */
  readonly block: {
    readonly chainId: number;
    readonly number: number;
    readonly hash: string;
    readonly transactionHash: string;
  } | null;
  readonly closed: 'ended' | 'interrupted';
  readonly verified: boolean;
  /** Whether the check read every record back from disk; else records counted by the hash taken as they were written. */
  readonly readBack: boolean;
}

function blockOf({ summary }: Verdict): SessionResult['block'] {
  const block = summary?.anchor?.block;
  if (!block?.transactionHash) return null;
  const { chainId, number, hash, transactionHash } = block;
  return { chainId, number, hash, transactionHash };
}

/** Checks finished evidence as a stranger would, by the pinned keys of this node. */
export async function checkEvidence(
  lucid: Lucid,
  session: Session,
  readBack: boolean,
): Promise<SessionResult> {
  const { home, apart } = lucid;
  const { sessionId, manifestHash } = session;
  const bundle = apart ? await apart.takeOut(session) : evidencePath(home, sessionId);
  if (!existsSync(bundle))
    throw new CliError('session_failed', `the evidence file of session ${sessionId} is missing`);
  const wholly = readBack || statSync(bundle).size <= READ_BACK_BYTES;
  const { verifyFile } = await import('./verify-file.ts');
  const verdict = await verifyFile(bundle, {
    home,
    expected: { sessionId, ...(manifestHash ? { manifestHash } : {}) },
    byId: true,
    readRecords: wholly,
    ...(apart ? { keys: apart.keys, requireAnchor: session.anchored } : {}),
  });
  return {
    sessionId,
    bundle,
    chunks: session.chunks ?? 0,
    bytes: session.plainBytes ?? 0,
    storedBytes: statSync(bundle).size,
    merkleRoot: session.merkleRoot ?? '',
    manifestHash: manifestHash ?? '',
    anchored: session.anchored,
    block: blockOf(verdict),
    closed: session.closed ?? 'ended',
    verified: verdict.ok,
    readBack: wholly,
  };
}
