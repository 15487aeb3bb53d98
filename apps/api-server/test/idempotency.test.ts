/** Requests under an idempotency key, over HTTP: once each, whatever instance is asked, whatever dies between. */
import fc from 'fast-check';
import { alice, bob, createWorld, newSession, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const create = (more: object = {}, instance: Pick<World, 'ask'> = world) =>
  instance.ask('/sessions', { body: newSession, key: 'key-00001', ...more });

/** Resolves once the operation is entered; it goes on when `release` is called. */
function held(operation: string, at: 'before' | 'after' = 'before') {
  let release = () => {};
  const entered = new Promise<void>((resolve) => {
    world.sessions.hooks[at].set(operation, () => {
      resolve();
      return new Promise<void>((go) => {
        release = go;
      });
    });
  });
  return { entered, release: () => release() };
}

test('the first answer is given again, byte for byte', async () => {
  const first = await create();
  expect(first.status).toBe(201);
  const again = await create();
  expect([again.status, again.text]).toEqual([201, first.text]);
  expect(world.sessions.hooks.count('createSession')).toBe(1);
  expect(world.sessions.rows.size).toBe(1);
});

test('with quotes (RFC 8941 string), in the query and in the header it is one key', async () => {
  const first = await create({ key: '"key-00001"' });
  expect((await create()).text).toBe(first.text);
  const inQuery = await world.ask('/sessions?idempotencyKey=key-00001', { body: newSession });
  expect(inQuery.text).toBe(first.text);
});

test('without a key it is done each time, and nothing is kept', async () => {
  const one = await world.ask('/sessions', { body: newSession });
  const two = await world.ask('/sessions', { body: newSession });
  expect(one.json.id).not.toBe(two.json.id);
  expect(world.documents.get('app-answers')?.size ?? 0).toBe(0);
});

test.each(['', 'short', 'with space', 'a'.repeat(129), '"unclosed1', 'key-00001, key-00002'])(
  'invalid_request: the key %j is none',
  async (key) => {
    const answer = await create({ key });
    expect([answer.status, answer.code]).toEqual([400, 'invalid_request']);
    expect(world.sessions.rows.size).toBe(0);
  },
);

test('idempotency_key_reused: another body, operation or session under the key', async () => {
  const { json } = await create();
  const body = await create({ body: { ...newSession, title: 'another' } });
  expect([body.status, body.code]).toEqual([422, 'idempotency_key_reused']);
  const operation = await world.ask(`/sessions/${json.id}/start`, { method: 'POST', key: 'key-00001' });
  expect([operation.status, operation.code]).toEqual([422, 'idempotency_key_reused']);
  await world.ask(`/sessions/${json.id}/start`, { method: 'POST', key: 'key-00002' });
  const other = world.sessions.add(alice);
  const session = await world.ask(`/sessions/${other.sessionId}/start`, { method: 'POST', key: 'key-00002' });
  expect(session.code).toBe('idempotency_key_reused');
  expect(world.sessions.rows.size).toBe(2);
});

test('the order of members makes no other request', async () => {
  const first = await create();
  const turned = Object.fromEntries(Object.entries(newSession).reverse());
  expect((await create({ body: turned })).text).toBe(first.text);
});

test('keys are of one account', async () => {
  const hers = await create();
  const his = await create({ as: bob, body: { ...newSession, title: 'his' } });
  expect([his.status, his.json.owner]).toEqual([201, bob]);
  expect(hers.json.owner).toBe(alice);
});

test('idempotency_in_progress: a second one while the first is under way, at this and another instance', async () => {
  const other = await world.start();
  const { entered, release } = held('createSession');
  const first = create();
  await entered;
  for (const instance of [world, other]) {
    const second = await create({}, instance);
    expect([second.status, second.code]).toEqual([409, 'idempotency_in_progress']);
  }
  const reused = await create({ body: { ...newSession, title: 'another' } }, other);
  expect(reused.code).toBe('idempotency_key_reused');
  release();
  const { status, text } = await first;
  expect(status).toBe(201);
  expect((await create({}, other)).text).toBe(text);
  expect(world.sessions.hooks.count('createSession')).toBe(1);
});

test('forty at once over two instances make one session, and every success says the same', async () => {
  const other = await world.start();
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, at) => create({}, at % 2 ? world : other)),
  );
  const done = answers.filter(({ status }) => status === 201);
  expect(new Set(done.map(({ text }) => text)).size).toBe(1);
  expect(answers.filter(({ status }) => status !== 201).map(({ code }) => code)).toEqual(
    Array(40 - done.length).fill('idempotency_in_progress'),
  );
  expect(world.sessions.rows.size).toBe(1);
  expect(world.sessions.hooks.count('createSession')).toBe(1);
});

