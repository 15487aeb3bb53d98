import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../../api-gateway/src/tls/certificate.ts';
import {
  kitHandler,
  type Listening,
  serveHttp,
  serveTcp,
  startDiagnostics,
  unknownName,
} from './diag-world.ts';
import { problemOf, type Tools } from './world.ts';

const opened: { stop?(): Promise<void>; close?(): Promise<void> }[] = [];
const keep = <T extends { stop?(): Promise<void>; close?(): Promise<void> }>(each: T): T => {
  opened.push(each);
  return each;
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-d-'));
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await (each.stop ?? each.close)?.call(each);
  rmSync(folder, { recursive: true, force: true });
});

const start = async (options: Omit<Parameters<typeof startDiagnostics>[0], 'folder'> = {}): Promise<Tools> =>
  keep(await startDiagnostics({ folder, ...options }));
const serve = async (handler = kitHandler()): Promise<Listening> => keep(await serveHttp(handler));
/** A port where nobody listens. */
const closedPort = async (): Promise<number> => {
  const server = await serveTcp(() => {});
  await server.stop();
  return server.port;
};

describe('names', () => {
  it('each says its addresses, what it took, and what to do where there are none', async () => {
    const resolve = (name: string) =>
      name === 'redis' ? ['172.20.0.14'] : name === 'session-api' ? unknownName(name) : ['172.20.0.99'];
    const { client } = await start({ resolve, environment: { SERVER_TOOLS_PROFILES: 'session-pipeline' } });
    const { outcome, results, startedAt, durationMs } = await client.diagnoseDns({ query: {} });
    expect(outcome).toBe('failed');
    expect(Date.parse(startedAt)).toBeGreaterThan(0);
    expect(durationMs).toBeGreaterThan(0);
    const of = (target: string) => results.find((each) => each.target === target);
    expect(of('redis')).toEqual({
      ...{
        check: 'dns',
        target: 'redis',
        tried: 'resolved redis',
        outcome: 'ok',
        durationMs: expect.any(Number),
      },
      ...{ found: 'It is at 172.20.0.14.', facts: { addresses: '172.20.0.14' } },
    });
    expect(of('session-api')).toMatchObject({
      ...{ outcome: 'failed', found: 'The name does not resolve.', facts: { error: 'ENOTFOUND' } },
      advice: 'Start session-api, and see that it is on the same network.',
    });
  });

  it('of services of a profile that does not run here are absent, which is no fault', async () => {
    const { client } = await start();
    const { outcome, results } = await client.diagnoseDns({ query: {} });
    expect(outcome).toBe('failed');
    const absent = results.filter((each) => each.outcome === 'absent').map(({ target }) => target);
    expect(absent).toEqual(expect.arrayContaining(['session-api', 'authentication', 'openapi-server']));
    expect(absent).not.toContain('redis');
    expect((await client.diagnoseDns({ query: { service: 'session-api' } })).outcome).toBe('ok');
  });
});

