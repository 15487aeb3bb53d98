/**
 * Which requests are let in. A page of the web can make a browser send requests here: by its own name for our address (DNS
 * rebinding), which the Host header shows, or from its own origin, which the Origin header shows.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

export interface AdmissionOptions {
  /** Besides addresses, `localhost` and the service's own name; `*` for any. */
  readonly hosts: readonly string[];
  /** Origins of pages that may call; `*` for any. */
  readonly origins: readonly string[];
}

const own = ['localhost', 'on-system-chain'];

export const wordsOf = (text: string): string[] => text.split(/\s+/).filter((each) => each !== '');

/** Name or address without port and brackets. */
function nameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1];
  return (bracketed ?? host.replace(/:\d+$/, '')).toLowerCase();
}

export class Admission {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor({ hosts, origins }: AdmissionOptions) {
    this.#hosts = new Set([...own, ...hosts.map((each) => each.toLowerCase())]);
    this.#origins = new Set(origins.map((each) => each.toLowerCase()));
  }

  /** An address cannot be rebound; a request without the header comes from no browser. */
  admitsHost({ host }: IncomingHttpHeaders): boolean {
    if (host === undefined || this.#hosts.has('*')) return true;
    const name = nameOf(host);
    return isIP(name) !== 0 || this.#hosts.has(name);
  }

  /** Whether a page of this origin may call. */
  admitsOrigin(origin: string): boolean {
    return this.#origins.has('*') || this.#origins.has(origin.toLowerCase());
  }

  /** Header lines that let a page read the answer. */
  corsOf({ origin }: IncomingHttpHeaders): Readonly<Record<string, string>> {
    if (this.#origins.size === 0) return {};
    return origin !== undefined && this.admitsOrigin(origin)
      ? { 'access-control-allow-origin': origin, vary: 'origin' }
      : { vary: 'origin' };
  }
}
