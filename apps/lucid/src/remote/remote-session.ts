import { sessionApiContract } from '@lucid/contracts';
import { CliError } from '../cli/cli-error.ts';
import { FEWEST_DIGITS } from '../commands/session-id.ts';
import type { RemoteHost } from './remote-host.ts';

/** The session that a token was made for; it cannot list others to find an id by its first digits. */
function sessionOfToken(token: string | undefined): string | null {
  try {
    const payload = Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { session } = JSON.parse(payload) as { session?: unknown };
    return typeof session === 'string' ? session : null;
  } catch {
    return null;
  }
}

/** The whole id for its first digits, among the sessions that the user may see. @throws CliError session_unknown, usage */
export async function resolveRemoteSession(host: RemoteHost, text: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  if (!/^[0-9a-f]+$/.test(text) || text.length < FEWEST_DIGITS)
    throw new CliError(
      'usage',
      `${text} is no session id: give at least its first ${FEWEST_DIGITS} hex digits`,
    );
  const only = sessionOfToken(host.givenToken);
  if (only) return onlyOne(text, only.startsWith(text) ? [only] : []);
  const client = await host.clientOf(sessionApiContract);
  const found: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await client.listSessions({ query: { limit: 1000, ...(after ? { after } : {}) } });
    found.push(...page.sessions.map(({ sessionId }) => sessionId).filter((id) => id.startsWith(text)));
    after = page.next;
    if (!after) return onlyOne(text, found);
  }
}

function onlyOne(text: string, found: readonly string[]): string {
  const [sessionId] = found;
  if (found.length === 1 && sessionId) return sessionId;
  throw new CliError(
    'session_unknown',
    found.length === 0
      ? `no session that you may see begins with ${text}`
      : `${found.length} sessions begin with ${text}; give more digits`,
  );
}
