/** What may be published, and the address at which Tor reaches it. */
import { ConfigError, type ContextOptions } from '@lucid/service-kit';
import { addressOn, type ServiceName, serviceAt, serviceNames } from '@lucid/topology';
import { problem } from '../problem.ts';

/** Whoever reaches these has everything. */
const NEVER: readonly ServiceName[] = ['mongodb', 'redis', 'tor-proxy', 'tunnel-tools', 'server-tools'];

/** Services whose address an environment may give, `API_GATEWAY_URL` for example. */
export const reachableServices = serviceNames.filter((name) => !NEVER.includes(name));

const isService = (name: string): name is ServiceName => (serviceNames as readonly string[]).includes(name);

export interface TargetAddress {
  readonly host: string;
  readonly port: number;
}

export class Targets {
  readonly #allowed: ReadonlySet<string>;
  readonly #targetOf: ContextOptions<unknown>['targetOf'];

  /** `more`: names beside those of services with a port on the host. @throws ConfigError */
  constructor(more: string, targetOf: ContextOptions<unknown>['targetOf']) {
    const named = more.split(',').flatMap((each) => each.trim() || []);
    const wrong = named.filter((each) => !isService(each) || NEVER.includes(each));
    if (wrong.length > 0) {
      const expected = `names of services that may be published at all, which ${wrong.join(', ')} may not`;
      throw new ConfigError('tunnel-tools', [
        { variable: 'TUNNEL_MAY_PUBLISH', expected, hint: 'strike it out' },
      ]);
    }
    const published = serviceNames.filter((name) => serviceAt(name).published === 'asked');
    this.#allowed = new Set([...published, ...named]);
    this.#targetOf = targetOf;
  }

  /** @throws ProblemError target_refused, which says why and what may be */
  assertPublishable(service: string): void {
    if (this.#allowed.has(service)) return;
    const detail =
      isService(service) && NEVER.includes(service)
        ? `${service} is never published.`
        : `${service} may not be published; these may: ${[...this.#allowed].join(', ')} (TUNNEL_MAY_PUBLISH adds others).`;
    throw problem('target_refused', { detail });
  }

  /** The address that Tor connects to: it resolves no names. @throws ProblemError target_refused */
  addressOf(service: string): TargetAddress {
    this.assertPublishable(service);
    const name = service as ServiceName;
    const { containerPort, octet, networks } = serviceAt(name);
    const configured = this.#targetOf(name);
    if (configured && configured.socketPath === undefined) {
      const { hostname, port, protocol } = new URL(configured.origin);
      const usual = protocol === 'https:' ? 443 : 80;
      if (hostname !== name)
        return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || usual) };
    }
    const shared = serviceAt('tor-proxy').networks.find((each) => networks.includes(each));
    if (shared === undefined)
      throw problem('target_refused', { detail: `${service} and tor-proxy share no network.` });
    return { host: addressOn(shared, octet), port: containerPort };
  }
}
