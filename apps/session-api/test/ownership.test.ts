/** Whose a session is: a table over every operation of the contract, so that a new one without a row fails. */
import { type OperationSpec, sessionApiContract } from '@lucid/contracts';
import { codeOf, createWorld, type Person, type World } from './world.ts';

let world: World;
let owner: Person;
let user: Person;
let observer: Person;
let stranger: Person;
let admin: Person;
let sessionId: string;
const hash = 'a'.repeat(64);

beforeAll(async () => {
  world = await createWorld();
  [owner, user, observer, stranger] = [world.person(), world.person(), world.person(), world.person()];
  admin = world.person({ role: 'ADMIN', profile: 'admin' });
  sessionId = await world.agreed(owner, user, { observers: [observer.address] });
});
afterAll(() => world?.close());

const signature = '11'.repeat(65);
const action = { kind: 'mouse' };
/** What besides the session is asked for. */
const inputs: Readonly<Record<string, object>> = {
  stopSession: { query: {}, body: {} },
  followEvents: { query: {} },
  listChunks: { query: {} },
  getChunk: { params: { index: 0 } },
  getMerkleProof: { params: { index: 0 }, query: {} },
  downloadBundle: { query: {} },
  putConsent: { body: { acceptedAtUs: 1, signature } },
  checkPolicy: { body: { action } },
  approve: { body: { opens: 'clipboard.hostToRemote', fromUs: 0, untilUs: 1, signature } },
  deleteSession: { query: { reason: 'none' } },
};
const ask = (api: Person['api'], operation: string, id: string): Promise<unknown> => {
  const more = (inputs[operation] ?? {}) as { params?: object };
  const input = { ...more, params: { ...more.params, sessionId: id } };
  return (api as unknown as Record<string, (input: object) => Promise<unknown>>)[operation]?.(
    input,
  ) as Promise<unknown>;
};

const operations = Object.entries<OperationSpec>(sessionApiContract.operations);
const ofSession = operations.filter(([, { params }]) => params && 'sessionId' in params.properties);
const others = operations.filter((each) => !ofSession.includes(each)).map(([name]) => name);

test('operations without a session are these, and look at nobody else’s', () => {
  expect(others.sort()).toEqual(
    ['cleanStorage', 'createSession', 'deletePolicy', 'listPolicies', 'listSessions', 'storePolicy'].sort(),
  );
});

test.each(ofSession.map(([name]) => name))('%s: to a stranger the session is not there', async (name) => {
  expect(await codeOf(ask(stranger.api, name, sessionId))).toBe('session_unknown');
  // The very answer that an id which nobody has gets.
  expect(await codeOf(ask(stranger.api, name, hash))).toBe('session_unknown');
});

const controlling = [
  'startSession',
  'stopSession',
  'pauseSession',
  'resumeSession',
  'archiveSession',
  'restoreSession',
  'putConsent',
  'approve',
  'deleteSession',
];
test.each(controlling)('%s is not for an observer, though he may see the session', async (name) => {
  expect(await codeOf(observer.api.getSession({ params: { sessionId } }))).toBe('none');
  expect(await codeOf(ask(observer.api, name, sessionId))).toBe('not_yours');
});

test.each(['archiveSession', 'restoreSession', 'deleteSession', 'approve'])(
  '%s is not for the invited user',
  async (name) => {
    expect(await codeOf(ask(user.api, name, sessionId))).toBe('not_yours');
  },
);

test.each(controlling.filter((name) => name !== 'deleteSession'))(
  '%s is not for an administrator, who sees all',
  async (name) => {
    expect((await admin.api.getSession({ params: { sessionId } })).you).toEqual(['administrator']);
    expect(await codeOf(ask(admin.api, name, sessionId))).toBe('not_yours');
  },
);

test('only the host says what was attempted', async () => {
  const params = { sessionId };
  for (const who of [user, observer])
    expect(await codeOf(who.api.checkPolicy({ params, body: { action, attempted: 'done' } }))).toBe(
      'not_yours',
    );
});

test('a token for one session opens this one and nothing else', async () => {
  const other = await world.newSession(owner);
  const bound = owner.as({ scope: 'proof', session: sessionId });
  expect((await bound.getSession({ params: { sessionId } })).sessionId).toBe(sessionId);
  expect(await codeOf(bound.getSession({ params: { sessionId: other.sessionId } }))).toBe('forbidden');
  expect(await codeOf(bound.listSessions({ query: {} }))).toBe('forbidden');
  expect(await codeOf(bound.startSession({ params: { sessionId } }))).toBe('forbidden');
  expect(await codeOf(ask(bound, 'putConsent', sessionId))).toBe('forbidden');
});

test('without a token nothing is open, and services are not accounts', async () => {
  const operator = world.clientOf(sessionApiContract);
  expect(await codeOf(operator.listSessions({ query: {} }))).toBe('forbidden');
});

test('sessions are listed to those who take part, with what they are to them', async () => {
  const seen = async (who: Person) =>
    (await who.api.listSessions({ query: {} })).sessions.find((each) => each.sessionId === sessionId)?.you;
  expect(await seen(owner)).toEqual(['owner', 'host']);
  expect(await seen(user)).toEqual(['user']);
  expect(await seen(observer)).toEqual(['observer']);
  expect(await seen(stranger)).toBeUndefined();
  const all = await admin.api.listSessions({ query: { all: true } });
  expect(all.sessions.find((each) => each.sessionId === sessionId)?.you).toEqual(['administrator']);
  expect(await codeOf(owner.api.listSessions({ query: { all: true } }))).toBe('forbidden');
});
