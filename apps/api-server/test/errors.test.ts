/** Every error that the contract declares, and what services behind answer when they are away or refuse. */
import { utf8ToBytes } from '@lucid/bytes';
import { apiServerContract, type OperationSpec } from '@lucid/contracts';
import { type Hooks, idOf, ledgerNote } from './services-behind.ts';
import { type Ask, alice, createWorld, newSession, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  world.sessions.add(alice);
  world.chain.note = utf8ToBytes(ledgerNote(1).note);
});
afterAll(() => world.close());
afterEach(() => {
  world.fault.code = null;
  for (const { hooks } of [world.sessions, world.chain, world.users]) hooks.before.clear();
});

type Operation = keyof typeof apiServerContract.operations;
type Behind = 'sessions' | 'chain' | 'users';

const id = idOf(1);
const admin = { claims: { role: 'ADMIN', profile: 'admin' } } as const;
const post = { method: 'POST' } as const;
/** How each operation is asked, and which operation behind it refuses. */
const operations: Readonly<Record<Operation, readonly [string, Ask, (readonly [Behind, string])?]>> = {
  listSessions: ['/sessions', {}, ['sessions', 'listSessions']],
  getSession: [`/sessions/${id}`, {}, ['sessions', 'getSession']],
  findSessions: ['/sessions/batch', { body: { ids: [id] } }, ['sessions', 'getSession']],
  getSessionProof: [`/sessions/${id}/proof`, {}, ['sessions', 'getSession']],
  getManifest: [`/manifests/${id}`, {}, ['sessions', 'getManifest']],
  getManifestBytes: [`/manifests/${id}/bytes`, {}, ['sessions', 'getManifest']],
  createSession: ['/sessions', { body: newSession }, ['sessions', 'createSession']],
  startSession: [`/sessions/${id}/start`, post, ['sessions', 'startSession']],
  stopSession: [`/sessions/${id}/stop`, { body: {} }, ['sessions', 'stopSession']],
  pauseSession: [`/sessions/${id}/pause`, post, ['sessions', 'pauseSession']],
  resumeSession: [`/sessions/${id}/resume`, post, ['sessions', 'resumeSession']],
  archiveSession: [`/sessions/${id}/archive`, post, ['sessions', 'archiveSession']],
  restoreSession: [`/sessions/${id}/restore`, post, ['sessions', 'restoreSession']],
  deleteSession: [`/sessions/${id}?reason=x`, { method: 'DELETE' }, ['sessions', 'deleteSession']],
  getCheckpoint: ['/chain/checkpoint', {}, ['chain', 'getLedgerCheckpoint']],
  getLedgerEntry: ['/chain/entries/0', admin, ['chain', 'getLedgerEntry']],
  getAnchor: [`/chain/anchors/${id}`, {}, ['chain', 'getAnchor']],
  listPolicies: ['/policies', {}, ['sessions', 'listPolicies']],
  getPolicy: [`/policies/${id}`, {}, ['sessions', 'listPolicies']],
  storePolicy: ['/policies', { body: { name: 'mine', policy: {} } }, ['sessions', 'storePolicy']],
  deletePolicy: [`/policies/${id}`, { method: 'DELETE' }, ['sessions', 'deletePolicy']],
  checkPolicy: ['/policies/check', { body: { policy: {} } }],
  getOwnUser: ['/users/me', {}, ['users', 'getOwnUser']],
  listUsers: ['/users', admin, ['users', 'listUsers']],
  getUser: [`/users/${alice}`, admin, ['users', 'getUser']],
  getInfo: ['/meta/info', {}],
  getVersion: ['/meta/version', {}],
  getLimits: ['/meta/limits', {}],
};
const specs = Object.entries<OperationSpec>(apiServerContract.operations);
/** Arise here: tested in lists.test.ts and idempotency.test.ts. */
const own = new Set(['list_too_long', 'idempotency_key_reused', 'idempotency_in_progress']);
/** Answered by another operation behind than the one in the table. */
const elsewhere: Readonly<Record<string, readonly [Behind, string] | undefined>> = {
  'getAnchor session_unknown': ['sessions', 'getSession'],
};
/** The room that an answer under a key needs here is all that can be missing. */
const roomHere = new Set(
  ['stopSession', 'pauseSession', 'resumeSession'].map((each) => `${each} store_full`),
);
const statusOf = (code: string): number =>
  (apiServerContract.errors as Readonly<Record<string, { status: number }>>)[code]?.status ?? 0;

