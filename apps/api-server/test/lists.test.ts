/** Lists: filters, fields, both orders, pages while rows are added, and cursors that are none. */
import fc from 'fast-check';
import { decodeCursor, encodeCursor, isText } from '../src/domain/cursor.ts';
import { idOf, type UserSession } from './services-behind.ts';
import { alice, bob, createWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const idsOf = (items: readonly { id: string }[]): string[] => items.map(({ id }) => id);

/** All pages of a list; `between` runs after each. */
async function walk(query: string, between: () => void = () => {}): Promise<string[]> {
  const seen: string[] = [];
  let after = '';
  for (let pages = 0; pages < 500; pages++) {
    const { status, json } = await world.ask(`/sessions?${query}${after}`);
    expect(status).toBe(200);
    expect(json.items.length).toBeLessThanOrEqual(Number(/limit=(\d+)/.exec(query)?.[1] ?? 100));
    seen.push(...idsOf(json.items));
    if (json.next === undefined) return seen;
    after = `&after=${json.next}`;
    between();
  }
  throw new Error('the list has no end');
}

const some = (count: number, more: (at: number) => Partial<UserSession> = () => ({})): UserSession[] =>
  Array.from({ length: count }, (_, at) => world.sessions.add(alice, more(at)));

test('newest first by default, oldest first where asked; one shape', async () => {
  const [a, b, c] = some(3).map(({ sessionId }) => sessionId);
  const { json } = await world.ask('/sessions');
  expect(idsOf(json.items)).toEqual([c, b, a]);
  expect(json.items[0]).toMatchObject({ kind: 'session', id: c, state: 'created', owner: alice });
  expect(json.items[0]).not.toHaveProperty('sessionId');
  expect(json).not.toHaveProperty('next');
  expect(idsOf((await world.ask('/sessions?sort=created')).json.items)).toEqual([a, b, c]);
});

const policyHash = 'ee'.repeat(32);
const manifestHash = 'dd'.repeat(32);
test.each<[string, (index: number) => boolean]>([
  ['state=completed', (at) => at % 2 === 0],
  ['title=NEEDLE', (at) => at % 3 === 0],
  [`policyHash=${policyHash}`, (at) => at % 4 === 0],
  [`manifestHash=${manifestHash}`, (at) => at % 5 === 0],
  ['anchored=true', (at) => at === 6],
  ['anchored=false', (at) => at !== 6],
  ['type=api_admin&type=rdp_user', (at) => at === 7 || at === 8],
  ['fromUs=4000', (at) => at >= 3],
  ['toUs=4000', (at) => at < 3],
  ['fromUs=3000&toUs=5000&state=completed', (at) => at === 2],
  [`owner=${bob}`, (at) => at === 9],
])('filter %s, in both orders and in pages of two', async (filter, expected) => {
  const rows = some(10, (at) => ({
    ...(at % 2 === 0 ? { state: 'completed' } : {}),
    ...(at % 3 === 0 ? { title: `a Needle ${at}` } : {}),
    ...(at % 4 === 0 ? { policyHash } : {}),
    ...(at % 5 === 0 ? { manifestHash } : {}),
    ...(at === 6 ? { anchored: true } : {}),
    ...(at === 7 ? { type: 'api_admin' } : at === 8 ? { type: 'rdp_user' } : {}),
    ...(at === 9 ? { owner: bob, observers: [alice] } : {}),
  }));
  const wanted = rows.filter((_, at) => expected(at)).map(({ sessionId }) => sessionId);
  expect(wanted.length).toBeGreaterThan(0);
  expect(await walk(`${filter}&limit=2&sort=created`)).toEqual(wanted);
  expect(await walk(`${filter}&limit=2`)).toEqual(wanted.reverse());
});

test('archived and deleted ones where they are asked for', async () => {
  const [plain, archived, deleted] = some(3, (at) =>
    at === 1 ? { archivedAtUs: 9 } : at === 2 ? { state: 'deleted' } : {},
  ).map(({ sessionId }) => sessionId);
  expect(await walk('')).toEqual([plain]);
  expect(await walk('archived=true')).toEqual([archived]);
  expect(await walk('state=deleted')).toEqual([deleted]);
});

test('fields: only those asked for, besides kind and id; here, of one and in a batch', async () => {
  const { sessionId } = world.sessions.add(alice, { title: 'x' });
  const wanted = { kind: 'session', id: sessionId, state: 'created', title: 'x' };
  const query = 'fields=state&fields=title';
  expect((await world.ask(`/sessions?${query}`)).json.items).toEqual([wanted]);
  expect((await world.ask(`/sessions/${sessionId}?${query}`)).json).toEqual(wanted);
  const batch = await world.ask(`/sessions/batch?${query}`, { body: { ids: [sessionId] } });
  expect(batch.json).toEqual({ items: [wanted], missing: [] });
  const unknown = await world.ask('/sessions?fields=secret');
  expect([unknown.status, unknown.code]).toEqual([400, 'invalid_request']);
});

test('a batch: in the order asked for, the rest is missing; 101, none, twice and no ids are refused', async () => {
  const rows = some(100).map(({ sessionId }) => sessionId);
  const foreign = world.sessions.add(bob).sessionId;
  const asked = [...rows.slice(0, 98).reverse(), foreign, idOf(999_999)];
  const { json } = await world.ask('/sessions/batch', { body: { ids: asked } });
  expect(idsOf(json.items)).toEqual(asked.slice(0, 98));
  expect(json.missing).toEqual(asked.slice(98));
  for (const ids of [[...rows, foreign], [], [rows[0], rows[0]], ['x']])
    expect((await world.ask('/sessions/batch', { body: { ids } })).code).toBe('invalid_request');
});

test('property: while rows are added, none is told twice and none that was there is missed', async () => {
  const plan = fc.record({
    before: fc.integer({ min: 0, max: 40 }),
    added: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 }),
    limit: fc.integer({ min: 1, max: 7 }),
    filter: fc.constantFrom('', '&anchored=true', '&title=even', '&state=completed'),
    sort: fc.constantFrom('created', '-created'),
    // Rows of one moment: the order among them must not lose any.
    sameMoment: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ before, added, limit, filter, sort, sameMoment }) => {
      world.sessions.rows.clear();
      const shape = (at: number) => ({
        ...(at % 2 ? { anchored: true } : { title: `even ${at}` }),
        ...(at % 3 ? {} : { state: 'completed' as const }),
        ...(sameMoment ? { createdAtUs: 1_000_000_000 + Math.floor(world.sessions.rows.size / 5) } : {}),
      });
      const matches = (row: UserSession) =>
        filter === '' ||
        (filter.startsWith('&anch') && row.anchored) ||
        (filter.startsWith('&title') && row.title !== undefined) ||
        (filter.startsWith('&state') && row.state === 'completed');
      const there = some(before, shape);
      const adds = [...added];
      const seen = await walk(
        `limit=${limit}&sort=${sort}${filter}`,
        () => void some(adds.shift() ?? 0, shape),
      );
      expect(new Set(seen).size).toBe(seen.length);
      const wanted = there.filter(matches).map(({ sessionId }) => sessionId);
      expect(wanted.filter((id) => !seen.includes(id))).toEqual([]);
      const shown = seen.map((id) => world.sessions.rows.get(id) as UserSession);
      expect(shown.filter((row) => !matches(row))).toEqual([]);
      const times = shown.map(({ createdAtUs }) => createdAtUs);
      expect(times).toEqual([...times].sort((a, b) => (sort === 'created' ? a - b : b - a)));
    }),
    { numRuns: 40 },
  );
});

