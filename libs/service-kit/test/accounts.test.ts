/** Accounts and streams, over every transport: who is let in, what reaches the handler, how an answer without an end ends. */
import { defineContract, stream } from '@lucid/contracts';
import { Type } from 'typebox';
import { createClient, defineService } from '../src/index.ts';
import { createTestAccounts, startTestStack, type TestStack, testTransports } from '../src/testing.ts';
import { codeOf, problemOf } from './problem-of.ts';

const SessionId = Type.Object({ sessionId: Type.String() });
const Who = Type.Object({ caller: Type.String(), address: Type.Optional(Type.String()) });

const shelfContract = defineContract({
  service: 'shelf',
  version: '1.0.0',
  summary: 'For tests.',
  basePath: '/api/v1',
  errors: {},
  operations: {
    look: {
      method: 'GET',
      path: '/look/:sessionId',
      summary: 'Looks.',
      callers: ['account', 'desk'],
      permission: 'view_own_sessions',
      params: SessionId,
      response: Who,
    },
    lookAtAll: {
      method: 'GET',
      path: '/look',
      summary: 'Looks at all.',
      callers: ['account'],
      permission: 'view_all_sessions',
      response: Who,
    },
    serviceOnly: {
      method: 'GET',
      path: '/inner',
      summary: 'For services.',
      callers: ['desk'],
      response: Who,
    },
    open: { method: 'GET', path: '/open', summary: 'For anybody.', callers: ['public'], response: Who },
    flow: {
      method: 'GET',
      path: '/flow',
      summary: 'Flows.',
      callers: ['account'],
      permission: 'view_own_sessions',
      query: Type.Object({ parts: Type.Integer(), failAt: Type.Optional(Type.Integer()) }),
      response: stream({ mediaType: 'application/octet-stream' }),
    },
    endless: {
      method: 'GET',
      path: '/endless',
      summary: 'Never ends.',
      callers: ['account'],
      permission: 'view_own_sessions',
      response: stream({ mediaType: 'text/event-stream', endless: true }),
    },
    quiet: {
      method: 'GET',
      path: '/quiet',
      summary: 'Begins, and then has nothing to say.',
      callers: ['public'],
      response: stream({ mediaType: 'text/event-stream', endless: true }),
    },
    news: {
      method: 'GET',
      path: '/news',
      summary: 'Waits.',
      callers: ['public'],
      response: Who,
      waits: true,
    },
  },
});

const deskContract = defineContract({
  service: 'desk',
  version: '1.0.0',
  summary: 'For tests: asks the shelf on behalf of who asks it.',
  basePath: '/api/v1',
  errors: {},
  operations: {
    lookForMe: {
      method: 'GET',
      path: '/look/:sessionId',
      summary: 'Looks.',
      callers: ['account'],
      permission: 'view_own_sessions',
      params: SessionId,
      query: Type.Object({ asMe: Type.Boolean() }),
      response: Who,
    },
  },
});

const partBytes = 64 * 1024;
let made = 0;
let ended = 0;
async function* parts(count: number, failAt?: number) {
  try {
    for (let each = 0; each < count; each++) {
      if (each === failAt) throw new Error('source broke');
      made += 1;
      yield new Uint8Array(partBytes).fill(each);
    }
  } finally {
    ended += 1;
  }
}

const who = (_input: unknown, call: { caller: string; account?: { address: string } | undefined }) => ({
  caller: call.caller,
  ...(call.account ? { address: call.account.address } : {}),
});

let waitsForNews = () => {};

let quietEnded = false;
async function* quiet(signal: AbortSignal) {
  yield new Uint8Array(1);
  try {
    await new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    );
  } finally {
    quietEnded = true;
  }
}

const shelf = defineService({
  contract: shelfContract,
  config: Type.Object({}),
  createContext: () => ({ close() {} }),
  handlers: {
    look: who,
    lookAtAll: who,
    serviceOnly: who,
    open: who,
    flow: ({ query }) => ({
      bytes: parts(query.parts, query.failAt),
      sizeBytes: query.parts * partBytes,
      fileName: 'a.lucid',
    }),
    endless: () => ({ bytes: parts(Number.POSITIVE_INFINITY) }),
    quiet: (_input, { signal }) => ({ bytes: quiet(signal) }),
    news: (_input, call) =>
      new Promise((_resolve, reject) => {
        call.signal.addEventListener('abort', () => reject(call.signal.reason));
        waitsForNews();
      }),
  },
});