describe('targets', () => {
  it.each([
    ...[
      '127.0.0.1',
      '169.254.169.254',
      'localhost:22',
      'http://redis',
      'redis:6379',
      '../redis',
      'Redis',
      '',
    ],
    ...['redis.', 'redis\n', '[::1]', '0x7f000001', '2130706433'],
  ])('%j is no name of a service', async (service) => {
    const { client } = await start();
    for (const ask of [client.diagnoseDns, client.diagnoseTcp, client.diagnoseHttp])
      expect(await problemOf(ask({ query: { service } }))).toBe('invalid_request');
  });

  it.each([
    ...['localhost', 'example', 'metadata', 'host-docker-internal'],
    // On networks that server-tools is not on, itself, and the one that is not for this.
    ...['blockchain-ledger', 'server-tools', 'infrastructure-dev', 'wallet-manager'],
  ])('%s is not asked, and those that could be are named', async (service) => {
    const asked: string[] = [];
    const resolve = (name: string) => {
      asked.push(name);
      return ['172.20.0.2'];
    };
    const { client } = await start({ resolve });
    const refused = await client.diagnoseTcp({ query: { service } }).catch((error) => error);
    expect(refused).toMatchObject({ code: 'target_unknown', detail: expect.stringContaining('session-api') });
    expect(refused.detail).not.toContain('blockchain-ledger');
    expect(await problemOf(client.diagnoseHttp({ query: { service: 'redis' } }))).toBe('target_unknown');
    expect(asked).toEqual([]);
  });

  it.each([
    [['127.0.0.1']],
    [['169.254.169.254']],
    [['172.22.0.38']],
    [['10.0.0.1']],
    [['::1']],
    [['::ffff:172.20.0.14']],
    [['172.20.0.14', '127.0.0.1']],
  ])('a name that leads to %j is not connected to', async (addresses) => {
    const { client } = await start({ resolve: () => addresses });
    const connecting = jest.spyOn(net, 'connect');
    const { results } = await client.diagnoseTcp({ query: { service: 'redis' } });
    expect(connecting).not.toHaveBeenCalled();
    connecting.mockRestore();
    expect(results).toMatchObject([
      {
        outcome: 'failed',
        found: 'The name leads to an address outside the installation; nothing was sent there.',
      },
    ]);
  });

  it('a name is resolved once for a connection, and the address that was judged is the one that is used', async () => {
    let asked = 0;
    const resolve = () => {
      asked += 1;
      return asked === 1 ? ['172.20.0.14'] : ['127.0.0.1'];
    };
    // Nothing is sent to an address that may be somebody's.
    const connecting = jest.spyOn(net, 'connect').mockImplementation(() => new net.Socket());
    const { client } = await start({ resolve, environment: { SERVER_TOOLS_PROBE_TIMEOUT_MS: '100' } });
    await client.diagnoseTcp({ query: { service: 'redis' } });
    expect(connecting.mock.calls).toEqual([[{ host: '172.20.0.14', port: 6379 }]]);
    expect(asked).toBe(1);
    connecting.mockRestore();
  });
});

it('a service of a profile that does not run here may also be an address at which nobody answers', async () => {
  const silent = keep(await serveTcp(() => {}));
  const connecting = jest.spyOn(net, 'connect').mockImplementation(() => new net.Socket());
  const environment = { SERVER_TOOLS_PROBE_TIMEOUT_MS: '100' };
  const { client } = await start({ resolve: () => ['172.20.0.20'], environment });
  const outcomeOf = async (service: string) =>
    (await client.diagnoseTcp({ query: { service } })).results.map(({ outcome }) => outcome);
  expect([await outcomeOf('session-api'), await outcomeOf('redis')]).toEqual([['absent'], ['failed']]);
  connecting.mockRestore();
  // One whose address the operator says is expected there.
  const { client: told } = await start({ environment: { ...environment, SESSION_API_URL: silent.url } });
  expect((await told.diagnoseHttp({ query: { service: 'session-api' } })).outcome).toBe('failed');
});

describe('ports', () => {
  it('say whether they take connections, and where not, why', async () => {
    const server = await serve();
    const environment = {
      SESSION_API_URL: server.url,
      AUTHENTICATION_URL: `http://127.0.0.1:${await closedPort()}`,
    };
    const { client } = await start({ environment });
    const of = async (service: string) => (await client.diagnoseTcp({ query: { service } })).results;
    expect(await of('session-api')).toMatchObject([
      { outcome: 'ok', tried: `connected to 127.0.0.1:${server.port}`, facts: { port: server.port } },
    ]);
    expect(await of('authentication')).toMatchObject([
      {
        outcome: 'failed',
        found: 'The machine answers, but nothing listens at this port.',
        advice: expect.stringContaining('log of authentication'),
      },
    ]);
    expect((await of('tor-proxy')).map(({ target }) => target)).toEqual(['tor-proxy', 'tor-proxy control']);
  });
});

