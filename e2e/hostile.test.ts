/**
 * Hostile requests to every operation of every service, made from the contracts that the OpenAPI documents come from, against
 * services that really run. Whatever comes in: no 5xx, a problem document with a code that the operation declares, and a service that lives.
 */
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import * as contracts from '@lucid/contracts';
import { type ContractSpec, isOctets, type OperationSpec } from '@lucid/contracts';
import { createServiceKeys, createTokenSource, kitErrors, openApiOf, systemClock } from '@lucid/service-kit';
import type { AppName } from '@lucid/topology';
import fc from 'fast-check';
import {
  hostileBody,
  hostilePath,
  hostileQuery,
  knownSessionIds,
  type WireBody,
} from './stack/hostile-input.ts';
import { type ProcessStack, startProcessStack } from './stack/process-stack.ts';
import { beginRecording, clientsOf } from './stack/record-session.ts';
import { seeded, seedOfRun, terminalLike } from './stack/seeded.ts';

const CONTRACTS: readonly ContractSpec[] = [
  contracts.sessionOrchestratorContract,
  contracts.sessionRecorderContract,
  contracts.sessionChunkerContract,
  contracts.sessionEncryptorContract,
  contracts.merkleBuilderContract,
  contracts.onSystemChainClientContract,
  contracts.blockchainLedgerContract,
];
const RUNS = Number(process.env.LUCID_HOSTILE_RUNS ?? 30);
const seed = seedOfRun('hostile');

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

function send(origin: string, { method, path, headers, body }: Asked): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const asked = request({ host: hostname, port, method, path, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(parts).toString('utf8'),
        }),
      );
    });
    asked.on('error', reject);
    if (body) asked.setHeader('content-length', body.length);
    asked.end(body ?? undefined);
  });
}

let stack: ProcessStack;
/** A session that is still being recorded. */
let live = '';
const counts = new Map<string, number>();
const stranger = createServiceKeys(['operator']).keys.get('operator');

beforeAll(async () => {
  stack = await startProcessStack({ root: join(__dirname, '..'), stores: 'files' });
  // One session that is being recorded and one that is finished, so that requests get further than to a lookup.
  const clients = clientsOf(stack);
  for (const end of [false, true]) {
    const content = terminalLike(200_000, seeded(seed));
    const agent = await beginRecording(clients, { content, recipient: stack.keys.owner.recipient });
    await agent.makeDurable(content.length);
    const params = { sessionId: agent.options.sessionId };
    knownSessionIds.push(params.sessionId);
    if (!end) live = params.sessionId;
    if (end)
      await clients.orchestrator.stopSession({
        params,
        query: { waitMs: 20_000 },
        body: { closed: 'ended' },
      });
  }
}, 60_000);
afterAll(async () => {
  const text = [...counts].sort().map(([what, count]) => `${what} ${count}`);
  process.stderr.write(`hostile answers: ${text.join(', ')}\n`);
  await stack?.stop('SIGKILL');
});

/** Codes that an operation may answer by its contract; `deep` are those of requests that are never routed to it. */
const allowedCodes = (spec: OperationSpec): Set<string> =>
  new Set([...(spec.errors ?? []), ...Object.keys(kitErrors)]);

function judge(spec: OperationSpec, answer: Answer): void {
  counts.set(String(answer.status), (counts.get(String(answer.status)) ?? 0) + 1);
  expect(answer.status).toBeGreaterThanOrEqual(200);
  expect(answer.status).toBeLessThan(500);
  if (answer.status < 300) return;
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  const document = JSON.parse(answer.text) as {
    type: string;
    status: number;
    title: string;
    instance: string;
  };
  expect(document.status).toBe(answer.status);
  expect(document.title).toEqual(expect.any(String));
  expect(document.instance).toBe(`urn:lucid:request:${answer.headers['x-request-id']}`);
  expect(allowedCodes(spec)).toContain(document.type.replace('urn:lucid:problem:', ''));
  expect(answer.text).not.toMatch(/node_modules|\bat .*\.mjs|PRIVATE KEY|AGE-SECRET-KEY/);
}

const tokenOf = (contract: ContractSpec, operation: string, spec: OperationSpec): Record<string, string> => {
  const [caller = 'operator'] = spec.callers;
  if (caller === 'public') return {};
  const tokens = createTokenSource({ key: stack.keyOf(caller), clock: systemClock });
  return { authorization: `Bearer ${tokens({ audience: contract.service, operation })}` };
};

const typeOf = (spec: OperationSpec): string =>
  isOctets(spec.body) ? spec.body.mediaType : 'application/json';

