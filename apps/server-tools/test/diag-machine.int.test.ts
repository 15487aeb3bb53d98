/** Volumes, clocks and Tor: of this machine, of real stores and a real tor, and of some that go wrong in known ways. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock } from '@lucid/service-kit/testing';
import { openTorControl } from '@lucid/tor-control';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { startMongoWire, startRedis, whyNoMongoWire, whyNoRedis } from '../../../tools/test-servers.mjs';
import { startLoneTor, startTorNetwork, whyNoTor } from '../../../tools/test-tor.mjs';
import { ClockWatch } from '../src/domain/diag/clock-watch.ts';
import { kitHandler, serveHttp, serveTcp, startDiagnostics } from './diag-world.ts';
import type { Tools } from './world.ts';

const opened: { stop?(): Promise<void>; close?(): Promise<void>; dispose?(): Promise<void> }[] = [];
const keep = <T extends (typeof opened)[number]>(each: T): T => {
  opened.push(each);
  return each;
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-d-'));
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await (each.dispose ?? each.stop ?? each.close)?.call(each);
  rmSync(folder, { recursive: true, force: true });
});
const start = async (options: Omit<Parameters<typeof startDiagnostics>[0], 'folder'> = {}): Promise<Tools> =>
  keep(await startDiagnostics({ folder, ...options }));

describe('volumes', () => {
  const GIB = 1024 ** 3;
  /** A volume of 100 blocks of 1 GiB. */
  const volume = (facts: Record<string, number>) => ({
    ...{ bsize: GIB, blocks: 100, bfree: 50, bavail: 50, files: 1_000, ffree: 900 },
    ...facts,
  });

  it.each([
    ['half full', {}, 'ok', '50 % of its bytes are used.'],
    ['just below the first threshold', { bfree: 16, bavail: 16 }, 'ok', '84 % of its bytes are used.'],
    ['at the first threshold', { bfree: 15, bavail: 15 }, 'warning', '85 % of its bytes are used.'],
    ['just below the second', { bfree: 6, bavail: 6 }, 'warning', '94 % of its bytes are used.'],
    ['at the second', { bfree: 5, bavail: 5 }, 'failed', '95 % of its bytes are used.'],
    ['full for all but root', { bfree: 5, bavail: 0 }, 'failed', '100 % of its bytes are used.'],
    ['without inodes', { ffree: 40 }, 'failed', '96 % of its inodes are used.'],
    [
      'of a file system without a number of inodes',
      { files: 0, ffree: 0 },
      'ok',
      '50 % of its bytes are used.',
    ],
  ])('%s', async (_name, facts, outcome, found) => {
    const { client } = await start({ adapters: { readVolume: async () => volume(facts) } });
    const { results } = await client.diagnoseDisk();
    const own = results.filter(({ target }) => target !== 'mongodb');
    expect(own.map(({ target }) => target)).toEqual([folder, '/tmp']);
    expect(own[0]).toMatchObject({ outcome, found });
    expect(own[0]?.advice === undefined).toBe(outcome === 'ok');
  });

  it('of this machine are read, and one that is not there is told', async () => {
    const gone = join(folder, 'gone');
    const { client } = await start({ environment: { SERVER_TOOLS_VOLUMES: `/, ${gone}` } });
    const { results } = await client.diagnoseDisk();
    const root = results.find(({ target }) => target === '/');
    expect(root?.facts.totalBytes).toBeGreaterThan(root?.facts.freeBytes as number);
    expect(results.find(({ target }) => target === gone)).toMatchObject({
      ...{ outcome: 'failed', found: 'It cannot be read (ENOENT).' },
      advice: `See that the volume of ${gone} is mounted.`,
    });
    expect(results.find(({ target }) => target === 'mongodb')).toMatchObject({
      ...{ outcome: 'failed', found: 'The document store does not answer.' },
      advice: 'Look at /diag/tcp and its log.',
    });
  });
});

