/** Lists of sessions: the pages of session-api, filtered, and sorted the other way where that is asked for. */
import type { apiServerContract, InputOf, OutputOf, sessionApiContract } from '@lucid/contracts';
import { accountOf, type Call, type Client } from '@lucid/service-kit';
import { LIMITS } from '../limits.ts';
import { problem } from '../problem.ts';
import { decodeCursor, encodeCursor, isText, type ListIdentity } from './cursor.ts';
import { onBehalf } from './on-behalf.ts';

export type UserSession = OutputOf<(typeof sessionApiContract)['operations']['getSession']>;
export type SessionsQuery = InputOf<(typeof apiServerContract)['operations']['listSessions']>['query'];
type Sessions = Client<typeof sessionApiContract>;

export interface SessionPage {
  readonly sessions: readonly UserSession[];
  readonly next?: string;
}

/** Rows are in the order of the service's own times, which may differ this much from those that are shown. */
const TIME_SLACK_US = 60_000_000;

const includes = (text: string | undefined, part: string): boolean =>
  text?.toLowerCase().includes(part.toLowerCase()) ?? false;

/** What session-api does not filter itself. */
export function isWanted(session: UserSession, query: SessionsQuery): boolean {
  const { type, owner, title, policyHash, manifestHash, anchored, fromUs, toUs } = query;
  return (
    (type === undefined || type.includes(session.type)) &&
    (owner === undefined || session.owner === owner) &&
    (title === undefined || includes(session.title, title)) &&
    (policyHash === undefined || session.policyHash === policyHash) &&
    (manifestHash === undefined || session.manifestHash === manifestHash) &&
    (anchored === undefined || session.anchored === anchored) &&
    (fromUs === undefined || session.createdAtUs >= fromUs) &&
    (toUs === undefined || session.createdAtUs < toUs)
  );
}

const identityOf = (query: SessionsQuery, address: string): ListIdentity => {
  const { limit: _limit, after: _after, fields: _fields, ...filters } = query;
  return { list: 'sessions', address, filters: Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1)) };
};

/** Those that session-api filters itself. */
const askedOf = ({ state, archived, all }: SessionsQuery) => ({
  ...(state === undefined ? {} : { state }),
  ...(archived === undefined ? {} : { archived }),
  ...(all === undefined ? {} : { all }),
});

/** Where a list ended that is sorted here: time and id of its last session. */
type Place = readonly [createdAtUs: number, sessionId: string];
const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) &&
  value.length === 2 &&
  Number.isSafeInteger(value[0]) &&
  typeof value[1] === 'string';

const placeOf = ({ createdAtUs, sessionId }: UserSession): Place => [createdAtUs, sessionId];
const compare = ([aUs, a]: Place, [bUs, b]: Place): number => aUs - bUs || (a < b ? -1 : a > b ? 1 : 0);

interface Upstream {
  readonly sessions: UserSession[];
  readonly next?: string;
}

const ask = (sessions: Sessions, call: Call, query: SessionsQuery, limit: number, after?: string) =>
  onBehalf(
    call,
    'session-api',
    (options): Promise<Upstream> =>
      sessions.listSessions(
        { query: { ...askedOf(query), limit, ...(after === undefined ? {} : { after }) } },
        options,
      ),
  );

/** @throws ProblemError list_too_long, and what session-api answers */
export const listSessions = (sessions: Sessions, query: SessionsQuery, call: Call): Promise<SessionPage> =>
  query.sort === 'created' ? oldestFirst(sessions, query, call) : newestFirst(sessions, query, call);

/**
 * Asks for as many as are missing, so that a page ends where the cursor of session-api does: nothing is dropped, so nothing can be
 * missed or told twice.
 */
async function newestFirst(sessions: Sessions, query: SessionsQuery, call: Call): Promise<SessionPage> {
  const { limit = LIMITS.defaultPageItems } = query;
  const list = identityOf(query, accountOf(call).address);
  let after = query.after === undefined ? undefined : decodeCursor(list, query.after, isText);
  const found: UserSession[] = [];
  for (let page = 0; page < LIMITS.pagesPerRequest && found.length < limit; page++) {
    const answer = await ask(sessions, call, query, limit - found.length, after);
    found.push(...answer.sessions.filter((each) => isWanted(each, query)));
    after = answer.next;
    if (after === undefined || isBefore(answer.sessions.at(-1), query)) return { sessions: found };
  }
  return { sessions: found, ...(after === undefined ? {} : { next: encodeCursor(list, after) }) };
}

/** Whether all that follow are too old. */
const isBefore = (last: UserSession | undefined, { fromUs }: SessionsQuery): boolean =>
  last !== undefined && fromUs !== undefined && last.createdAtUs < fromUs - TIME_SLACK_US;

/** session-api has no such order: the whole list is read for each page, so its length is bounded. */
async function oldestFirst(sessions: Sessions, query: SessionsQuery, call: Call): Promise<SessionPage> {
  const { limit = LIMITS.defaultPageItems } = query;
  const list = identityOf(query, accountOf(call).address);
  const start = query.after === undefined ? undefined : decodeCursor(list, query.after, isPlace);
  const found = (await all(sessions, query, call))
    .filter((each) => start === undefined || compare(placeOf(each), start) > 0)
    .sort((a, b) => compare(placeOf(a), placeOf(b)));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    sessions: page,
    ...(last && found.length > limit ? { next: encodeCursor(list, placeOf(last)) } : {}),
  };
}

async function all(sessions: Sessions, query: SessionsQuery, call: Call): Promise<UserSession[]> {
  const found: UserSession[] = [];
  let after: string | undefined;
  for (let read = 0; read < LIMITS.sortedRows; read += LIMITS.pageItems) {
    const answer = await ask(sessions, call, query, LIMITS.pageItems, after);
    found.push(...answer.sessions.filter((each) => isWanted(each, query)));
    after = answer.next;
    if (after === undefined || isBefore(answer.sessions.at(-1), query)) return found;
  }
  throw problem('list_too_long', { detail: `At most ${LIMITS.sortedRows} sessions are sorted.` });
}