test('a refusal that is declared is the first answer, too; a new key is a new try', async () => {
  const { json } = await create();
  const start = (key: string) => world.ask(`/sessions/${json.id}/start`, { method: 'POST', key });
  world.sessions.hooks.refuse('startSession', 'consent_missing');
  const first = await start('key-start-1');
  expect([first.status, first.code]).toEqual([409, 'consent_missing']);
  world.sessions.hooks.before.clear();
  const again = await start('key-start-1');
  expect([again.status, again.code, again.json.detail]).toEqual([409, 'consent_missing', first.json.detail]);
  expect(world.sessions.hooks.count('startSession')).toBe(1);
  expect((await start('key-start-2')).status).toBe(200);
});

test.each([
  ['unavailable', 503],
  ['too_many_requests', 429],
  ['store_full', 507],
  ['internal', 500],
  ['forbidden', 403],
])('%s of the moment frees the key', async (code, status) => {
  world.sessions.hooks.refuse('createSession', code);
  expect((await create()).status).toBe(status);
  world.sessions.hooks.before.clear();
  expect((await create()).status).toBe(201);
  expect(world.sessions.rows.size).toBe(1);
});

test('idempotency_conflict of session-api is idempotency_in_progress here', async () => {
  world.sessions.hooks.refuse('createSession', 'idempotency_conflict');
  expect((await create()).code).toBe('idempotency_in_progress');
  world.sessions.hooks.before.clear();
  expect((await create()).status).toBe(201);
});

test('a death between the work and its outcome: held until the deadline, then done again as the same', async () => {
  // The instance can claim, but neither keep the outcome nor free the key: as if it had been killed.
  world.fault.code = 'store_unavailable';
  world.fault.operations = ['replace', 'remove'];
  const first = await create();
  expect(first.status).toBe(201);
  const other = await world.start();
  expect((await create({}, other)).code).toBe('idempotency_in_progress');
  world.clock.aheadMs += 36_000;
  const again = await create({}, other);
  expect([again.status, again.json.id]).toEqual([201, first.json.id]);
  expect(world.sessions.rows.size).toBe(1);
  // Once for each of the two, under one key of session-api.
  expect(world.sessions.hooks.count('createSession')).toBe(2);
  expect((await create({}, other)).text).toBe(again.text);
  expect(world.sessions.hooks.count('createSession')).toBe(2);
});