const declared = specs.flatMap(([operation, { errors = [] }]) =>
  errors.filter((code) => !own.has(code)).map((code) => [operation as Operation, code] as const),
);

test.each(declared)('%s: %s', async (operation, code) => {
  const [path, ask, behind] = operations[operation];
  const keyed = roomHere.has(`${operation} ${code}`);
  if (keyed) Object.assign(world.fault, { code, operations: ['insert'] });
  // A policy that is not in the list is not refused by anybody.
  else if (operation !== 'getPolicy') {
    const [service, name] = elsewhere[`${operation} ${code}`] ?? behind ?? [];
    if (!service || !name) throw new Error(`${operation} has nothing behind it that could answer ${code}`);
    (world[service].hooks as Hooks).refuse(name, code);
  }
  const answer = await world.ask(path, keyed ? { ...ask, key: 'key-12345' } : ask);
  expect([answer.status, answer.code]).toEqual([statusOf(code), code]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
});

test('every error of the contract is declared by an operation', () => {
  const used = new Set(specs.flatMap(([, { errors = [] }]) => errors));
  expect(Object.keys(apiServerContract.errors).filter((code) => !used.has(code))).toEqual([]);
});

const withBehind = Object.entries(operations).flatMap(([operation, [, , behind]]) =>
  behind ? [[operation as Operation, behind] as const] : [],
);
const asTheyAre: readonly (readonly [string, number])[] = [
  ['unavailable', 503],
  ['too_many_requests', 429],
  ['deadline_exceeded', 504],
];
const repeated: readonly (readonly [string, number])[] = [
  ['unauthenticated', 401],
  ['forbidden', 403],
  ['invalid_request', 400],
];

test.each(withBehind)(
  '%s: what the service behind answers of itself, and then all is well again',
  async (operation, [service, name]) => {
    const [path, ask] = operations[operation];
    const hooks = world[service].hooks as Hooks;
    const codes = [...asTheyAre, ...(service === 'chain' ? [] : repeated), ['internal', 500] as const];
    for (const [code, status] of codes) {
      hooks.refuse(name, code);
      const answer = await world.ask(path, ask);
      expect([code, answer.status, answer.code]).toEqual([code, status, code]);
    }
    // What the contract does not declare is not repeated.
    hooks.refuse(name, 'payload_too_large');
    expect((await world.ask(path, ask)).status).toBe(500);
    hooks.before.clear();
    expect((await world.ask(path, ask)).status).toBeLessThan(500);
  },
);

test('unauthenticated without a token, for every operation', async () => {
  for (const [path, ask] of Object.values(operations)) {
    const answer = await world.ask(path, { ...ask, headers: { authorization: '' } });
    expect([path, answer.status]).toEqual([path, 401]);
  }
});

test('invalid_request: texts that are no Unicode under a key, unknown members, wrong ids', async () => {
  const body = { ...newSession, title: '\ud800' };
  expect((await world.ask('/sessions', { body, key: 'key-12345' })).code).toBe('invalid_request');
  expect((await world.ask('/sessions', { body: { ...newSession, idempotencyKey: 'key-12345' } })).code).toBe(
    'invalid_request',
  );
  expect((await world.ask('/sessions/abc')).code).toBe('invalid_request');
  expect((await world.ask('/sessions?unknown=1')).code).toBe('invalid_request');
});
