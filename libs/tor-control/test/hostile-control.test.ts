/** Whatever answers at the control port: errors of ours, every caller told, nothing that waits for ever, no secret in a message. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isTorControlError, openTorControl, type TorControlOptions } from '../src/index.ts';
import { type ControlServer, startControlServer } from './control-server.ts';

const OK = '250 OK\r\n';
const PASSWORD = 'the password of this test';
const servers: ControlServer[] = [];
const folder = mkdtempSync(join(tmpdir(), 'lucid-control-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const each of servers.splice(0)) await each.stop();
});
const serve = async (...args: Parameters<typeof startControlServer>): Promise<ControlServer> => {
  const server = await startControlServer(...args);
  servers.push(server);
  return server;
};
const open = (server: ControlServer, more: Partial<TorControlOptions> = {}) =>
  openTorControl({ host: server.host, port: server.port, credentials: { password: PASSWORD }, ...more });
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const fault = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (fault === undefined) return 'none';
  expect(String(fault)).not.toContain(PASSWORD);
  return isTorControlError(fault) ? fault.code : String(fault);
};

describe('opening', () => {
  it('where nobody listens', async () => {
    const server = await startControlServer(() => OK);
    await server.stop();
    expect(await codeOf(open(server))).toBe('unreachable');
  });

  it.each([
    ['515 Authentication failed\r\n', 'auth_refused'],
    ['514 Authentication required\r\n', 'auth_refused'],
    ['HTTP/1.1 400 Bad Request\r\n', 'protocol'],
    ['250 OK\n', 'protocol'],
  ])('where %j is the answer', async (said, code) => {
    expect(await codeOf(open(await serve(() => said)))).toBe(code);
  });

  it('where nothing is answered, within the time', async () => {
    expect(await codeOf(open(await serve(() => undefined), { timeoutMs: 50 }))).toBe('timed_out');
  });

  it('until who wants it wants it no more', async () => {
    await expect(
      open(await serve(() => OK), { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });
});

describe('the cookie', () => {
  const cookie = Buffer.alloc(32, 5);
  const cookieFile = join(folder, 'cookie');
  writeFileSync(cookieFile, cookie);
  const serverNonce = Buffer.alloc(32, 9);
  const hash = (key: string, clientNonce: string) =>
    createHmac('sha256', key)
      .update(Buffer.concat([cookie, Buffer.from(clientNonce, 'hex'), serverNonce]))
      .digest('hex');
  const challenged = (serverHash: (nonce: string) => string) =>
    serve((line) => {
      const nonce = /^AUTHCHALLENGE SAFECOOKIE ([0-9a-f]{64})$/.exec(line)?.[1];
      if (!nonce) return OK;
      return `250 AUTHCHALLENGE SERVERHASH=${serverHash(nonce)} SERVERNONCE=${serverNonce.toString('hex')}\r\n`;
    });

  it('is proven to who proves to know it, and never sent', async () => {
    const server = await challenged((nonce) =>
      hash('Tor safe cookie authentication server-to-controller hash', nonce),
    );
    const control = await open(server, { credentials: { cookieFile } });
    await control.close();
    const nonce = server.heard[0]?.split(' ')[2] ?? '';
    expect(server.heard[1]).toBe(
      `AUTHENTICATE ${hash('Tor safe cookie authentication controller-to-server hash', nonce)}`,
    );
    expect(server.heard.join()).not.toContain(cookie.toString('hex'));
  });

  it.each([
    ['another hash', '00'.repeat(32)],
    ['a short hash', '00'],
    ['no hash', ''],
  ])('is not proven to who gives %s', async (_what, serverHash) => {
    const server = await challenged(() => serverHash);
    expect(await codeOf(open(server, { credentials: { cookieFile } }))).toBe('auth_refused');
    expect(server.heard).toHaveLength(1);
  });

  it.each([
    ['is not there', join(folder, 'none')],
    ['is too short', join(folder, 'short')],
  ])('that %s', async (_what, path) => {
    writeFileSync(join(folder, 'short'), 'x');
    const server = await challenged(() => '');
    expect(await codeOf(open(server, { credentials: { cookieFile: path } }))).toBe('auth_refused');
  });
});

describe('once open', () => {
  const after = (answer: (line: string, socket: Socket) => string | undefined) =>
    serve((line, socket) => (line.startsWith('AUTHENTICATE') ? OK : answer(line, socket)));

  it('every caller is told when it ends', async () => {
    const server = await after((line, socket) => {
      if (line.endsWith('second')) socket.destroy();
      return undefined;
    });
    const control = await open(server);
    const asked = ['first', 'second', 'third'].map((each) => codeOf(control.info(each)));
    expect(await Promise.all(asked)).toEqual(['closed', 'closed', 'closed']);
    expect(isTorControlError(await control.closed, 'closed')).toBe(true);
    expect(control.isOpen).toBe(false);
    expect(await codeOf(control.info('more'))).toBe('closed');
  });

  it('a command that is not answered in time ends it: a late reply would be taken for another', async () => {
    const control = await open(await after(() => undefined), { timeoutMs: 50 });
    expect(await Promise.all([codeOf(control.info('one')), codeOf(control.info('two'))])).toEqual([
      'timed_out',
      'timed_out',
    ]);
    expect(isTorControlError(await control.closed, 'timed_out')).toBe(true);
  });

  it('a reply that nobody asked for ends it', async () => {
    const server = await after(() => OK);
    const control = await open(server);
    for (const socket of server.sockets) socket.write(OK);
    expect(isTorControlError(await control.closed, 'protocol')).toBe(true);
  });

  it('replies come to who asked, whatever events come between', async () => {
    const server = await after((line) => {
      const key = line.split(' ')[1];
      return (
        `650 NOTICE x\r\n250-${key}=of ${key}\r\n650-too\r\n`.replace('650-too\r\n', '') +
        OK +
        '650 HS_DESC x\r\n'
      );
    });
    const control = await open(server);
    expect(await Promise.all(['a', 'b', 'c'].map((each) => control.info(each)))).toEqual([
      'of a',
      'of b',
      'of c',
    ]);
    await control.close();
  });

  it('what Tor refuses is told with its status, and without keys that it repeats', async () => {
    const key = 'A'.repeat(86);
    const control = await open(await after(() => `512 Bad argument "${key}=="\r\n`));
    const fault = await control.info('x').catch((error: Error) => error);
    expect(fault).toMatchObject({ code: 'refused', status: 512 });
    expect(String(fault)).toContain('Bad argument');
    expect(String(fault)).not.toContain('AAAAAAAA');
    await control.close();
  });

  it.each([
    ['onion key', { key: 'short', ports: [{ port: 80, target: { host: '127.0.0.1', port: 1 } }] }],
    ['port', { ports: [{ port: 0, target: { host: '127.0.0.1', port: 1 } }] }],
    ['port of a target', { ports: [{ port: 80, target: { host: '127.0.0.1', port: 65_536 } }] }],
    ['target', { ports: [{ port: 80, target: { host: 'mongodb', port: 1 } }] }],
    ['target with a command in it', { ports: [{ port: 80, target: { host: '1\r\nSIGNAL HALT', port: 1 } }] }],
    ['ports', { ports: [] }],
    ['client', { ports: [{ port: 80, target: { host: '::1', port: 1 } }], clients: ['x'] }],
    ['clients', { ports: [{ port: 80, target: { host: '::1', port: 1 } }], clients: [] }],
  ])('a wrong %s is not sent', async (_what, onion) => {
    const server = await after(() => OK);
    const control = await open(server);
    await expect(control.addOnion(onion)).rejects.toBeInstanceOf(TypeError);
    await expect(control.removeOnion('x\r\nSIGNAL HALT')).rejects.toBeInstanceOf(TypeError);
    await expect(control.info('x\r\nSIGNAL HALT')).rejects.toBeInstanceOf(TypeError);
    await expect(control.removeClientKey('x')).rejects.toBeInstanceOf(TypeError);
    expect(server.heard).toHaveLength(1);
    await control.close();
  });

  it('answers that make no sense are errors of ours', async () => {
    const answers = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom(
        OK,
        '250-ServiceID=short\r\n250 OK\r\n',
        '250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=many\r\n250 OK\r\n',
        '250-status/bootstrap-phase=SUMMARY="\r\n250 OK\r\n',
        '250+circuit-status=\r\n"\r\n.\r\n250 OK\r\n',
        '250 OK\r\n250 OK\r\n250 OK\r\n',
      ),
    );
    await fc.assert(
      fc.asyncProperty(answers, async (said) => {
        const server = await startControlServer((line) =>
          line.startsWith('AUTHENTICATE') ? OK : `${said}\r\n`,
        );
        const control = await open(server, { timeoutMs: 2_000 });
        try {
          const codes = await Promise.all([
            codeOf(control.addOnion({ ports: [{ port: 80, target: { host: '127.0.0.1', port: 1 } }] })),
            codeOf(control.bootstrapPhase()),
            codeOf(control.circuits()),
            codeOf(control.detachedOnions()),
          ]);
          for (const code of codes)
            expect(['protocol', 'refused', 'closed', 'timed_out', 'none']).toContain(code);
          expect(codes[0]).not.toBe('none');
        } finally {
          await control.close();
          await server.stop();
        }
      }),
      { numRuns: 60 },
    );
  });
});
