/**
 * Every operation of every contract against every role, signed in for real, on the services' own sockets: who may call it is written down
 * here a second time. An operation that is not in the table fails, and so does a cell that differs.
 */
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { PERMISSION_MATRIX, type Permission, ROLES, type Role, SCOPE_PERMISSIONS } from '@lucid/access';
import * as contracts from '@lucid/contracts';
import { authenticationContract, type ContractSpec, type OperationSpec } from '@lucid/contracts';
import { AccessHost, type SignedInUser } from './stack/access-host.ts';
import { OPERATION_RULES, type OperationRule } from './stack/operation-rules.ts';

const isContract = (value: unknown): value is ContractSpec =>
  typeof value === 'object' && value !== null && 'operations' in value && 'service' in value;
const all = (Object.values(contracts) as readonly unknown[]).filter(isContract);
const operations = all.flatMap((contract) =>
  Object.entries<OperationSpec>(contract.operations).map(([name, spec]) => ({
    name: `${contract.service}.${name}`,
    contract,
    spec,
    rule: OPERATION_RULES[`${contract.service}.${name}`],
  })),
);

test('every operation has a rule, and every rule an operation', () => {
  const without = operations.filter(({ rule }) => rule === undefined).map(({ name }) => name);
  expect(without).toEqual([]);
  const names = new Set(operations.map(({ name }) => name));
  expect(Object.keys(OPERATION_RULES).filter((name) => !names.has(name))).toEqual([]);
});

test.each(operations)('$name: its contract says the same', ({ spec, rule }) => {
  const said: OperationRule = spec.callers.includes('public') ? 'public' : (spec.permission ?? 'services');
  expect(said).toBe(rule);
});

test('every service that knows accounts may ask for what was revoked: without it, it lets none in', () => {
  const knowing = operations.filter(({ spec }) => spec.callers.includes('account'));
  const services = new Set(knowing.map(({ contract }) => contract.service));
  expect([...services, 'api-gateway'].sort()).toEqual([...contracts.accountServices].sort());
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

describe('on a host that runs', () => {
  let host: AccessHost;
  const users = new Map<Role, SignedInUser>();
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    host = await AccessHost.start(join(__dirname, '..'));
    users.set('SUPER_ADMIN', await host.superAdmin());
    for (const role of ['OBSERVER', 'USER', 'NODE_OPERATOR', 'ADMIN'] as const)
      users.set(role, await host.user(role));
    const admin = host.clientOf(authenticationContract, {
      token: users.get('SUPER_ADMIN')?.accessToken as string,
    });
    for (const scope of ['proof', 'read', 'full'] as const) {
      const { token } = await admin.createApiToken({ body: { name: scope, scope, expiresInSeconds: 3600 } });
      tokens.set(scope, token);
    }
  }, 60_000);
  afterAll(() => host.dispose());

  /** Without a body, and with parameters that name nothing: who is let in is told 400 or 404. */
  function ask({ contract, spec }: (typeof operations)[number], token?: string): Promise<Answer> {
    const path = (contract.basePath + spec.path)
      .replace(/:sessionId/g, '0'.repeat(64))
      .replace(/:name/g, 'lucid')
      .replace(/:[A-Za-z]+|\*$/g, '0');
    const { socketPath, origin } = host.targetOf(contract.service);
    const { hostname, port } = new URL(origin);
    const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-length': '0' };
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          ...(socketPath ? { socketPath } : { host: hostname, port }),
          method: spec.method,
          path,
          headers,
          agent: false,
        },
        (response) => {
          const { statusCode: status = 0, headers: answered } = response;
          // Some answers have no end of their own.
          if (status === 200) {
            resolve({ status, headers: answered, text: '' });
            response.destroy();
            return;
          }
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          response.on('end', () => resolve({ status, headers: answered, text }));
          response.on('error', reject);
        },
      );
      asked.on('error', reject).end();
    });
  }

  /** Those that end the login that asks, or give the caller something to change with no more than a path. */
  const changesItsCaller = new Set(['authentication.logout']);
  /** The gateway forwards, api-server is asked through it, and the others are no part of this host. */
  const elsewhere = new Set([
    'api-gateway',
    'api-server',
    'server-tools',
    'tunnel-tools',
    'blockchain-governance',
  ]);
  const served = operations.filter(({ contract }) => !elsewhere.has(contract.service));
  /** A service that knows no accounts takes the token for none at all. */
  const isRefused = ({ status, text }: Answer) =>
    (status === 403 && /urn:lucid:problem:forbidden/.test(text)) ||
    (status === 401 && /takes no access tokens/.test(text));
  /** What is public asks for no token, and a service that knows none refuses any. */
  const guarded = served.filter(({ rule }) => rule !== 'public');
  const allows = (rule: OperationRule | undefined, permissions: ReadonlySet<Permission>): boolean =>
    rule !== 'services' && rule !== 'public' && rule !== undefined && permissions.has(rule);

  test.each(ROLES)('every operation as %s', async (role) => {
    const token = users.get(role)?.accessToken as string;
    for (const each of guarded) {
      if (changesItsCaller.has(each.name)) continue;
      const answer = await ask(each, token);
      const allowed = allows(each.rule, PERMISSION_MATRIX[role]);
      expect([
        each.name,
        role,
        !isRefused(answer),
        answer.status === 401 && allowed ? answer.text : '',
      ]).toEqual([each.name, role, allowed, '']);
      expect([each.name, answer.status < 500]).toEqual([each.name, true]);
    }
  });

  test.each(['proof', 'read', 'full'] as const)(
    'every operation by an API token of scope %s',
    async (scope) => {
      const token = tokens.get(scope) as string;
      for (const each of guarded) {
        const answer = await ask(each, token);
        const allowed = allows(each.rule, SCOPE_PERMISSIONS[scope]);
        expect([each.name, scope, !isRefused(answer)]).toEqual([each.name, scope, allowed]);
      }
    },
  );

  test('nothing but what is public without a token', async () => {
    for (const each of served) {
      const answer = await ask(each);
      expect([each.name, answer.status === 401 && /problem:unauthenticated/.test(answer.text)]).toEqual([
        each.name,
        each.rule !== 'public',
      ]);
    }
  });

  test('a token for one session reaches that session and nothing else', async () => {
    const admin = host.clientOf(authenticationContract, {
      token: users.get('SUPER_ADMIN')?.accessToken as string,
    });
    const body = { name: 'one', scope: 'proof' as const, sessionId: 'ab'.repeat(32), expiresInSeconds: 3600 };
    const { token } = await admin.createApiToken({ body });
    for (const each of guarded)
      expect([each.name, [400, 401, 403].includes((await ask(each, token)).status)]).toEqual([
        each.name,
        true,
      ]);
  });
});
