/** `lucid login`, `register`, `logout`, `whoami`: who this user is at a host. */
import { existsSync, readFileSync } from 'node:fs';
import { authenticationContract } from '@lucid/contracts';
import { signMessage } from '@lucid/tron-message';
import { askLine, askYes } from '../cli/ask-line.ts';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { countText, formatRows, formatTime } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { trustedCertificate } from '../remote/certificate.ts';
import { Credentials } from '../remote/credentials.ts';
import { hostOrigin } from '../remote/host-place.ts';
import { loginOf, signedOut } from '../remote/remote-host.ts';
import { type RemoteContext, type RemoteOptions, runRemote } from '../remote/run-remote.ts';
import { defaultWalletPath, readWalletKey } from '../remote/wallet-key.ts';
import { assertSignIn } from '../remote/what-to-sign.ts';

export interface LoginOptions extends RemoteOptions {
  /** File of the wallet's key. */
  readonly key?: string;
  /** Signs elsewhere: the message is printed, the signature asked for. */
  readonly address?: string;
  /** File of a message that was signed, with its signature. */
  readonly message?: string;
  readonly signature?: string;
  readonly profile?: 'admin' | 'user' | 'node';
  readonly totp?: string;
  readonly device?: string;
  readonly fingerprint?: string;
  /** Of `register`: the one-time code of the first administrator. */
  readonly code?: string;
}

interface Signed {
  readonly message: string;
  readonly signature: string;
}

async function signWithKey(
  { host, process }: RemoteContext,
  path: string,
  options: LoginOptions,
): Promise<Signed> {
  const { address, secretKey } = await readWalletKey(process, path);
  const message = await challenge(host, address, options);
  return { message, signature: signMessage(secretKey, message) };
}

async function challenge(
  host: RemoteContext['host'],
  address: string,
  { profile }: LoginOptions,
): Promise<string> {
  const { message } = await host.openClientOf(authenticationContract).createChallenge({
    body: { address, uri: host.origin, ...(profile ? { profile } : {}) },
  });
  assertSignIn(message, { origin: host.origin, address });
  return message;
}

function readMessage(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\n$/, '');
  } catch (error) {
    throw new CliError('source_unreadable', `the message ${path} cannot be read: ${plainReason(error)}.`, {
      cause: error,
    });
  }
}

/** Null where the message was only asked for. */
async function signElsewhere(context: RemoteContext, options: LoginOptions): Promise<Signed | null> {
  const { host, output, process } = context;
  if (options.message !== undefined) {
    if (options.signature === undefined)
      throw new CliError('usage', '--message needs the --signature that was made of it');
    return { message: readMessage(options.message), signature: options.signature };
  }
  const message = await challenge(host, options.address as string, options);
  if (output.options.json) {
    output.json({ message });
    return null;
  }
  output.line(message);
  output.note('\nSign this text as it stands (TRON signMessageV2), within five minutes.');
  const signature = options.signature ?? (await askLine(process, 'signature: '));
  if (signature) return { message, signature };
  throw new CliError(
    'usage',
    `no signature was given; nobody is signed in. Sign the text, then: lucid --host ${host.origin} login --message FILE --signature HEX`,
  );
}

function signed(context: RemoteContext, options: LoginOptions): Promise<Signed | null> {
  if (options.address !== undefined || options.message !== undefined) return signElsewhere(context, options);
  const path = options.key ?? defaultWalletPath(context.process.env);
  if (options.key === undefined && !existsSync(path))
    throw new CliError(
      'key_missing',
      'say who you are: --key FILE (make one with: lucid keys tron), or --address T… to sign elsewhere.',
    );
  return signWithKey(context, path, options);
}

const DEVICE = /^(ledger|trezor|keepkey):([\x21-\x7e]{1,128})$/;

function deviceOf({ device }: LoginOptions) {
  if (device === undefined) return {};
  const [, type, id] = DEVICE.exec(device) ?? [];
  if (!type || !id)
    throw new CliError('usage', `--device ${device}: give ledger:ID, trezor:ID or keepkey:ID`);
  return { device: { type: type as 'ledger', id } };
}

