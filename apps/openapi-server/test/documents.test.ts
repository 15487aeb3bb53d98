import { createHash } from 'node:crypto';
import { ROLES } from '@lucid/access';
import * as contracts from '@lucid/contracts';
import { merkleBuilderContract, openapiServerContract } from '@lucid/contracts';
import { defineService, openApiOf } from '@lucid/service-kit';
import fc from 'fast-check';
import { Type } from 'typebox';
import { parse } from 'yaml';
import { codeOf, type Server, startServer } from './server-stack.ts';

const servicesOfContracts = Object.values<unknown>(contracts)
  .filter((each) => typeof each === 'object' && each !== null && 'operations' in each)
  .map((each) => (each as unknown as { service: string }).service)
  .sort();

let server: Server;
beforeAll(async () => {
  server = await startServer({ environment: { OPENAPI_ASK_SERVICES: 'false' } });
});
afterAll(() => server.stack.close());

test('the list names every contract, with version, size and hash of its document', async () => {
  const answer = await server.get('/openapi');
  expect(answer.status).toBe(200);
  const { merged, services } = (await answer.json()) as Awaited<
    ReturnType<Server['operator']['listDocuments']>
  >;
  expect(services.map(({ name }) => name)).toEqual(servicesOfContracts);
  expect(services.find(({ name }) => name === 'openapi-server')).toMatchObject({
    version: openapiServerContract.version,
    operations: Object.keys(openapiServerContract.operations).length,
    running: { state: 'unknown' },
  });
  for (const { name, sha256 } of [merged, ...services]) {
    const text = await (await server.get(`/openapi/${name}.json`)).text();
    expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
  }
});

test('JSON and YAML of every document say the same, which is what the contract gives', async () => {
  for (const name of ['lucid', ...servicesOfContracts]) {
    const json = await server.get(`/openapi/${name}.json`);
    const yaml = await server.get(`/openapi/${name}.yaml`);
    expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(yaml.headers.get('content-type')).toBe('application/yaml');
    expect(parse(await yaml.text())).toEqual(await json.json());
  }
  const answered = await (await server.get('/openapi/merkle-builder.json')).text();
  expect(answered).toBe(JSON.stringify(openApiOf(merkleBuilderContract)));
});

test('document_unknown: a name that no service has', async () => {
  for (const path of ['/openapi/nobody.json', '/openapi/nobody.yaml', '/openapi/constructor.json']) {
    const answer = await server.get(path);
    expect([answer.status, await codeOf(answer)]).toEqual([404, 'document_unknown']);
  }
});

test('invalid_request: a name that none can have', async () => {
  for (const name of ['Lucid', '-x', 'a'.repeat(64), '1', '%2e%2e', 'a%2fb']) {
    const answer = await server.get(`/openapi/${name}.json`);
    expect([name, answer.status, await codeOf(answer)]).toEqual([name, 400, 'invalid_request']);
  }
});

const guarded = ['/openapi', '/openapi/lucid.json', '/openapi/lucid.yaml', '/openapi/nobody.json'];

