/** The gateway in its two hosts: its own process from its bundle, and the whole of `lucid up`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authenticationContract, sessionApiContract } from '@lucid/contracts';
import { createAccessTokenSigner, createServiceKeys, type ServiceKey } from '@lucid/service-kit';
import { AccessHost } from './stack/access-host.ts';

const ROOT = join(__dirname, '..');

describe('in a process of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-gateway-'));
  const program = join(ROOT, 'dist/apps/api-gateway/main.mjs');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const sign = createAccessTokenSigner({
    kid: 'one',
    secretPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  });
  const token = () => {
    const iat = Math.floor(Date.now() / 1000);
    const times = { iat, exp: iat + 900 };
    return sign({ sub: 'TUser', role: 'USER', profile: 'user', lid: 'login', jti: 'token', ...times });
  };
  const servers: Server[] = [];
  let hangs = true;
  let gateway: ChildProcess;
  let origin: string;
  let output = '';

  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  beforeAll(async () => {
    if (!existsSync(program)) throw new Error('it is not built; run: node tools/build.mjs api-gateway');
    const { x } = publicKey.export({ format: 'jwk' }) as JsonWebKey;
    const authentication = await serve((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url?.includes('revocations')) {
        if (request.url.includes('after=0')) response.end('{"revoked":[],"next":1}');
      } else if (!hangs)
        response.end(
          JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA', kid: 'one', x }] }),
        );
    });
    const sessions = await serve((request, response) => response.end(`asked ${request.url}`));
    const { keys } = createServiceKeys(['api-gateway']);
    const key = keys.get('api-gateway') as ServiceKey;
    writeFileSync(join(folder, 'key.pem'), key.secretPem);
    writeFileSync(join(folder, 'keyring.json'), JSON.stringify({ 'api-gateway': key.publicKey }));
    gateway = spawn(process.execPath, [program], {
      env: {
        PATH: process.env.PATH,
        HOST: '127.0.0.1',
        PORT: '0',
        GATEWAY_TLS: 'off',
        LUCID_SERVICE_KEY_FILE: join(folder, 'key.pem'),
        LUCID_SERVICE_KEYRING_FILE: join(folder, 'keyring.json'),
        AUTHENTICATION_URL: authentication,
        SESSION_API_URL: sessions,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    origin = await new Promise((resolve, reject) => {
      const read = (data: Buffer) => {
        output += data;
        const address = /"address":"([^"]+)"/.exec(output)?.[1];
        if (address) resolve(address);
      };
      gateway.stdout?.on('data', read);
      gateway.stderr?.on('data', read);
      gateway.once('exit', () => reject(new Error(`it ended: ${output}`)));
    });
  });

  afterAll(() => {
    gateway?.kill('SIGKILL');
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (path: string, bearer?: string) =>
    fetch(origin + path, bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } });

  test('authentication hangs: who asks is told in a few seconds to come again, and then let in', async () => {
    const refused = await ask('/api/v1/sessions', token());
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await ask('/health')).status).toBe(200);
    hangs = false;
    const answers = [await ask('/api/v1/sessions', token()), await ask('/api/v1/sessions', token())];
    expect(answers.at(-1)?.status).toBe(200);
  });

  test('it passes on who has a token, and refuses who has none', async () => {
    expect((await ask('/health')).status).toBe(200);
    expect((await ask('/api/v1/sessions')).status).toBe(401);
    const answer = await ask('/api/v1/sessions?limit=1', token());
    expect([answer.status, await answer.text()]).toEqual([200, 'asked /api/v1/sessions?limit=1']);
    expect((await ask('/api/v1/app/info', token())).status).toBe(503);
  });

  test('it ends by SIGTERM with 0', async () => {
    const ended = new Promise((resolve) => gateway.once('exit', resolve));
    gateway.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(output).toContain('"msg":"stopped"');
  });
});

test('lucid up: signed in and asked through the gateway', async () => {
  const host = await AccessHost.start(ROOT);
  try {
    const user = await host.user('USER');
    const mine = host.clientOf(authenticationContract, { token: user.accessToken, through: 'gateway' });
    expect(await mine.getMe({})).toMatchObject({ address: user.address });
    const sessions = host.clientOf(sessionApiContract, { token: user.accessToken, through: 'gateway' });
    expect(await sessions.listSessions({ query: {} })).toMatchObject({ sessions: [] });
    const nobody = host.clientOf(sessionApiContract, { through: 'gateway' });
    await expect(nobody.listSessions({ query: {} })).rejects.toMatchObject({ code: 'unauthenticated' });
  } finally {
    await host.dispose();
  }
});
