/** What an operator and an agent do with a stack: a session from its creation to its finished file. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { assembleBundle } from '@lucid/bundle';
import {
  merkleBuilderContract,
  onSystemChainClientContract,
  sessionEncryptorContract,
  sessionOrchestratorContract,
  sessionRecorderContract,
} from '@lucid/contracts';
import { parseDocument } from '@lucid/session-format';
import type { ProcessStack } from './process-stack.ts';
import { type AgentClients, RecordingAgent, type SessionDocument } from './recording-agent.ts';

export const clientsOf = (stack: ProcessStack): AgentClients => ({
  recorder: stack.clientOf(sessionRecorderContract),
  orchestrator: stack.clientOf(sessionOrchestratorContract),
});

export interface BeginOptions {
  readonly content: Buffer;
  readonly sliceBytes?: number;
  readonly chunkSizeBytes?: number;
  readonly recipient: string;
}

/** Creates and starts a session of one terminal track, and gives an agent that has yet to send. */
export async function beginRecording(clients: AgentClients, options: BeginOptions): Promise<RecordingAgent> {
  const { content, sliceBytes = 150_000, chunkSizeBytes = 65_536, recipient } = options;
  const { sessionId } = await clients.orchestrator.createSession({
    body: {
      owner: recipient,
      recipients: [{ recipient, label: 'owner' }],
      title: 'end to end',
      tracks: [{ track: 0, kind: 'terminal', mediaType: 'application/x-asciicast', name: 'terminal.cast' }],
      chunkSizeBytes,
    },
  });
  await clients.orchestrator.startSession({ params: { sessionId } });
  return new RecordingAgent({ sessionId, content, sliceBytes }, clients);
}

const parsed = <T>(result: { ok: true; value: T } | { ok: false; detail: string }): T => {
  if (!result.ok) throw new Error(result.detail);
  return result.value;
};

/** Writes the bundle of a finished session, out of what the services give an operator; for stores that keep no files. */
export async function exportOverApi(stack: ProcessStack, sessionId: string, path: string): Promise<void> {
  const params = { sessionId };
  const encryptor = stack.clientOf(sessionEncryptorContract);
  const manifestBytes = await stack.clientOf(sessionOrchestratorContract).getManifest({ params });
  const manifest = parsed(parseDocument('manifest', manifestBytes));
  const checkpoint = await stack.clientOf(merkleBuilderContract).getCheckpoint({ params });
  const { anchor } = await stack.clientOf(onSystemChainClientContract).getAnchor({ params });
  const recipients = await encryptor.getRecipients({ params });
  const file = await open(path, 'w');
  try {
    await assembleBundle(
      {
        sessionId,
        manifest,
        checkpoint: Buffer.from(checkpoint).toString('utf8'),
        recipients,
        ...(anchor ? { anchor } : {}),
        source: {
          async *records() {
            for (let index = 0; index < manifest.treeSize; index++)
              yield await encryptor.getRecord({ params: { sessionId, index } });
          },
        },
      },
      {
        write: async (bytes) => {
          await file.write(bytes);
        },
      },
    );
  } finally {
    await file.close();
  }
}

/** Path of the session's bundle: the store's own file where it keeps files, else one assembled from the services. */
export async function bundleOf(stack: ProcessStack, session: SessionDocument): Promise<string> {
  if (session.bundle !== undefined) return session.bundle;
  const path = join(stack.folder, `${session.sessionId}.lucid`);
  await exportOverApi(stack, session.sessionId, path);
  return path;
}