const desk = defineService({
  contract: deskContract,
  config: Type.Object({}),
  uses: { shelf: shelfContract },
  createContext: ({ clients }) => ({ shelf: clients.shelf, close() {} }),
  handlers: {
    lookForMe: ({ params, query }, call, context) =>
      context.shelf.look({ params }, { call, asAccount: query.asMe }),
  },
});

const sessionId = 'ab'.repeat(32);

describe.each(testTransports)('accounts over %s', (transport) => {
  const { accounts, token, revoke } = createTestAccounts();
  let stack: TestStack;
  beforeEach(async () => {
    [made, ended] = [0, 0];
    stack = await startTestStack({
      definitions: [shelf, desk],
      transport,
      accounts,
      graceMs: 300,
      clientOptions: { retry: false },
    });
  });
  afterEach(() => stack.close());
  const as = (claims?: Parameters<typeof token>[0]) => {
    const text = token(claims);
    return stack.clientOf(shelfContract, { tokens: () => text, retry: false });
  };
  const params = { sessionId };

  it('reach the handler by name', async () => {
    expect(await as({ sub: 'TMine' }).look({ params })).toEqual({ caller: 'account', address: 'TMine' });
    expect(await as({ sub: 'TMine' }).open()).toEqual({ caller: 'account', address: 'TMine' });
    expect(stack.logLines.some((line) => line.operation === 'look' && line.account === 'TMine')).toBe(true);
    expect(JSON.stringify(stack.logLines)).not.toContain('eyJ');
  });

  it('are let in by permission, and told which one they lack', async () => {
    expect(await as({ role: 'ADMIN' }).lookAtAll()).toMatchObject({ caller: 'account' });
    const problem = await problemOf(as({ role: 'USER' }).lookAtAll());
    expect(problem).toMatchObject({ code: 'forbidden', extensions: { permission: 'view_all_sessions' } });
    expect(await codeOf(as({ role: 'ADMIN', scope: 'proof' }).lookAtAll())).toBe('forbidden');
    expect(await codeOf(as({ role: 'SUPER_ADMIN' }).serviceOnly())).toBe('forbidden');
  });

  it('with a token for one session reach that one only', async () => {
    expect(await as({ scope: 'proof', session: sessionId }).look({ params })).toMatchObject({
      caller: 'account',
    });
    expect(await codeOf(as({ scope: 'proof', session: 'cd'.repeat(32) }).look({ params }))).toBe('forbidden');
    expect(await codeOf(as({ role: 'ADMIN', session: sessionId }).lookAtAll())).toBe('forbidden');
  });

  it('need a token, and a valid one', async () => {
    expect(
      await codeOf(stack.clientOf(shelfContract, { tokens: () => 'x.y.z', retry: false }).look({ params })),
    ).toBe('unauthenticated');
    const expired = { iat: 1, exp: 2 };
    expect(await codeOf(as(expired).look({ params }))).toBe('unauthenticated');
    expect(await codeOf(as(expired).open())).toBe('unauthenticated');
    expect(await codeOf(stack.clientOf(shelfContract, { retry: false }).look({ params }))).toBe('forbidden');
    expect(await stack.clientOf(shelfContract, { as: 'desk' }).look({ params })).toEqual({ caller: 'desk' });
  });

  it('are passed on by a service that acts for them, and only then', async () => {
    const text = token({ sub: 'TMine' });
    const client = stack.clientOf(deskContract, { tokens: () => text, retry: false });
    expect(await client.lookForMe({ params, query: { asMe: true } })).toEqual({
      caller: 'account',
      address: 'TMine',
    });
    expect(await client.lookForMe({ params, query: { asMe: false } })).toEqual({ caller: 'desk' });
  });

  it('receive a stream whole', async () => {
    const answer = await as().flow({ query: { parts: 40 } });
    expect([answer.sizeBytes, answer.fileName]).toEqual([40 * partBytes, 'a.lucid']);
    let sizeBytes = 0;
    for await (const part of answer.bytes) sizeBytes += part.length;
    expect(sizeBytes).toBe(40 * partBytes);
  });

  it('see that a stream broke off', async () => {
    const answer = await as().flow({ query: { parts: 40, failAt: 20 } });
    const read = async () => {
      for await (const part of answer.bytes) if (part.length === 0) break;
    };
    await expect(read()).rejects.toThrow();
  });

  it('who stop reading stop the source', async () => {
    const answer = await as().endless();
    let seen = 0;
    for await (const part of answer.bytes) {
      seen += part.length;
      if (seen > 4 * partBytes) break;
    }
    while (ended === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeLessThan(2_000);
  });

  it.each(['lid', 'jti'] as const)(
    'lose an answer without an end when their %s is revoked',
    async (claim) => {
      const id = `revoked-${claim}`;
      const answer = await as({ [claim]: id }).endless();
      let seen = 0;
      for await (const part of answer.bytes) {
        seen += part.length;
        revoke(id);
      }
      expect(seen).toBeGreaterThan(0);
      expect(ended).toBe(1);
      expect(made).toBeLessThan(2_000);
    },
  );
});

it('an answer without an end does not hold up a stop, and a slow reader holds up its source', async () => {
  const { accounts, token } = createTestAccounts();
  const stack = await startTestStack({ definitions: [shelf], transport: 'tcp', accounts, graceMs: 60_000 });
  const target = stack.targetOf('shelf') as { origin: string };
  const answer = await fetch(`${target.origin}/api/v1/endless`, {
    headers: { authorization: `Bearer ${token()}` },
  });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  made = 0;
  // Nothing is read meanwhile: what the sockets hold fills, and no more is made.
  let before = -1;
  while (made !== before) {
    before = made;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(made).toBeLessThan(2_000);
  await reader.cancel();
  await stack.close();
});

it('the source of an answer without an end is told of a stop, and the answer ends whole', async () => {
  const { accounts } = createTestAccounts();
  const stack = await startTestStack({ definitions: [shelf], transport: 'tcp', accounts, graceMs: 60_000 });
  const { bytes } = await stack.clientOf(shelfContract, { retry: false }).quiet();
  let closed = Promise.resolve();
  let seen = 0;
  for await (const part of bytes) {
    seen += part.length;
    closed = stack.close();
  }
  await closed;
  expect([seen, quietEnded]).toEqual([1, true]);
  expect(stack.logLines.filter(({ msg }) => msg === 'answer broke off')).toEqual([]);
});

it.each(testTransports)(
  'a long poll is no work, and is told of a stop at once: over %s',
  async (transport) => {
    const { accounts } = createTestAccounts();
    const stack = await startTestStack({ definitions: [shelf], transport, accounts, graceMs: 60_000 });
    const waits = new Promise<void>((resolve) => {
      waitsForNews = resolve;
    });
    const client = stack.clientOf(shelfContract, { retry: false });
    const answer = codeOf(client.news());
    await waits;
    await stack.idle();
    const closed = stack.close();
    expect(await answer).toBe('unavailable');
    await closed;
  },
);

it('a service whose authentication is away says so', async () => {
  const { token } = createTestAccounts();
  const stack = await startTestStack({ definitions: [shelf], clientOptions: { retry: false } });
  const text = token();
  const client = stack.clientOf(shelfContract, { tokens: () => text, retry: false });
  expect(await codeOf(client.look({ params: { sessionId } }))).toBe('unavailable');
  expect((await stack.ready()).shelf).toMatchObject({
    status: 'unready',
    dependencies: { authentication: { status: 'down' } },
  });
  await stack.close();
});

it('a call as an account needs one', () => {
  const client = createClient(shelfContract, { send: async () => undefined, close: async () => {} });
  expect(() => client.look({ params: { sessionId } }, { asAccount: true })).toThrow(TypeError);
});
