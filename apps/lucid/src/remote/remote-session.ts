import { sessionApiContract } from '@lucid/contracts';
import { CliError } from '../cli/cli-error.ts';
import { pages } from '../commands/pages.ts';
import { FEWEST_DIGITS } from '../commands/session-id.ts';
import type { RemoteHost } from './remote-host.ts';
import { claimsOfToken } from './token-claims.ts';

/** The whole id for its first digits, among the sessions that the user may see. @throws CliError session_unknown, usage */
export async function resolveRemoteSession(host: RemoteHost, text: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  if (!/^[0-9a-f]+$/.test(text) || text.length < FEWEST_DIGITS)
    throw new CliError(
      'usage',
      `${text} is no session id: give at least its first ${FEWEST_DIGITS} hex digits`,
    );
  // A token for one session cannot list others to find an id by its first digits.
  const { session: only } = claimsOfToken(host.givenToken);
  if (typeof only === 'string' && only) return onlyOne(text, only.startsWith(text) ? [only] : []);
  const client = await host.clientOf(sessionApiContract);
  const found: string[] = [];
  for await (const page of pages((from) => client.listSessions({ query: { limit: 1000, ...from } })))
    found.push(...page.sessions.map(({ sessionId }) => sessionId).filter((id) => id.startsWith(text)));
  return onlyOne(text, found);
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