describe('clocks', () => {
  it.each([
    ['right', 0, 'ok'],
    ['ahead, but within what is tolerated', 1_900, 'ok'],
    ['ahead', 5_000, 'warning'],
    ['behind', -90_000, 'warning'],
  ])('of a service that is %s', async (_name, offsetMs, outcome) => {
    const clock = createManualClock();
    const server = keep(await serveHttp(kitHandler({ timestampMs: () => clock.nowMs() + offsetMs })));
    const { client } = await start({ clock, environment: { SESSION_API_URL: server.url } });
    const { results } = await client.diagnoseClock();
    expect(results.find(({ target }) => target === 'session-api')).toMatchObject({
      ...{ outcome, facts: { offsetMs, uncertaintyMs: 1 } },
      ...(outcome === 'ok' ? {} : { advice: expect.stringMatching(/chrony.*tokens live 60 s/) }),
    });
  });

  it('of a service that says whole seconds only are taken for no more than that', async () => {
    const clock = createManualClock(Date.UTC(2026, 0, 1, 0, 0, 0, 700));
    const behindBy = (ms: number) =>
      serveHttp((_request, response) => {
        response.sendDate = false;
        response.setHeader('date', new Date(clock.nowMs() - ms).toUTCString()).end('hello');
      });
    const [near, far] = [keep(await behindBy(2_400)), keep(await behindBy(4_000))];
    const environment = { SESSION_API_URL: near.url, AUTHENTICATION_URL: far.url };
    const { client } = await start({ clock, environment });
    const { results } = await client.diagnoseClock();
    const of = (target: string) => results.find((each) => each.target === target);
    expect(of('session-api')).toMatchObject({
      outcome: 'ok',
      facts: { offsetMs: -2_200, uncertaintyMs: 500 },
    });
    expect(of('authentication')).toMatchObject({ outcome: 'warning', facts: { offsetMs: -4_200 } });
  });

  it('a jump of the own one is found by who watches, once, with its size', async () => {
    let [nowMs, steadyMs] = [1_000_000, 0];
    const watch = new ClockWatch({ nowMs: () => nowMs, steadyMs: () => steadyMs, toleranceMs: 2_000 });
    const pass = (ms: number, jumpMs = 0) => {
      nowMs += ms + jumpMs;
      steadyMs += ms;
      return watch.look();
    };
    expect(pass(10_000)).toBeUndefined();
    expect(pass(10_000, 1_900)).toBeUndefined();
    expect(pass(10_000, 3_600_000)).toMatchObject({ byMs: 3_600_000 });
    expect(pass(10_000)).toBeUndefined();
    expect(pass(10_000, -5_000)).toMatchObject({ byMs: -5_000 });
    for (let n = 0; n < 40; n += 1) pass(1_000, 3_000);
    expect(watch.jumps).toHaveLength(16);
  });

  it('a jump is in the report, and in the log before anybody asks', async () => {
    const clock = createManualClock();
    let steadyMs = 0;
    const { client, stack } = await start({ clock, adapters: { steadyMs: () => steadyMs } });
    const own = async () =>
      (await client.diagnoseClock()).results.find(({ target }) => target === 'server-tools');
    expect(await own()).toMatchObject({ outcome: 'ok' });
    steadyMs += 1_000;
    await clock.advance(10_000);
    expect(stack.logLines.filter(({ msg }) => msg === 'the clock of this machine jumped')).toMatchObject([
      { byMs: 9_000 },
    ]);
    expect(await own()).toMatchObject({ outcome: 'warning', facts: { jumps: 1, lastJumpMs: 9_000 } });
  });

  describeWhere(whyNoMongoWire() ?? whyNoRedis(), 'clocks of real stores')('of real stores', () => {
    it('are compared by their own protocols', async () => {
      const [mongo, redis] = [keep(await startMongoWire()), keep(await startRedis())];
      const environment = {
        MONGO_URL: new URL('d', mongo.url).href,
        REDIS_URL: redis.url,
        SERVER_TOOLS_PROBE_TIMEOUT_MS: '5000',
      };
      const { client } = await start({ environment });
      const { results } = await client.diagnoseClock();
      for (const target of ['mongodb', 'redis']) {
        const found = results.find((each) => each.target === target);
        expect(found).toMatchObject({ outcome: 'ok', facts: { offsetMs: expect.any(Number) } });
        expect(Math.abs(found?.facts.offsetMs as number)).toBeLessThan(2_000);
      }
      expect((await client.diagnoseTcp({ query: { service: 'redis' } })).outcome).toBe('ok');
      expect((await client.diagnoseTcp({ query: { service: 'mongodb' } })).outcome).toBe('ok');
    }, 300_000);

    it('that refuse the password say which secret to correct, and it is never shown', async () => {
      const [mongo, redis] = [keep(await startMongoWire()), keep(await startRedis())];
      const password = 'hunter2-very-secret';
      const withPassword = (url: string) => url.replace('//', `//lucid:${password}@`);
      const environment = {
        MONGO_URL: `${withPassword(mongo.url)}d?authSource=admin`,
        REDIS_URL: withPassword(redis.url),
        SERVER_TOOLS_PROBE_TIMEOUT_MS: '5000',
      };
      const { client, stack } = await start({ environment });
      const { results } = await client.diagnoseClock();
      const of = (target: string) => results.find((each) => each.target === target);
      expect(of('redis')).toMatchObject({
        outcome: 'failed',
        found: 'It refuses the user or the password in REDIS_URL.',
      });
      expect(of('mongodb')).toMatchObject({
        outcome: 'failed',
        found: 'The document store refuses the user or the password in MONGO_URL.',
        advice: 'Correct the secret.',
      });
      expect(JSON.stringify([results, stack.logLines])).not.toContain(password);
    }, 300_000);
  });

  it('of stores that are not there are told', async () => {
    const { client } = await start({ environment: { REDIS_URL: 'redis://127.0.0.1:1/' } });
    const { results } = await client.diagnoseClock();
    const of = (target: string) => results.find((each) => each.target === target);
    expect(of('redis')).toMatchObject({ outcome: 'failed', found: 'It does not answer.' });
    expect(of('mongodb')).toMatchObject({ outcome: 'failed', facts: { error: 'store_unreachable' } });
  });
});