const wireOf = (
  body: WireBody,
  spec: OperationSpec,
): { headers: Record<string, string>; body: Uint8Array } => ({
  headers: { 'content-type': body.mediaType ?? typeOf(spec) },
  body: body.bytes,
});

it('an interruption without its reason is the caller’s mistake, in both services that write it', async () => {
  for (const [contract, name] of [
    [contracts.sessionRecorderContract, 'stopRecording'],
    [contracts.sessionChunkerContract, 'closeStream'],
  ] as const) {
    const spec: OperationSpec = (contract.operations as Record<string, OperationSpec>)[name] as OperationSpec;
    const path = contract.basePath + spec.path.replace(':sessionId', live);
    const body = Buffer.from(JSON.stringify({ closed: 'interrupted', atUs: 0 }));
    const headers = { ...tokenOf(contract, name, spec), 'content-type': 'application/json' };
    const { origin } = stack.service(contract.service).options;
    const answer = await send(origin, { method: spec.method, path, headers, body });
    expect([name, answer.status, JSON.parse(answer.text).type]).toEqual([
      name,
      400,
      'urn:lucid:problem:invalid_request',
    ]);
  }
});

describe.each(CONTRACTS.map((contract) => [contract.service, contract] as const))(
  '%s',
  (service, contract) => {
    const originOf = () => stack.service(service as AppName).options.origin;
    const operations = Object.entries<OperationSpec>(contract.operations);

    it('serves the OpenAPI document of its contract', async () => {
      const answer = await send(originOf(), {
        method: 'GET',
        path: '/openapi.json',
        headers: {},
        body: null,
      });
      expect(JSON.parse(answer.text)).toEqual(JSON.parse(JSON.stringify(openApiOf(contract))));
    });

    it.each(operations)('%s', async (name, spec) => {
      const input = fc.record({
        path: hostilePath(contract, spec),
        query: hostileQuery(spec),
        body: spec.body ? hostileBody(spec.body) : fc.constant(null),
      });
      const property = fc.asyncProperty(input, async ({ path, query, body }) => {
        const wire = body ? wireOf(body, spec) : { headers: {}, body: null };
        const headers = { ...tokenOf(contract, name, spec), ...wire.headers };
        judge(
          spec,
          await send(originOf(), { method: spec.method, path: path + query, headers, body: wire.body }),
        );
      });
      await fc.assert(property, { seed, numRuns: RUNS });
    });

    it.each(operations.filter(([, spec]) => !spec.callers.includes('public')))(
      '%s without a valid token',
      async (name, spec) => {
        if (!stranger) throw new Error('no key');
        const sign = (
          key: Parameters<typeof createTokenSource>[0]['key'],
          of: { audience: string; operation: string },
        ) => `Bearer ${createTokenSource({ key, clock: systemClock })(of)}`;
        const right = { audience: service, operation: name };
        const known = stack.keyOf((spec.callers[0] as string) ?? 'operator');
        const good = sign(known, right);
        const refused: readonly [string, number][] = [
          ['', 401],
          ['Bearer', 401],
          [sign(stranger, right), 401],
          [sign(known, { ...right, operation: 'another' }), 401],
          [sign(known, { ...right, audience: 'another' }), 401],
          [`${good.slice(0, -4)}AAAA`, 401],
          [`Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`, 401],
        ];
        const path = contract.basePath + spec.path.replace(/:[A-Za-z]+|\*/g, 'x');
        for (const [authorization, status] of refused) {
          const headers: Record<string, string> = authorization ? { authorization } : {};
          const asked = { method: spec.method, path, headers, body: null };
          const answer = await send(originOf(), asked);
          judge(spec, answer);
          expect([authorization.slice(0, 12), answer.status]).toEqual([authorization.slice(0, 12), status]);
        }
        const outsider = ['session-host-manager', 'session-api', 'merkle-builder', 'blockchain-ledger'].find(
          (each) => !spec.callers.includes(each),
        ) as string;
        const authorization = sign(stack.keyOf(outsider), right);
        const answer = await send(originOf(), {
          method: spec.method,
          path,
          headers: { authorization },
          body: null,
        });
        judge(spec, answer);
        expect(answer.status).toBe(403);
      },
    );

    it('lives on in the same process', async () => {
      const process = stack.service(service as AppName);
      expect(process.runs).toBe(true);
      expect((await process.ask('/health')).status).toBe(200);
      expect((await process.ask('/ready')).status).toBe(200);
      const faults = process
        .log()
        .split('\n')
        .filter((line) => /"level":"(error|fatal)"/.test(line));
      expect(faults).toEqual([]);
    });
  },
);
