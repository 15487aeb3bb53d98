/**
 * What may be asked: the services of the topology that share a network with this one, at the ports that stand there, and nothing
 * else. A caller names a service; no caller ever names an address. Where services are not reached at their names, their
 * `<SERVICE>_URL` variables say where, which the operator sets.
 */
import { type NetworkName, type ServiceName, serviceAt, serviceNames } from '@lucid/topology';
import { problem } from '../../problem.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface Target {
  readonly service: ServiceName;
  readonly host: string;
  /** By name: `service` is its main one. */
  readonly ports: Readonly<Record<string, number>>;
  /** It answers on /health and /ready. */
  readonly isOurs: boolean;
  /** It belongs to what runs here: nobody of its name is a fault. */
  readonly isExpected: boolean;
  /** Its name must lead to an address of a shared network; not where the operator says the address. */
  readonly isNamed: boolean;
}

export interface InstallationOptions {
  /** Profiles that run here. */
  readonly profiles: readonly string[];
  /** Where services are, instead of at their names. */
  readonly places: ReadonlyMap<string, Place>;
  /** Of Tor's control port. */
  readonly controlPort: number;
}

const SELF = 'server-tools';
const selfNetworks = new Set<NetworkName>(serviceAt(SELF).networks);
/** Networks over which others are reached. */
export const sharedNetworks: readonly NetworkName[] = [...selfNetworks];

const isReachable = (name: ServiceName): boolean => {
  const { networks, profile } = serviceAt(name);
  return name !== SELF && profile !== 'dev' && networks.some((each) => selfNetworks.has(each));
};

/** Services that can be asked from here. */
export const reachableServices: readonly ServiceName[] = serviceNames.filter(isReachable);

export class Installation {
  readonly targets: readonly Target[];

  constructor({ profiles, places, controlPort }: InstallationOptions) {
    this.targets = reachableServices.map((service) => {
      const { profile, image, containerPort, otherPorts = {} } = serviceAt(service);
      const place = places.get(service);
      return {
        service,
        host: place?.host ?? service,
        ports: {
          service: place?.port ?? containerPort,
          ...(service === 'tor-proxy' ? { control: controlPort } : otherPorts),
        },
        isOurs: image?.kind === 'node',
        isExpected: profile === undefined || profiles.includes(profile) || place !== undefined,
        isNamed: place === undefined,
      };
    });
  }

  /** All, or the one that is named. @throws ProblemError target_unknown */
  select(service: string | undefined, fits: (target: Target) => boolean = () => true): readonly Target[] {
    const found = this.targets.filter(
      (each) => fits(each) && (service === undefined || each.service === service),
    );
    if (found.length > 0) return found;
    const names = this.targets.filter(fits).map((each) => each.service);
    throw problem('target_unknown', { detail: `There are: ${names.join(', ')}.` });
  }

  find(service: ServiceName): Target {
    const [found] = this.select(service);
    return found as Target;
  }
}
