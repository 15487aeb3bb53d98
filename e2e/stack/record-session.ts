/** What an operator and an agent do with a stack: a session from its creation to its finished file. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sessionOrchestratorContract, sessionRecorderContract } from '@lucid/contracts';
import type { ProcessStack } from './process-stack.ts';
import { type AgentClients, RecordingAgent, type SessionDocument } from './recording-agent.ts';

export const clientsOf = (stack: Pick<ProcessStack, 'clientOf'>): AgentClients => ({
  recorder: stack.clientOf(sessionRecorderContract),
  orchestrator: stack.clientOf(sessionOrchestratorContract),
});

export interface BeginOptions {
  readonly content: Buffer;
  readonly sliceBytes?: number;
  readonly chunkSizeBytes?: number;
  readonly recipient: string;
  readonly patienceMs?: number;
}

/** Creates and starts a session of one terminal track, and gives an agent that has yet to send. */
export async function beginRecording(clients: AgentClients, options: BeginOptions): Promise<RecordingAgent> {
  const { content, sliceBytes = 150_000, chunkSizeBytes = 65_536, recipient, patienceMs } = options;
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
  return new RecordingAgent({ sessionId, content, sliceBytes, patienceMs }, clients);
}

/** What an operator does whose store keeps no files. */
async function exportSession(stack: ProcessStack, sessionId: string, path: string): Promise<void> {
  const program = join(stack.root, 'dist/apps/lucid/main.mjs');
  const key = stack.keys.keyFileOf('operator');
  const args = ['export', sessionId, '--operator-key', key, '--out', path, '--force'];
  await promisify(execFile)(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, HOME: stack.folder, ...stack.urls },
  });
}

/** Path of the session's bundle: the store's own file where it keeps files, else one exported from the services. */
export async function bundleOf(stack: ProcessStack, session: SessionDocument): Promise<string> {
  if (session.bundle !== undefined) return session.bundle;
  const path = join(stack.folder, `${session.sessionId}.lucid`);
  await exportSession(stack, session.sessionId, path);
  return path;
}