describe('health and readiness', () => {
  const answerOf = async (service: Listening | string, environment = {}) => {
    const url = typeof service === 'string' ? service : service.url;
    const { client } = await start({ environment: { SESSION_API_URL: url, ...environment } });
    const { results } = await client.diagnoseHttp({ query: { service: 'session-api' } });
    return results[0];
  };

  it('of a service that has what it needs', async () => {
    expect(await answerOf(await serve())).toMatchObject({
      ...{ outcome: 'ok', found: 'It is healthy and ready.' },
      facts: { health: 200, ready: 200, scheme: 'http' },
    });
  });

  it('of one that lacks something: what that is', async () => {
    expect(await answerOf(await serve(kitHandler({ down: ['documents', 'events'] })))).toMatchObject({
      ...{ outcome: 'failed', found: 'It is healthy, but lacks documents events.' },
      advice: 'Mend documents events; session-api goes on by itself.',
      facts: { missing: 'documents events' },
    });
  });

  it('of one that shows its readiness to its operator only', async () => {
    expect(await answerOf(await serve(kitHandler({ ready: 401 })))).toMatchObject({
      outcome: 'ok',
      facts: { ready: 401 },
    });
  });

  it('of a door, which shows strangers no more than that it lives', async () => {
    for (const ready of [404, 421]) {
      const server = await serve(kitHandler({ ready }));
      const { client } = await start({
        environment: { API_GATEWAY_URL: server.url, SESSION_API_URL: server.url },
      });
      const outcomeOf = async (service: string) =>
        (await client.diagnoseHttp({ query: { service } })).results.map(({ outcome }) => outcome);
      expect([await outcomeOf('api-gateway'), await outcomeOf('session-api')]).toEqual([['ok'], ['failed']]);
    }
  });

  it('of one that speaks TLS, whoever certified it', async () => {
    const server = createSecureServer(makeCertificate(['elsewhere'], Date.now()), kitHandler());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    keep({ stop: () => new Promise<void>((resolve) => server.close(() => resolve())) });
    const { port } = server.address() as AddressInfo;
    expect(await answerOf(`http://127.0.0.1:${port}`)).toMatchObject({
      outcome: 'ok',
      facts: { scheme: 'https' },
    });
  });

  it('a redirect is told and not followed', async () => {
    const secret = await serve((_request, response) => void response.end('secret'));
    const leading = await serve((_request, response) => {
      response.writeHead(302, { location: `${secret.url}/latest/meta-data` }).end();
    });
    expect(await answerOf(leading)).toMatchObject({
      outcome: 'failed',
      found: 'It answers 302, which leads elsewhere and is not followed.',
    });
    expect(secret.connections()).toBe(0);
  });

  it.each<[string, Parameters<typeof serveTcp>[0], RegExp]>([
    ['says nothing', () => {}, /^There was no answer within 300 ms/],
    ['hangs up', (socket) => socket.destroy(), /^The connection was cut/],
    [
      'speaks something else',
      (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      /^It failed with HPE_INVALID/,
    ],
    ['answers 500', (socket) => socket.end('HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n'), /^It answers 500/],
  ])('one that %s is told', async (_name, behave, sentence) => {
    const server = keep(await serveTcp(behave));
    const answer = await answerOf(server, { SERVER_TOOLS_PROBE_TIMEOUT_MS: '300' });
    expect(answer).toMatchObject({ outcome: 'failed', found: expect.stringMatching(sentence) });
    expect(answer?.advice).toMatch(/session-api/);
  });

  it('a large or strange body does no harm', async () => {
    const odd = await serve((request, response) => {
      if (request.url === '/health') response.end('x'.repeat(1_000_000));
      else {
        response.statusCode = 503;
        response.end('{"dependencies":{"<b>":{"status":"down"},"a":null,"toString":{"status":"down"}}}');
      }
    });
    expect(await answerOf(odd)).toMatchObject({
      outcome: 'failed',
      found: 'It is healthy, but lacks toString.',
    });
  });
});

describe('all of it', () => {
  it('is one report, with the worst of the results; so many tries at a time whoever asks', async () => {
    let open = 0;
    let most = 0;
    const resolve = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((done) => setImmediate(done));
      open -= 1;
      return unknownName('x');
    };
    const { client } = await start({ adapters: { resolve } });
    const reports = await Promise.all([client.diagnose(), client.diagnose(), client.diagnose()]);
    expect(most).toBe(8);
    for (const { outcome, results } of reports) {
      expect(outcome).toBe('failed');
      expect([...new Set(results.map(({ check }) => check))]).toEqual([
        'dns',
        'tcp',
        'http',
        'tor',
        'disk',
        'clock',
      ]);
      for (const each of results.filter((result) => result.outcome === 'failed'))
        expect([each.target, each.advice]).toEqual([each.target, expect.stringMatching(/^[A-Z].+[.]$/)]);
    }
  });
});
