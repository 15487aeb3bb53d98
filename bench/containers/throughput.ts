/** One recording as fast as the recorder takes it: from its first byte to the anchored session. */
import { type AgentClients, RecordingAgent, whenInState } from '../../e2e/stack/recording-agent.ts';

export interface Throughput {
  readonly sendS: number;
  readonly wholeS: number;
  readonly megabytesPerS: number;
}

/** `content` as one track in chunks of `chunkSizeBytes`; seconds by the monotonic clock. */
export async function recordAtFullSpeed(
  clients: AgentClients,
  options: { content: Buffer; recipient: string; chunkSizeBytes: number },
): Promise<Throughput> {
  const { content, recipient, chunkSizeBytes } = options;
  const { sessionId } = await clients.orchestrator.createSession({
    body: {
      owner: recipient,
      recipients: [{ recipient, label: 'owner' }],
      title: 'throughput',
      tracks: [{ track: 0, kind: 'terminal', mediaType: 'application/x-asciicast', name: 'terminal.cast' }],
      chunkSizeBytes,
    },
  });
  await clients.orchestrator.startSession({ params: { sessionId } });
  const startedMs = performance.now();
  const agent = new RecordingAgent({ sessionId, content, sliceBytes: 1_048_576 }, clients);
  await agent.send(content.length);
  await agent.makeDurable(content.length);
  if (agent.lost !== null) throw new Error(`the session was lost: ${agent.lost}`);
  const sentMs = performance.now();
  await clients.orchestrator.stopSession({
    params: { sessionId },
    query: { waitMs: 30_000 },
    body: { closed: 'ended' },
  });
  const session = await whenInState(clients.orchestrator, sessionId, {
    states: ['completed', 'failed'],
    timeoutMs: 60_000,
  });
  if (!session.anchored) throw new Error(`the session is ${session.state} ${session.reason ?? ''}`);
  const endedMs = performance.now();
  const wholeS = (endedMs - startedMs) / 1000;
  return { sendS: (sentMs - startedMs) / 1000, wholeS, megabytesPerS: content.length / 1e6 / wholeS };
}