test('a filter that hardly anything fits looks at 20 pages a request, and comes to its end', async () => {
  some(100, (at) => (at === 0 ? { title: 'the one' } : {}));
  const first = await world.ask('/sessions?title=the+one&limit=1');
  expect(first.json.items).toEqual([]);
  expect(first.json.next).toBeDefined();
  expect(world.sessions.hooks.count('listSessions')).toBe(20);
  expect(await walk('title=the+one&limit=1')).toHaveLength(1);
});

test('behind a time that is asked for nothing is looked at', async () => {
  some(30, (at) => ({ createdAtUs: at * 1_000_000_000 }));
  const { json } = await world.ask('/sessions?limit=5&fromUs=28000000000');
  expect([idsOf(json.items), json.next]).toEqual([[idOf(30), idOf(29)], undefined]);
  expect(world.sessions.hooks.count('listSessions')).toBe(1);
});

test('list_too_long: more than 10,000 sessions are not sorted the oldest first', async () => {
  some(10_000);
  expect((await world.ask('/sessions?sort=created&limit=1')).json.items[0].id).toBe(idOf(1));
  some(1);
  const answer = await world.ask('/sessions?sort=created&limit=1');
  expect([answer.status, answer.code]).toEqual([422, 'list_too_long']);
  expect((await world.ask('/sessions?limit=1')).status).toBe(200);
});

