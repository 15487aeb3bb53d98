import { sessionOrchestratorContract } from '@lucid/contracts';
import { CliError } from '../cli/cli-error.ts';
import type { Lucid } from '../host/lucid.ts';
import { pages } from './pages.ts';

export const FEWEST_DIGITS = 4;

/** The whole id for its first digits. Throws CliError session_unknown where none or several begin so. */
export async function resolveSessionId(lucid: Pick<Lucid, 'clientOf'>, text: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  if (!/^[0-9a-f]+$/.test(text) || text.length < FEWEST_DIGITS) {
    throw new CliError(
      'usage',
      `${text} is no session id: give at least its first ${FEWEST_DIGITS} hex digits (see: lucid list)`,
    );
  }
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  const found: string[] = [];
  for await (const page of pages((from) => orchestrator.listSessions({ query: { limit: 1000, ...from } })))
    found.push(...page.sessions.map((each) => each.sessionId).filter((id) => id.startsWith(text)));
  if (found.length === 1) return found[0] as string;
  throw new CliError(
    'session_unknown',
    found.length === 0
      ? `no session begins with ${text}; see: lucid list`
      : `${found.length} sessions begin with ${text}; give more digits`,
  );
}
