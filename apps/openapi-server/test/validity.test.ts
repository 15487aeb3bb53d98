/** Every document, judged by a validator that others wrote; it is an ES module, and runs outside of jest. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { contracts } from '../src/domain/contracts.ts';
import { createDocuments } from '../src/domain/documents.ts';

const documents = createDocuments(contracts);
const names = ['lucid', ...documents.services];

function judge(given: Readonly<Record<string, unknown>>): Readonly<Record<string, readonly string[]>> {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(__dirname, 'judge-documents.mjs')], {
    input: JSON.stringify(given),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

type Documents = Record<string, { paths: Record<string, Record<string, Record<string, unknown>>> }>;
const parsed = (): Documents =>
  Object.fromEntries(names.map((name) => [name, JSON.parse(documents.get(name).json)]));

test('every document is valid OpenAPI 3.1, and every schema in it valid JSON Schema', () => {
  expect(judge(parsed())).toEqual(Object.fromEntries(names.map((name) => [name, []])));
});

test('the judge sees a fault', () => {
  const { lucid: whole } = parsed();
  const broken = [structuredClone(whole), structuredClone(whole), structuredClone(whole)];
  const first = (index: number) => Object.values(Object.values(broken[index]?.paths ?? {})[0] ?? {})[0] ?? {};
  first(0).responses = 'none';
  first(1).parameters = [{ name: 'x', in: 'nowhere', schema: {} }];
  first(2).parameters = [{ name: 'x', in: 'query', schema: { type: 'nothing' } }];
  const verdicts = judge(Object.fromEntries(broken.entries()));
  expect(Object.values(verdicts).map((each) => each.length > 0)).toEqual([true, true, true]);
});

test('names of operations are unique in the merged document, and every parameter of a path is declared', () => {
  for (const document of Object.values(parsed())) {
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.values(item).map((each) => ({ path, each })),
    );
    const ids = operations.map(({ each }) => each.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, each } of operations) {
      const declared = ((each.parameters ?? []) as { in: string; name: string }[])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);
      expect([path, declared.sort()]).toEqual([
        path,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(),
      ]);
    }
  }
});

test('the merged document holds what the gateway passes on, with the token that it wants there', () => {
  const { lucid: whole } = parsed();
  const operation = (method: string, path: string) => whole?.paths[path]?.[method];
  expect(operation('get', '/openapi/{name}.json')).toMatchObject({
    operationId: 'openapi-gateway.getJsonDocument',
    security: [{ accessToken: [] }],
    'x-permission': 'read_api_docs',
    'x-profiles': ['admin', 'user', 'node'],
  });
  for (const path of ['/api/v1/auth/jwks.json', '/.well-known/jwks.json'])
    expect(operation('get', path)).toMatchObject({ security: [{}] });
  expect(operation('post', '/api/v1/auth/login')).toMatchObject({ security: [{}] });
  // For services only, or at services that the gateway does not pass on to.
  expect(operation('get', '/api/v1/auth/revocations')).toBeUndefined();
  const all = Object.values(whole?.paths ?? {}).flatMap((item) => Object.values(item));
  expect(JSON.stringify(all.map(({ security }) => security))).not.toContain('serviceToken');
  expect(all.some(({ tags }) => (tags as string[])[0] === 'blockchain-ledger')).toBe(false);
});
