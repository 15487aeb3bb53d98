/** `lucid record --session`: a session that was made before, under the policy that its parties agreed on. */
import { ASCIICAST_MEDIA_TYPE } from '@lucid/capture';
import { sessionApiContract, sessionOrchestratorContract } from '@lucid/contracts';
import { type ControlPolicy, checkPolicy } from '@lucid/control-policy';
import { CliError } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { toRemoteError } from '../remote/remote-error.ts';
import { openRemoteHost, type RemoteHost } from '../remote/remote-host.ts';
import type { Session } from './session-flow.ts';
import { resolveSessionId } from './session-id.ts';

export interface JoinedSession {
  readonly session: Session;
  readonly policy: ControlPolicy | null;
}

function assertTerminal({ tracks, sessionId }: Session): void {
  const [track] = tracks;
  if (tracks.length === 1 && track?.kind === 'terminal' && track.mediaType === ASCIICAST_MEDIA_TYPE) return;
  throw new CliError(
    'usage',
    `session ${sessionId.slice(0, 16)}… is not one of a terminal alone; nothing was recorded`,
  );
}

async function policyOf(host: RemoteHost, { sessionId, policyHash }: Session): Promise<ControlPolicy> {
  const { policy } = await (await host.clientOf(sessionApiContract)).getPolicy({ params: { sessionId } });
  const judged = checkPolicy(policy);
  if (judged.ok && judged.value.hash === policyHash) return judged.value.policy;
  throw new CliError(
    'session_failed',
    `the policy of session ${sessionId.slice(0, 16)}… is not the one that its parties agreed on; nothing was recorded`,
  );
}

/** Under a policy only session-api starts it, on behalf of who is signed in. */
async function startAgreed(
  { process, lucid }: CommandContext,
  session: Session,
  input: boolean,
): Promise<ControlPolicy> {
  const host = openRemoteHost({ ...process.env, LUCID_HOST: '' }, lucid.apart?.gateway);
  try {
    const policy = await policyOf(host, session);
    if (input && !policy.recording.input)
      throw new CliError(
        'usage',
        '--input: the policy does not let what is typed be recorded; nothing was recorded',
      );
    if (session.state === 'created')
      await (await host.clientOf(sessionApiContract)).startSession({
        params: { sessionId: session.sessionId },
      });
    return policy;
  } catch (error) {
    throw toRemoteError(error, { origin: host.origin, givenToken: host.givenToken !== undefined });
  } finally {
    await host.close();
  }
}

const RUNS: readonly string[] = ['created', 'recording'];

/** Starts it where it has not begun. @throws CliError */
export async function joinSession(
  context: CommandContext,
  text: string,
  { input }: { readonly input: boolean },
): Promise<JoinedSession> {
  const { lucid } = context;
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  const sessionId = await resolveSessionId(lucid, text);
  const session = await orchestrator.getSession({ params: { sessionId } });
  assertTerminal(session);
  if (!RUNS.includes(session.state))
    throw new CliError(
      'usage',
      `session ${sessionId.slice(0, 16)}… is ${session.state}; a session is recorded once`,
    );
  const policy = session.policyHash === undefined ? null : await startAgreed(context, session, input);
  if (policy === null && session.state === 'created')
    await orchestrator.startSession({ params: { sessionId } });
  return { session: await orchestrator.getSession({ params: { sessionId } }), policy };
}
