/** Which host a command is about: the one named by --host or LUCID_HOST, else the one that runs on this data folder. */
import { CliError } from '../cli/cli-error.ts';
import { homePath, layoutOf } from '../host/home.ts';
import { readHostCard } from '../host/lucid.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Where none is written: a host of this machine speaks http unless told otherwise. */
const schemeOf = (text: string): string => (LOOPBACK.test(text.replace(/:\d+$/, '')) ? 'http' : 'https');

/** The origin of an address as users write it. @throws CliError usage */
export function originOf(text: string): string {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${schemeOf(text)}://${text}`;
  const wrong = () =>
    new CliError('usage', `--host ${text}: give the address of a host, as in https://lucid.example:8080`);
  if (!URL.canParse(withScheme)) throw wrong();
  const url = new URL(withScheme);
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username || url.password) throw wrong();
  if ((url.pathname !== '/' && url.pathname !== '') || url.search || url.hash) throw wrong();
  return url.origin;
}

/** Tokens must not cross a network in the clear. */
export const isSafeOrigin = (origin: string): boolean => {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'https:' || LOOPBACK.test(hostname);
};

/** @throws CliError usage where none is named and none runs */
export function hostOrigin(env: Environment, named: string | undefined): string {
  const text = named ?? env.LUCID_HOST;
  if (!text) {
    const own = readHostCard(layoutOf(homePath(env)))?.targets?.['api-gateway']?.origin;
    if (own) return own;
    throw new CliError(
      'usage',
      'no host runs on this data folder; start one with: lucid up, or name one: lucid --host https://ADDRESS …',
    );
  }
  const origin = originOf(text);
  if (!isSafeOrigin(origin))
    throw new CliError(
      'usage',
      `--host ${text}: over http anybody on the way reads your token; give its https address.`,
    );
  return origin;
}