test('a death between outcome and answer: the outcome is given by another instance, nothing is done again', async () => {
  let stored = () => {};
  let end = () => {};
  const kept = new Promise<void>((resolve) => {
    stored = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  // What was written is durable, and then this instance says nothing more.
  const dying = await world.start();
  dying.fault.written = (operation) => {
    if (operation !== 'replace') return Promise.resolve();
    stored();
    return ended;
  };
  const leaving = new AbortController();
  const lost = create({ signal: leaving.signal }, dying).catch(() => 'lost');
  await kept;
  leaving.abort();
  expect(await lost).toBe('lost');
  const again = await create();
  expect(again.status).toBe(201);
  expect(world.sessions.rows.has(again.json.id)).toBe(true);
  expect(world.sessions.hooks.count('createSession')).toBe(1);
  end();
});

test('a death before the work: nothing was made, and the key is good again after its time', async () => {
  world.sessions.hooks.refuse('createSession', 'unavailable');
  world.fault.code = 'store_unavailable';
  world.fault.operations = ['remove'];
  expect((await create()).status).toBe(503);
  world.fault.code = null;
  world.sessions.hooks.before.clear();
  expect((await create()).code).toBe('idempotency_in_progress');
  world.clock.aheadMs += 36_000;
  expect((await create()).status).toBe(201);
});

test('one that was overtaken does not overwrite the other’s outcome', async () => {
  const { sessionId } = world.sessions.add(alice);
  const stop = () => world.ask(`/sessions/${sessionId}/stop`, { body: {}, key: 'key-stop-1' });
  const { entered, release } = held('stopSession', 'after');
  const slow = stop();
  await entered;
  world.sessions.hooks.after.clear();
  world.clock.aheadMs += 96_000;
  // What it is like meanwhile tells the two outcomes apart.
  const row = world.sessions.rows.get(sessionId);
  if (row) world.sessions.rows.set(sessionId, { ...row, title: 'seen by the second only' });
  const fast = await stop();
  expect([fast.status, fast.json.title]).toEqual([200, 'seen by the second only']);
  release();
  expect((await slow).json).not.toHaveProperty('title');
  expect((await stop()).text).toBe(fast.text);
});

test('a caller that leaves: the key is freed or answered, never done twice', async () => {
  const { entered, release } = held('createSession');
  const leaving = new AbortController();
  const gone = create({ signal: leaving.signal }).catch(() => 'left');
  await entered;
  leaving.abort();
  expect(await gone).toBe('left');
  world.sessions.hooks.before.clear();
  release();
  await world.stack.idle();
  world.clock.aheadMs += 36_000;
  expect((await create()).status).toBe(201);
  expect(world.sessions.rows.size).toBe(1);
});

test('after 24 hours the key is a new one, swept or not', async () => {
  const first = await create();
  world.clock.aheadMs += 86_400_000;
  const second = await create({ body: { ...newSession, title: 'another day' } });
  expect(second.status).toBe(201);
  expect(second.json.id).not.toBe(first.json.id);
});

test('a repetition after 24 hours under the same request is no second session while session-api knows it', async () => {
  const first = await create();
  world.clock.aheadMs += 86_400_000;
  expect((await create()).json.id).toBe(first.json.id);
});

test('store_full and unavailable: with a key nothing is done; without one it goes on; all recovers', async () => {
  for (const [code, status, answered] of [
    ['store_full', 507, 'store_full'],
    ['store_unavailable', 503, 'unavailable'],
  ] as const) {
    world.fault.code = code;
    world.fault.operations = code === 'store_full' ? ['insert'] : [];
    const refused = await create();
    expect([refused.status, refused.code]).toEqual([status, answered]);
    expect(world.sessions.rows.size).toBe(0);
  }
  expect((await world.stack.ready())['api-server']?.status).toBe('unready');
  expect((await world.ask('/sessions')).status).toBe(200);
  expect((await world.ask('/sessions', { body: newSession })).status).toBe(201);
  world.fault.code = null;
  expect((await create()).status).toBe(201);
  expect((await world.stack.ready())['api-server']?.status).toBe('ready');
});

test('policies are stored under keys, too', async () => {
  const body = { name: 'mine', policy: { profile: 'custom' } };
  const first = await world.ask('/policies', { body, key: 'key-policy' });
  expect(first.status).toBe(201);
  expect((await world.ask('/policies', { body, key: 'key-policy' })).text).toBe(first.text);
  expect(world.sessions.hooks.count('storePolicy')).toBe(1);
});

test('a profile that does not reach sessions is not shown a kept answer either', async () => {
  await create();
  const answer = await create({ claims: { profile: 'node', role: 'NODE_OPERATOR' } });
  expect([answer.status, answer.code]).toEqual([403, 'forbidden']);
});

test('property: any run of requests over two instances does each (key, request) once', async () => {
  const other = await world.start();
  const one = fc.record({
    key: fc.integer({ min: 0, max: 3 }),
    title: fc.integer({ min: 0, max: 2 }),
    at: fc.boolean(),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 12 }), async (requests) => {
      run += 1;
      world.sessions.rows.clear();
      const titleOf = new Map<number, number>();
      const idOfKey = new Map<number, string>();
      for (const { key, title, at } of requests) {
        const answer = await create(
          { key: `run-${run}-key-${key}`, body: { ...newSession, title: `t${title}` } },
          at ? world : other,
        );
        const known = titleOf.get(key);
        if (known !== undefined && known !== title) expect(answer.code).toBe('idempotency_key_reused');
        else {
          expect(answer.status).toBe(201);
          expect(answer.json.id).toBe(idOfKey.get(key) ?? answer.json.id);
          titleOf.set(key, title);
          idOfKey.set(key, answer.json.id);
        }
      }
      expect(world.sessions.rows.size).toBe(titleOf.size);
    }),
    { numRuns: 25 },
  );
});