test('unauthenticated: nothing is told without a token, with a foreign one, or with an expired one', async () => {
  const { accounts } = server;
  const expired = accounts.token({ exp: Math.floor(Date.now() / 1000) - 3600 });
  const foreign = (await startServer({ transport: 'local' }).then(async (other) => {
    await other.stack.close();
    return other.accounts.token();
  })) as string;
  const given = [undefined, '', 'Bearer', 'Bearer x', 'Basic eDp5', `Bearer ${expired}`, `Bearer ${foreign}`];
  for (const path of guarded)
    for (const authorization of given) {
      const answer = await server.get(path, {
        headers: authorization === undefined ? {} : { authorization },
      });
      expect([path, authorization, answer.status, await codeOf(answer)]).toEqual([
        path,
        authorization,
        401,
        'unauthenticated',
      ]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
});

test('every role may read; a token of one session, or a proof token, may not', async () => {
  for (const role of ROLES) {
    const authorization = `Bearer ${server.accounts.token({ role })}`;
    expect([role, (await server.get('/openapi/lucid.json', { headers: { authorization } })).status]).toEqual([
      role,
      200,
    ]);
  }
  const session = 'ab'.repeat(32);
  for (const claims of [{ scope: 'proof' as const, session }, { scope: 'proof' as const }, { session }])
    for (const path of guarded.slice(0, 3)) {
      const authorization = `Bearer ${server.accounts.token(claims)}`;
      const answer = await server.get(path, { headers: { authorization } });
      expect([path, answer.status, await codeOf(answer)]).toEqual([path, 403, 'forbidden']);
    }
});

test('ETag, 304 and HEAD', async () => {
  for (const path of [
    '/openapi',
    '/openapi/lucid.json',
    '/openapi/lucid.yaml',
    '/docs',
    '/docs/swagger-ui.css',
  ]) {
    const authorization = `Bearer ${server.token}`;
    const whole = await server.get(path);
    const body = await whole.arrayBuffer();
    const tag = whole.headers.get('etag') ?? '';
    expect(tag).toBe(`"${createHash('sha256').update(Buffer.from(body)).digest('base64url')}"`);
    const again = await server.get(path, {
      headers: { authorization, 'if-none-match': `"other", W/${tag}` },
    });
    expect([again.status, (await again.arrayBuffer()).byteLength, again.headers.get('etag')]).toEqual([
      304,
      0,
      tag,
    ]);
    expect(again.headers.get('content-security-policy')).toBe(whole.headers.get('content-security-policy'));
    const changed = await server.get(path, { headers: { authorization, 'if-none-match': '"other"' } });
    expect(changed.status).toBe(200);
    const head = await server.get(path, { method: 'HEAD' });
    expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0]);
    for (const name of ['etag', 'content-type', 'content-length', 'cache-control'])
      expect([name, head.headers.get(name)]).toEqual([name, whole.headers.get(name)]);
  }
  const unsigned = await server.get('/openapi/lucid.json', { headers: { 'if-none-match': '*' } });
  expect(unsigned.status).toBe(401);
});

test('method_not_allowed: nothing can be written', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const answer = await server.get('/openapi/lucid.json', { method });
    expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD']);
  }
});

describe('what runs', () => {
  const running = defineService({
    contract: merkleBuilderContract,
    config: Type.Object({}),
    createContext: () => ({ close: () => {} }),
    handlers: Object.fromEntries(
      Object.keys(merkleBuilderContract.operations).map((name) => [
        name,
        () => {
          throw new Error('not asked for here');
        },
      ]),
    ) as never,
  });
  const stateOf = async ({ operator }: Server, service: string) =>
    (await operator.listDocuments()).services.find(({ name }) => name === service)?.running;

  test('yes, no, and unknown where it cannot be reached', async () => {
    const one = await startServer({ others: [running] });
    try {
      expect(await stateOf(one, 'merkle-builder')).toEqual({ state: 'yes', version: '1.0.0' });
      expect(await stateOf(one, 'session-recorder')).toEqual({ state: 'no' });
      expect(await stateOf(one, 'blockchain-ledger')).toEqual({ state: 'unknown' });
    } finally {
      await one.stack.close();
    }
  });

  test('differs: another version, or the same version with other operations', async () => {
    const [, ...rest] = Object.entries(merkleBuilderContract.operations);
    const fewer = { ...merkleBuilderContract, operations: Object.fromEntries(rest) };
    const newer = { ...merkleBuilderContract, version: '1.1.0' };
    for (const contract of [fewer, newer]) {
      const one = await startServer({ others: [{ ...running, contract }] });
      try {
        expect(await stateOf(one, 'merkle-builder')).toEqual({ state: 'differs', version: contract.version });
      } finally {
        await one.stack.close();
      }
    }
  });

  test('a host that knows its services says what runs; it is asked once in a while', async () => {
    let asked = 0;
    const one = await startServer({
      transport: 'local',
      documentOf: async (service) => {
        asked += 1;
        if (service === 'session-recorder') throw new Error('stopped');
        return service === 'merkle-builder' ? (openApiOf(merkleBuilderContract) as never) : null;
      },
    });
    try {
      await Promise.all([one.operator.listDocuments(), one.operator.listDocuments()]);
      expect(asked).toBe(servicesOfContracts.length);
      expect(await stateOf(one, 'merkle-builder')).toEqual({ state: 'yes', version: '1.0.0' });
      expect(await stateOf(one, 'session-recorder')).toEqual({ state: 'no' });
      expect(await stateOf(one, 'openapi-server')).toEqual({ state: 'unknown' });
      expect(asked).toBe(servicesOfContracts.length);
      await one.clock.advance(10_000);
      await one.operator.listDocuments();
      expect(asked).toBe(2 * servicesOfContracts.length);
    } finally {
      await one.stack.close();
    }
  });

  test('beside others in one process, where no document is served: unknown', async () => {
    const one = await startServer({ transport: 'local', others: [running] });
    try {
      expect(await stateOf(one, 'merkle-builder')).toEqual({ state: 'unknown' });
      expect(await stateOf(one, 'session-recorder')).toEqual({ state: 'no' });
    } finally {
      await one.stack.close();
    }
  });
});

