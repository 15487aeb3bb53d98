/** Pages, however they are cut: all of them together are the list, each session once. */
import fc from 'fast-check';
import { codeOf, createWorld, type Person, type World } from './world.ts';

let world: World;
let observer: Person;
let admin: Person;
let newestFirst: string[];
let recorded: string;

beforeAll(async () => {
  world = await createWorld();
  observer = world.person();
  admin = world.person({ role: 'ADMIN', profile: 'admin' });
  const made: { sessionId: string; createdAtUs: number }[] = [];
  for (const owner of [world.person(), world.person(), world.person()])
    for (let at = 0; at < 8; at += 1) {
      const session = await world.newSession(owner, { observers: [observer.address] });
      made.push(session);
      if (at % 3 === 0) await owner.api.startSession({ params: { sessionId: session.sessionId } });
    }
  recorded = made[0]?.sessionId as string;
  for (let at = 0; at < 12; at += 1) await world.capture(recorded, new Uint8Array(1000), at * 1000);
  const { sessions } = await observer.api.listSessions({ query: { limit: 1000 } });
  newestFirst = sessions.map(({ sessionId }) => sessionId);
  expect([...newestFirst].sort()).toEqual(made.map(({ sessionId }) => sessionId).sort());
  const times = sessions.map(({ createdAtUs }) => createdAtUs);
  expect(times).toEqual([...times].sort((a, b) => b - a));
});
afterAll(() => world?.close());

async function all(
  who: Person,
  query: { state?: 'created' | 'recording'; all?: boolean },
  limits: readonly number[],
) {
  const ids: string[] = [];
  let after: string | undefined;
  for (let turn = 0; ; turn += 1) {
    const limit = limits[turn % limits.length] as number;
    const page = await who.api.listSessions({ query: { ...query, limit, ...(after ? { after } : {}) } });
    expect(page.sessions.length).toBeLessThanOrEqual(limit);
    ids.push(...page.sessions.map(({ sessionId }) => sessionId));
    if (page.next === undefined) return ids;
    after = page.next;
  }
}
const limits = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });

test('any pages make up the whole list, in order', async () => {
  await fc.assert(
    fc.asyncProperty(limits, async (each) => expect(await all(observer, {}, each)).toEqual(newestFirst)),
    { numRuns: 25 },
  );
});

test('a filter takes away what does not fit and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(limits, async (each) => {
      const [created, running] = [
        await all(observer, { state: 'created' }, each),
        await all(observer, { state: 'recording' }, each),
      ];
      expect(running).toHaveLength(9);
      const both = new Set([...created, ...running]);
      expect([both.size, created.length + running.length]).toEqual([newestFirst.length, newestFirst.length]);
    }),
    { numRuns: 25 },
  );
});

test('an administrator pages through all of the host', async () => {
  await fc.assert(
    fc.asyncProperty(limits, async (each) => {
      expect((await all(admin, { all: true }, each)).sort()).toEqual([...newestFirst].sort());
    }),
    { numRuns: 10 },
  );
});

test('records page by page are the records', async () => {
  const params = { sessionId: recorded };
  const whole = await observer.api.listChunks({ params, query: { limit: 1000 } });
  expect(whole.records.length).toBeGreaterThan(10);
  await fc.assert(
    fc.asyncProperty(limits, async (each) => {
      const records = [];
      let after: number | undefined;
      for (let turn = 0; ; turn += 1) {
        const limit = each[turn % each.length] as number;
        const page = await observer.api.listChunks({
          params,
          query: { limit, ...(after === undefined ? {} : { after }) },
        });
        records.push(...page.records);
        if (page.next === undefined) break;
        after = page.next;
      }
      expect(records).toEqual(whole.records);
    }),
    { numRuns: 15 },
  );
});

test('what no page ended with is refused, and no page has more than a thousand', async () => {
  for (const who of [observer, admin]) {
    const query = { after: 'no cursor!', ...(who === admin ? { all: true } : {}) };
    expect(await codeOf(who.api.listSessions({ query }))).toBe('invalid_request');
  }
  expect(await codeOf(observer.api.listSessions({ query: { limit: 1001 } }))).toBe('invalid_request');
});
