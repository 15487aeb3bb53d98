/**
 * Names as services here resolve them: the hosts file first, then the name server. Not by getaddrinfo, which cannot be ended: each
 * lookup that nobody answers would hold one of Node's four threads for many seconds, and the disk and every other lookup wait for those.
 */
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** Addresses of a name. Rejects with code ENOTFOUND or EAI_AGAIN, or with the signal's reason. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

export interface NameResolverOptions {
  /** Default /etc/hosts. */
  readonly hostsFile?: string;
  /** `ADDRESS:PORT` of name servers; default those of this machine. */
  readonly servers?: readonly string[];
}

/** Of the first try; c-ares doubles it with each further one. */
const ASKED_MS = 800;
const TRIES = 2;

export function createNameResolver({ hostsFile = '/etc/hosts', servers }: NameResolverOptions = {}): Resolve {
  return async (name, signal) => {
    if (isIP(name) !== 0) return [name];
    const written = addressesIn(await readFile(hostsFile, 'utf8').catch(() => ''), name);
    return written.length > 0 ? written : askServer(name, servers, signal);
  };
}

/** hosts(5): an address, names, comments behind `#`. */
export function addressesIn(hosts: string, name: string): readonly string[] {
  const found = hosts.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return isIP(address) !== 0 && names.includes(name) ? [address] : [];
  });
  return [...new Set(found)];
}

async function askServer(
  name: string,
  servers: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: ASKED_MS, tries: TRIES });
  if (servers) resolver.setServers(servers);
  const stop = () => resolver.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await resolver.resolve4(name);
  } catch (cause) {
    signal.throwIfAborted();
    const { code } = cause as NodeJS.ErrnoException;
    // A name server that is away or refuses is not the service: its errors must not look like those of a connection.
    const known = code === 'ENOTFOUND' || code === 'ENODATA' ? 'ENOTFOUND' : 'EAI_AGAIN';
    throw Object.assign(new Error('the name does not resolve', { cause }), { code: known });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The same, that asks for each name once, for as long as `timeoutMs`, and gives everybody the answer. */
export function remembered(resolve: Resolve, timeoutMs: number): Resolve {
  const answers = new Map<string, Promise<readonly string[]>>();
  const ask = async (name: string): Promise<readonly string[]> => {
    const time = AbortSignal.timeout(timeoutMs);
    try {
      return await resolve(name, time);
    } catch (error) {
      throw time.aborted ? Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }) : error;
    }
  };
  return (name) => {
    const answer = answers.get(name) ?? ask(name);
    answers.set(name, answer);
    return answer;
  };
}