test('the page and its files are open, say nothing of this installation, and nothing else of a folder opens', async () => {
  const open = { headers: {} };
  const files = [
    '',
    '/page.js',
    '/page.css',
    '/swagger-ui-bundle.js',
    '/swagger-ui.css',
    '/favicon-32x32.png',
    '/LICENSE.txt',
  ];
  for (const file of files) {
    const answer = await server.get(`/docs${file}`, open);
    expect([file, answer.status]).toEqual([file, 200]);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  }
  const page = await (await server.get('/docs', open)).text();
  expect(page).not.toMatch(/<script(?![^>]*\ssrc="docs\/)|<style|\sstyle=|\son[a-z]+=|https?:\/\//);
  expect(await (await server.get('/docs/LICENSE.txt', open)).text()).toMatch(/Apache License[\s\S]*React/);
});

const climbs = [
  '/docs/../openapi',
  '/docs/..%2f..%2fpackage.json',
  '/docs/%2e%2e/%2e%2e/package.json',
  '/docs/..%5c..%5cpackage.json',
  '/docs/....//page.html',
  '/docs/page.html',
  '/docs/package.json',
  '/docs//page.js',
  '/docs/page.js/',
  '/docs/page.js%00',
  '/docs/page.js/../../x',
  '/docs/swagger-ui-bundle.js.map',
  '/docs/%70age.html',
  '/docs/C:%5cpage.js',
  '/docs/%c0%ae%c0%ae/page.js',
];

/** Sent as it is written: fetch would tidy the path up. */
const raw = async (origin: string, path: string) => {
  const { request } = await import('node:http');
  const { hostname, port } = new URL(origin);
  return new Promise<number>((resolve, reject) => {
    const sent = request({ hostname, port, path, agent: false }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end();
  });
};

test.each(climbs)('no way out of the files: %s', async (path) => {
  expect([400, 404]).toContain(await raw(server.origin, `/api/v1${path}`));
});

test('no path below the page but its files is answered', async () => {
  const known = new Set([
    'page.js',
    'page.css',
    'swagger-ui-bundle.js',
    'swagger-ui.css',
    'favicon-32x32.png',
    'LICENSE.txt',
  ]);
  const part = fc.constantFrom(
    '..',
    '.',
    '%2e',
    '%2f',
    '%5c',
    '/',
    'page',
    '.js',
    'assets',
    'node_modules',
    'etc',
    'a',
    '%00',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 8 }), async (parts) => {
      const path = parts.join('');
      const status = await raw(server.origin, `/api/v1/docs/${path}`);
      expect(known.has(path) ? status === 200 : status === 400 || status === 404).toBe(true);
    }),
    { numRuns: 100 },
  );
});
