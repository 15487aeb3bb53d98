/** Whoever signs in, for bench/logins.mjs: makes users, then signs in again and again over HTTP. One JSON line at the end of each part. */
import { createHmac } from 'node:crypto';
import { secretKeyToAddress, signMessage } from '@lucid/tron-message';
import { Agent, request } from 'undici';

const [origin = '', userCount = '', total = '', parallel = ''] = process.argv.slice(2);
const dispatcher = new Agent({ connections: Number(parallel), pipelining: 1 });

async function post(path: string, body: object): Promise<Record<string, string>> {
  const answer = await request(`${origin}/api/v1/auth/${path}`, {
    ...{ method: 'POST', dispatcher },
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const json = (await answer.body.json()) as Record<string, string>;
  if (answer.statusCode >= 400) throw new Error(`${path}: ${answer.statusCode} ${JSON.stringify(json)}`);
  return json;
}

const users = Array.from({ length: Number(userCount) }, (_, at) => {
  const secretKey = createHmac('sha256', 'bench').update(String(at)).digest();
  return { secretKey, address: secretKeyToAddress(secretKey) };
});

async function signIn(path: 'register' | 'login', at: number): Promise<void> {
  const { secretKey, address } = users[at % users.length]!;
  const { message = '' } = await post('challenge', { address });
  await post(path, { message, signature: signMessage(secretKey, message) });
}

async function all(path: 'register' | 'login', count: number): Promise<number> {
  let next = 0;
  const startedMs = performance.now();
  const worker = async () => {
    while (next < count) await signIn(path, next++);
  };
  await Promise.all(Array.from({ length: Number(parallel) }, worker));
  return performance.now() - startedMs;
}

/** The parent reads the service's CPU time between two parts, and then says `go`. */
const go = () => new Promise((resolve) => process.stdin.once('data', resolve));
const tell = (wallMs: number) => process.stdout.write(`${JSON.stringify({ wallMs })}\n`);

tell(await all('register', users.length));
await go();
tell(await all('login', Number(total)));
await go();
process.exit(0);
