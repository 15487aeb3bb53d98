/** A host on the other side of its gateway: typed clients that carry the user's access token, and renew it in time. */
import type { ContractSpec } from '@lucid/contracts';
import { authenticationContract } from '@lucid/contracts';
import { type Client, createClient, createHttpTransport, isProblem, systemClock } from '@lucid/service-kit';
import { CliError } from '../cli/cli-error.ts';
import { Credentials, type KnownHost, type StoredLogin } from './credentials.ts';
import { hostOrigin } from './host-place.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface RemoteHost {
  readonly origin: string;
  /** LUCID_TOKEN, where it is set. */
  readonly givenToken: string | undefined;
  readonly credentials: Credentials;
  /** LUCID_TOKEN, else the access token of the login, renewed where it ends soon. @throws CliError signed_out */
  accessToken(): Promise<string>;
  /** Without a token: for what signs in. */
  openClientOf<const C extends ContractSpec>(contract: C): Client<C>;
  /** With the access token. @throws CliError signed_out */
  clientOf<const C extends ContractSpec>(contract: C): Promise<Client<C>>;
  close(): Promise<void>;
}

/** A token is renewed when it has less than this to live, so that none expires on its way. */
const RENEW_BEFORE_SECONDS = 30;

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** @throws CliError usage */
function tokenOf({ LUCID_TOKEN = '' }: Environment): string | undefined {
  const token = LUCID_TOKEN.trim();
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token;
  if (token === '') return undefined;
  throw new CliError(
    'usage',
    'LUCID_TOKEN holds no token: three parts of letters and digits, with dots between.',
  );
}

export function openRemoteHost(env: Environment, named: string | undefined): RemoteHost {
  const givenToken = tokenOf(env);
  const origin = hostOrigin(env, named);
  const credentials = new Credentials(env);
  const { certificateSha256 } = credentials.of(origin);
  const transport = createHttpTransport({ origin, ...(certificateSha256 ? { certificateSha256 } : {}) });
  const clientWith = <const C extends ContractSpec>(contract: C, token?: string): Client<C> =>
    createClient(contract, transport, { ...(token ? { tokens: () => token } : {}), clock: systemClock });
  const accessToken = async () =>
    givenToken ?? loginToken(origin, credentials, clientWith(authenticationContract));
  return {
    origin,
    givenToken,
    credentials,
    accessToken,
    openClientOf: (contract) => clientWith(contract),
    clientOf: async (contract) => clientWith(contract, await accessToken()),
    close: () => transport.close(),
  };
}

export const signedOut = (origin: string, why = 'you are not signed in'): CliError =>
  new CliError('signed_out', `${why} at ${origin}; sign in with: lucid --host ${origin} login`);

type Authentication = Client<typeof authenticationContract>;
type LoginAnswer = Awaited<ReturnType<Authentication['login']>>;

export const loginOf = (answer: LoginAnswer): StoredLogin => ({
  address: answer.account.address,
  accessToken: answer.accessToken,
  accessExpiresAt: nowSeconds() + answer.expiresIn,
  refreshToken: answer.refreshToken,
});

const isFresh = ({ login }: KnownHost): boolean =>
  login !== undefined && login.accessExpiresAt - nowSeconds() > RENEW_BEFORE_SECONDS;

async function loginToken(
  origin: string,
  credentials: Credentials,
  authentication: Authentication,
): Promise<string> {
  const known = credentials.of(origin);
  if (!known.login) throw signedOut(origin);
  if (isFresh(known)) return known.login.accessToken;
  // Another command may have renewed it while this one waited for the lock.
  const next = await credentials.update(origin, async (now) =>
    isFresh(now) ? now : renewed(origin, now, authentication),
  );
  if (!next.login) throw signedOut(origin, 'your login has ended');
  return next.login.accessToken;
}

async function renewed(origin: string, known: KnownHost, authentication: Authentication): Promise<KnownHost> {
  if (!known.login) throw signedOut(origin);
  try {
    const answer = await authentication.refreshLogin({ body: { refreshToken: known.login.refreshToken } });
    return { ...known, login: loginOf(answer) };
  } catch (error) {
    if (!isProblem(error, 'refresh_refused')) throw error;
    const { login: _ended, ...host } = known;
    return host;
  }
}
