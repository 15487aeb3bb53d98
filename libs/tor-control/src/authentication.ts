/** Authentication at a control port: by password, or by a cookie that is proven and never sent (SAFECOOKIE, control-spec section 3.24). */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ControlConnection } from './control-connection.ts';
import { TorControlError } from './control-error.ts';
import type { Reply } from './reply-parser.ts';
import { parseWords, quoted } from './reply-values.ts';

export type ControlCredentials =
  | { readonly password: string }
  /** Path of the cookie, as this process sees it. */
  | { readonly cookieFile: string };

const COOKIE_BYTES = 32;
const NONCE_BYTES = 32;
const OF_SERVER = 'Tor safe cookie authentication server-to-controller hash';
const OF_CONTROLLER = 'Tor safe cookie authentication controller-to-server hash';

/** @throws TorControlError auth_refused, or what the connection throws */
export async function authenticate(connection: ControlConnection, given: ControlCredentials): Promise<void> {
  const proof =
    'password' in given ? quoted(given.password) : await cookieProof(connection, given.cookieFile);
  assertTaken(await connection.send(`AUTHENTICATE ${proof}`));
}

function assertTaken({ status }: Reply): void {
  if (status !== 250) throw new TorControlError('auth_refused', { status });
}

async function cookieProof(connection: ControlConnection, path: string): Promise<string> {
  const cookie = await readFile(path).catch((cause) => {
    throw new TorControlError('auth_refused', { cause });
  });
  if (cookie.length !== COOKIE_BYTES) throw new TorControlError('auth_refused');
  const nonce = randomBytes(NONCE_BYTES);
  const reply = await connection.send(`AUTHCHALLENGE SAFECOOKIE ${nonce.toString('hex')}`);
  assertTaken(reply);
  const { values } = parseWords(reply.lines.at(-1)?.text ?? '');
  const answered = (name: string) => Buffer.from(values.get(name) ?? '', 'hex');
  const message = Buffer.concat([cookie, nonce, answered('SERVERNONCE')]);
  const hashOf = (key: string) => createHmac('sha256', key).update(message).digest();
  const serverHash = answered('SERVERHASH');
  const expected = hashOf(OF_SERVER);
  // Who does not know the cookie must not be given its proof.
  if (serverHash.length !== expected.length || !timingSafeEqual(serverHash, expected))
    throw new TorControlError('auth_refused');
  return hashOf(OF_CONTROLLER).toString('hex');
}
