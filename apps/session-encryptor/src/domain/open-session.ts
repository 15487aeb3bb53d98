/**
 * Opening a session, in an order that any crash leaves harmless: the id is claimed, a key is made in memory and wrapped, the
 * wraps are durable, only then is record 0 written. A session whose record 0 exists but whose key is gone cannot go on.
 */
import { bytesToBase64, bytesToHex } from '@lucid/bytes';
import type { ChunkStore } from '@lucid/chunk-store';
import type { InputOf, OutputOf, sessionEncryptorContract } from '@lucid/contracts';
import { sha256 } from '@lucid/crypto';
import { isDocumentStoreError } from '@lucid/document-store';
import { canonicalBytes } from '@lucid/jcs';
import { keyCommitment, recordLeafHash } from '@lucid/pipeline';
import { isRecipient, wrapSessionKey } from '@lucid/recipients';
import type { CallOptions } from '@lucid/service-kit';
import { encodeControlRecord, encodeDocument, type SessionHeader } from '@lucid/session-format';
import type { RecipientStore, WrapRow } from '../store/recipient-store.ts';
import { emptyHead, type SessionRow, type SessionStore } from '../store/session-store.ts';
import type { KeyVault } from './key-vault.ts';
import { problem, storing } from './problems.ts';
import type { SessionLog } from './session-log.ts';
import type { SessionLogs } from './session-logs.ts';

type OpenSession = (typeof sessionEncryptorContract)['operations']['openSession'];
type OpenSessionBody = InputOf<OpenSession>['body'];

const SESSION_KEY_BYTES = 32;

export interface OpenSessionDependencies {
  readonly sessions: SessionStore;
  readonly recipients: RecipientStore;
  readonly chunks: ChunkStore;
  readonly logs: SessionLogs;
  readonly vault: KeyVault;
  readonly random: (sizeBytes: number) => Uint8Array;
  /** Verifier key of the recorder. */
  readonly recorder: string;
  readonly software: string;
}

/** Runs inside the session's queue. */
export async function openSession(
  dependencies: OpenSessionDependencies,
  request: { readonly sessionId: string; readonly body: OpenSessionBody },
  call?: CallOptions['call'],
): Promise<OutputOf<OpenSession>> {
  const { sessionId } = request;
  assertWritable(dependencies, request);
  await claim(dependencies, request);
  const log = await dependencies.logs.open(sessionId);
  if (log.closed) throw problem('session_exists');
  // A tree that has leaves already is of records that are gone: nothing is written over them.
  await log.acknowledge(call);
  const key = dependencies.vault.borrow(sessionId) ?? (await makeKey(dependencies, request, log));
  const commitment = keyCommitment(key, sessionId);
  const parts = headerRecord(dependencies, request, commitment);
  const leafHash = recordLeafHash(parts);
  if (log.records === 0) {
    await storing(dependencies.chunks.create(sessionId));
    const sizeBytes = parts[0].length + parts[1].length;
    await log.append(parts, leafHash, { type: 'header', sizeBytes, untilUs: request.body.startedAtUs });
  }
  await log.acknowledge(call);
  return { keyCommitment: commitment, leafHash: bytesToHex(leafHash) };
}

type Request = Parameters<typeof openSession>[1];

/** Refuses what could not stand in record 0, before anything is written. */
function assertWritable(dependencies: OpenSessionDependencies, request: Request): void {
  const wrong = request.body.recipients.findIndex(({ recipient }) => !isRecipient(recipient));
  if (wrong >= 0)
    throw problem('invalid_request', { detail: `recipients[${wrong}] is not an age recipient` });
  try {
    headerRecord(dependencies, request, '0'.repeat(64));
  } catch (error) {
    throw problem('invalid_request', { detail: (error as Error).message, cause: error });
  }
}

function headerRecord(
  { recorder, software }: OpenSessionDependencies,
  { sessionId, body }: Request,
  commitment: string,
): [Uint8Array, Uint8Array] {
  const { recipients, tracks, ...rest } = body;
  const header: SessionHeader = {
    ...rest,
    format: 'lucid-session/1',
    sessionId,
    recorder,
    recipients: [...new Set(recipients.map(({ recipient }) => recipient))],
    keyCommitment: commitment,
    tracks: [...tracks].sort((a, b) => a.track - b.track),
    software,
  };
  const payload = encodeDocument('sessionHeader', header);
  return encodeControlRecord({ type: 'header', sessionId, index: 0, atUs: body.startedAtUs, payload });
}

/** Takes the id for ever, or finds that this very session took it. @throws ProblemError session_exists */
async function claim({ sessions, logs }: OpenSessionDependencies, request: Request): Promise<void> {
  const { sessionId, body } = request;
  const requestHash = bytesToHex(sha256(canonicalBytes(body)));
  const found = await storing(sessions.get(sessionId));
  if (found) {
    if (found.document.state !== 'open' || found.document.requestHash !== requestHash)
      throw problem('session_exists');
    return;
  }
  const row: SessionRow = {
    sessionId,
    state: 'open',
    requestHash,
    chunkSizeBytes: body.chunkSizeBytes,
    trackNumbers: body.tracks.map(({ track }) => track),
    head: emptyHead(),
    leaves: 0,
  };
  try {
    logs.adopt(row, await sessions.insert(row));
  } catch (error) {
    if (isDocumentStoreError(error, 'duplicate_key')) throw problem('session_exists', { cause: error });
    throw await storing(Promise.reject(error));
  }
}

async function makeKey(
  { recipients, vault, random }: OpenSessionDependencies,
  { sessionId, body }: Request,
  log: SessionLog,
): Promise<Uint8Array> {
  if (log.records > 0) throw problem('key_forgotten');
  const key = random(SESSION_KEY_BYTES);
  try {
    await storing(recipients.upsert({ sessionId, wraps: await wrapAll(key, body.recipients) }));
  } catch (error) {
    key.fill(0);
    throw error;
  }
  vault.hold(sessionId, key);
  return key;
}

function wrapAll(key: Uint8Array, recipients: OpenSessionBody['recipients']): Promise<WrapRow[]> {
  const once = recipients.filter(
    (each, at) => recipients.findIndex(({ recipient }) => recipient === each.recipient) === at,
  );
  const wraps = once.map(async ({ recipient, label }) => ({
    recipient,
    ...(label === undefined ? {} : { label }),
    age: bytesToBase64(await wrapSessionKey(key, recipient)),
  }));
  return Promise.all(wraps);
}
