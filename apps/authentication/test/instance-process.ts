/** Services as processes of their own over one store, that a test may kill at any moment. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { authenticationContract } from '@lucid/contracts';
import {
  createClient,
  createHttpTransport,
  createTokenSource,
  parseTarget,
  systemClock,
} from '@lucid/service-kit';
import { type Api, AUTH_SECRET, keys } from './world.ts';

const root = join(__dirname, '../../..');

export interface Instance {
  readonly api: Api;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface Program {
  start(): Promise<Instance>;
  close(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Builds the program; `documentsUrl` of an empty text: a folder of its own. */
export function buildProgram(documentsUrl = ''): Program {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(root, 'dist/test-authentication-'));
  const built = spawnSync(process.execPath, [join(__dirname, 'build-instance.mjs'), folder], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(built.stderr);
  const keyFile = join(folder, 'key');
  const keyring = join(folder, 'keyring');
  writeFileSync(keyFile, keys.keys.get('authentication')!.secretPem, { mode: 0o600 });
  writeFileSync(
    keyring,
    JSON.stringify(Object.fromEntries([...keys.keys].map(([name, { publicKey }]) => [name, publicKey]))),
  );
  const running = new Set<ChildProcess>();
  const transports: { close(): Promise<void> | void }[] = [];

  const start = async (): Promise<Instance> => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const child = spawn(process.execPath, [join(folder, 'main.mjs')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...{ PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'error' },
        ...{ LUCID_SERVICE_KEY_FILE: keyFile, LUCID_SERVICE_KEYRING_FILE: keyring, AUTH_SECRET },
        ...{ AUTH_REGISTRATION: 'open', AUTHENTICATION_URL: origin },
        ON_SYSTEM_CHAIN_CLIENT_URL: 'http://127.0.0.1:9',
        LUCID_DOCUMENTS_URL: documentsUrl || join(folder, 'documents'),
      },
    });
    running.add(child);
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    while (!(await fetch(`${origin}/health`).catch(() => null))?.ok) {
      if (child.exitCode !== null) throw new Error('the instance does not come up');
      await delay(20);
    }
    const transport = createHttpTransport(parseTarget(origin), systemClock);
    transports.push(transport);
    const tokens = createTokenSource({ key: keys.keys.get('operator')!, clock: systemClock });
    return {
      api: createClient(authenticationContract, transport, { tokens, retry: false, breaker: false }),
      async kill() {
        child.kill('SIGKILL');
        await ended;
        running.delete(child);
      },
    };
  };

  return {
    start,
    async close() {
      for (const child of running) child.kill('SIGKILL');
      await Promise.all(
        [...running].map((child) =>
          child.exitCode === null && child.signalCode === null
            ? new Promise((resolve) => child.once('exit', resolve))
            : null,
        ),
      );
      for (const each of transports) await each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