test('a cursor is good for its list, account and filters only; the page size and fields may change', async () => {
  some(6);
  world.sessions.add(bob);
  const { json } = await world.ask('/sessions?limit=2&anchored=false');
  const after = `after=${json.next}`;
  expect((await world.ask(`/sessions?limit=3&fields=state&anchored=false&${after}`)).json.items).toHaveLength(
    3,
  );
  for (const [path, as] of [
    [`/sessions?${after}`, alice],
    [`/sessions?anchored=true&${after}`, alice],
    [`/sessions?anchored=false&sort=created&${after}`, alice],
    [`/sessions?anchored=false&${after}`, bob],
    [`/policies?${after}`, alice],
  ] as const) {
    const answer = await world.ask(path, { as });
    expect([path, answer.status, answer.code]).toEqual([path, 400, 'invalid_request']);
  }
});

test('fuzz: whatever stands in `after` is a page or invalid_request', async () => {
  some(5);
  const good = String((await world.ask('/sessions?limit=2')).json.next);
  const oldest = String((await world.ask('/sessions?limit=2&sort=created')).json.next);
  const list = { list: 'sessions', address: alice, filters: [] };
  // Forged with the right check: the position itself is foreign.
  const forged = fc.jsonValue().map((value) => encodeCursor(list, value));
  const mangled = fc
    .tuple(fc.constantFrom(good, oldest), fc.nat(), fc.constantFrom(...'AZaz09-_'))
    .map(([text, at, letter]) => {
      const index = at % text.length;
      return text.slice(0, index) + letter + text.slice(index + 1);
    });
  const any = fc.oneof(
    fc.string({ minLength: 1, unit: 'binary' }),
    fc.base64String({ minLength: 1 }),
    forged.filter((text) => text.length <= 4096),
    mangled,
  );
  await fc.assert(
    fc.asyncProperty(any, fc.constantFrom('', '&sort=created'), async (after, sort) => {
      const answer = await world.ask(`/sessions?limit=2&after=${encodeURIComponent(after)}${sort}`);
      expect([200, 400]).toContain(answer.status);
      if (answer.status === 400) expect(answer.code).toBe('invalid_request');
      else expect([good, oldest]).toContain(after);
    }),
    { numRuns: 300 },
  );
});

test('property: a cursor says what was put in, and no flipped letter of it is taken', () => {
  const list = { list: 'x' };
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), fc.nat(), (position, at) => {
      const text = encodeCursor(list, position);
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeCursor(list, text, isText)).toBe(position);
      const index = at % text.length;
      const flipped = text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
      expect(() => decodeCursor(list, flipped, isText)).toThrow('invalid_request');
    }),
  );
});

test('limits of a page', async () => {
  for (const limit of ['0', '1001', '-1', 'x', '1.5'])
    expect([limit, (await world.ask(`/sessions?limit=${limit}`)).code]).toEqual([limit, 'invalid_request']);
});

test('policies and users: pages in one order, each once', async () => {
  for (let at = 0; at < 7; at++) {
    const policyHash = String(at).repeat(64);
    const owner = at % 2 ? { owner: alice } : {};
    world.sessions.policies.set(policyHash, { policyHash, name: `Policy ${at}`, policy: {}, ...owner });
    const address = `T${String(at + 1).repeat(33)}`;
    const user = { address, role: 'USER', status: 'active', totp: false, createdAt: 7 } as const;
    world.users.rows.set(address, at === 3 ? { ...user, role: 'ADMIN', lastLoginAt: 9 } : user);
  }
  const claims = { role: 'ADMIN', profile: 'admin' } as const;
  for (const path of ['/policies?limit=2', '/users?limit=2']) {
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const { json } = await world.ask(path + after, { claims });
      seen.push(...idsOf(json.items));
      if (json.next === undefined) break;
      after = `&after=${json.next}`;
    }
    expect(seen).toHaveLength(7);
    expect(seen).toEqual([...new Set(seen)].sort());
  }
  expect((await world.ask('/policies?owned=true')).json.items).toHaveLength(3);
  expect((await world.ask('/policies?owned=false&title=policy+4')).json.items).toEqual([
    { kind: 'policy', id: '4'.repeat(64), name: 'Policy 4', policy: {} },
  ]);
  const admins = await world.ask('/users?role=ADMIN', { claims });
  expect(admins.json.items).toEqual([
    expect.objectContaining({
      kind: 'user',
      role: 'ADMIN',
      createdAtUs: 7_000_000,
      lastLoginAtUs: 9_000_000,
    }),
  ]);
});