describe('Tor', () => {
  const torAt = (socks: string | number, control: string | number, more = {}) => ({
    TOR_PROXY_URL: typeof socks === 'number' ? `socks5://127.0.0.1:${socks}` : socks,
    TOR_CONTROL_PORT: String(control),
    ...more,
  });
  const check = async (environment: Record<string, string>) => {
    const { client } = await start({ environment });
    const { results } = await client.diagnoseTor();
    return (name: string) => results.find(({ target }) => target === `tor-proxy ${name}`);
  };

  it.each<[string, string, 'ok' | 'failed']>([
    ['answers, with circuits kept apart', '0502', 'ok'],
    ['answers, without user names', '0500', 'ok'],
    ['takes no method', '05ff', 'failed'],
    ['is of version 4', '0400', 'failed'],
    ['is a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n').toString('hex'), 'failed'],
  ])('a SOCKS port that %s', async (_name, answer, outcome) => {
    const socks = keep(
      await serveTcp((socket) => socket.once('data', () => socket.write(Buffer.from(answer, 'hex')))),
    );
    const of = await check(torAt(socks.port, 1));
    expect(of('socks')).toMatchObject({
      outcome,
      found: outcome === 'ok' ? 'Its SOCKS port answers.' : 'What answers there does not speak SOCKS 5.',
    });
    expect(of('control')).toMatchObject({
      outcome: 'failed',
      found: expect.stringContaining('nothing listens'),
    });
  });

  it('a control port that needs no password is a fault; one that is none is told', async () => {
    const answering = (text: string) => serveTcp((socket) => socket.once('data', () => socket.write(text)));
    const open = keep(
      await answering(
        '250-PROTOCOLINFO 1\r\n250-AUTH METHODS=NULL\r\n250-VERSION Tor="0.4.9.1"\r\n250 OK\r\n',
      ),
    );
    expect((await check(torAt(1, open.port)))('control')).toMatchObject({
      ...{ outcome: 'failed', found: 'Its control port takes commands from anybody.' },
      advice: expect.stringContaining('make-secrets'),
    });
    const web = keep(await answering('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await check(torAt(1, web.port)))('control')).toMatchObject({
      found: 'What answers there does not speak Tor’s control protocol.',
    });
  });

  describeWhere(whyNoTor(), 'the check of a real Tor')('itself', () => {
    it('says its version, and to who has the password how far it is', async () => {
      const tor = keep(await startLoneTor());
      const port = tor.controlAddress.split(':')[1] as string;
      const of = await check(torAt(tor.proxyUrl, port, { TOR_CONTROL_PASSWORD: tor.controlPassword }));
      // It opens no SOCKS port while its network is off.
      expect(of('socks')).toMatchObject({ outcome: 'failed' });
      expect(of('control')).toMatchObject({
        outcome: 'ok',
        facts: {
          version: expect.stringMatching(/^0\.4\./),
          methods: expect.stringContaining('HASHEDPASSWORD'),
        },
      });
      expect(of('bootstrap')).toMatchObject({ outcome: 'warning', facts: { progressPercent: 0 } });
      const wrong = await check(torAt(tor.proxyUrl, port, { TOR_CONTROL_PASSWORD: 'hunter2' }));
      expect(wrong('bootstrap')).toMatchObject({
        ...{ outcome: 'failed', found: 'Its control port refuses the password.' },
        advice: expect.stringContaining('TOR_CONTROL_PASSWORD_FILE'),
      });
      expect((await check(torAt(tor.proxyUrl, port)))('bootstrap')).toBeUndefined();
    });

    it('in a network of its own: connected, and an onion service is reached through it, or told why not', async () => {
      const network = keep(await startTorNetwork());
      const [host, visitor] = [await network.startClient(), await network.startClient()];
      await Promise.all([host.joined(), visitor.joined()]);
      const web = keep(await serveHttp((_request, response) => void response.end('{}')));
      const [address, port] = host.controlAddress.split(':') as [string, string];
      const control = await openTorControl({
        host: address,
        port: Number(port),
        credentials: { password: host.controlPassword },
      });
      keep(control);
      const { serviceId } = await control.addOnion({
        ports: [{ port: 80, target: { host: '127.0.0.1', port: web.port } }],
      });
      const visiting = torAt(visitor.proxyUrl, visitor.controlAddress.split(':')[1] as string, {
        TOR_CONTROL_PASSWORD: visitor.controlPassword,
        SERVER_TOOLS_ONION: `${serviceId}.onion`,
      });
      const { client } = await start({ environment: visiting });
      const reached = async () => (await client.diagnoseTor()).results;
      let results = await reached();
      // Its descriptor is on its way for some seconds.
      for (let tries = 0; tries < 30 && results.at(-1)?.outcome !== 'ok'; tries += 1)
        results = await reached();
      expect(results.map(({ target, outcome }) => `${target} ${outcome}`)).toEqual([
        ...['tor-proxy socks ok', 'tor-proxy control ok', 'tor-proxy bootstrap ok', 'onion service ok'],
      ]);
      expect(results.at(-1)?.facts).toEqual({ status: 200 });
      const nobody = { ...visiting, SERVER_TOOLS_ONION: `${'a'.repeat(56)}.onion` };
      const { client: other } = await start({ environment: nobody });
      expect((await other.diagnoseTor()).results.at(-1)).toMatchObject({
        ...{ target: 'onion service', outcome: 'failed', advice: expect.stringContaining('tunnel-tools') },
        facts: { error: 'onion_address_invalid' },
      });
    }, 400_000);
  });
});