/** Pins the host's certificate where no authority vouches for it, before anything is sent. */
async function trust(process: NodeJS.Process, options: LoginOptions): Promise<void> {
  const origin = hostOrigin(process.env, options.at);
  const credentials = new Credentials(process.env);
  const pinned = credentials.of(origin).certificateSha256;
  const ask = process.stdin.isTTY ? (question: string) => askYes(process, question) : null;
  const sha256 = await trustedCertificate({ origin, pinned, expected: options.fingerprint, ask });
  if (sha256 !== null && sha256 !== pinned)
    await credentials.update(origin, (known) => ({ ...known, certificateSha256: sha256 }));
}

async function signIn(
  process: NodeJS.Process,
  options: LoginOptions,
  how: 'login' | 'register',
): Promise<number> {
  const device = deviceOf(options);
  await trust(process, options);
  return runRemote(process, options, async (context) => {
    const { host, output } = context;
    const proof = await signed(context, options);
    if (!proof) return exitCodes.ok;
    const client = host.openClientOf(authenticationContract);
    const answer =
      how === 'login'
        ? await client.login({
            body: { ...proof, ...device, ...(options.totp ? { totp: options.totp } : {}) },
          })
        : await client.register({
            body: { ...proof, ...device, ...(options.code ? { invitation: options.code } : {}) },
          });
    await host.credentials.update(host.origin, (known) => ({ ...known, login: loginOf(answer) }));
    const { account } = answer;
    output.json({ host: host.origin, ...account });
    output.line(`signed in at ${host.origin} as ${account.address}, ${account.role}`);
    if (account.totpNeeded)
      output.note(
        `As ${account.accountRole} you need an authenticator first: lucid --host ${host.origin} totp`,
      );
    return exitCodes.ok;
  });
}

export const login = (process: NodeJS.Process, options: LoginOptions): Promise<number> =>
  signIn(process, options, 'login');

export const register = (process: NodeJS.Process, options: LoginOptions): Promise<number> =>
  signIn(process, options, 'register');

/** Ends the logins of this user that are not the one that asks. */
async function endOthers({ host }: RemoteContext): Promise<number> {
  const client = await host.clientOf(authenticationContract);
  const { logins } = await client.listLogins({});
  const others = logins.filter(({ current }) => !current);
  for (const { loginId } of others) await client.endLogin({ params: { loginId } });
  return others.length;
}

/** Ends the login there, and forgets it here even where the host is away. */
export const logout = (
  process: NodeJS.Process,
  options: RemoteOptions & { readonly all: boolean },
): Promise<number> =>
  runRemote(process, { ...options, ofLogin: true }, async (context) => {
    const { host, output } = context;
    if (!host.credentials.of(host.origin).login) throw signedOut(host.origin);
    // Who wants the others ended must hear where they are not: the own login is kept then.
    const others = options.all ? await endOthers(context) : 0;
    let ended = true;
    try {
      await (await host.clientOf(authenticationContract)).logout({});
    } catch {
      ended = false;
    }
    await host.credentials.update(host.origin, ({ login: _ended, ...known }) => known);
    output.json({ host: host.origin, ended, ...(options.all ? { others } : {}) });
    output.line(
      `signed out at ${host.origin}${options.all ? `, and ${countText(others, 'other login')} ended` : ''}`,
    );
    if (!ended)
      output.note(
        'The host was not told: the login there ends by itself, or with: lucid login, then lucid logout --all',
      );
    return exitCodes.ok;
  });

export const whoami = (process: NodeJS.Process, options: RemoteOptions): Promise<number> =>
  runRemote(process, options, async ({ host, output }) => {
    const me = await (await host.clientOf(authenticationContract)).getMe({});
    output.json({ host: host.origin, ...me });
    const rows: readonly (readonly [string, string | undefined])[] = [
      ['host', host.origin],
      ['address', me.address],
      ['role', me.role],
      ['profile', me.profile],
      ['scope', me.scope],
      ['session', me.sessionId],
      ['until', formatTime(me.expiresAt * 1_000_000)],
      ['may', me.permissions.join(' ')],
    ];
    for (const line of formatRows(rows, 8)) output.line(line);
    return exitCodes.ok;
  });
