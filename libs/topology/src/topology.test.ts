import {
  networks,
  plannedServices,
  type Service,
  serviceNames,
  services,
  serviceWithLayers,
  subnetOf,
} from './index.ts';

const rows: [string, Service][] = [...Object.entries(services), ...Object.entries(plannedServices)];

describe('the topology', () => {
  it('gives an octet to one service only', () => {
    const octets = rows.map(([, { octet }]) => octet);
    expect(new Set(octets).size).toBe(octets.length);
  });

  it('gives a port of the host to one service only', () => {
    const ports = rows.flatMap(([, { hostPort, otherPorts = {} }]) => [
      hostPort,
      ...Object.values(otherPorts),
    ]);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('names in `after` only services that start without a profile, or with the same', () => {
    const wrong = serviceNames.flatMap((name) => {
      const { after = [], profile } = serviceWithLayers(name, 3);
      return after
        .filter((each) => {
          const other = (services as Record<string, Service>)[each];
          return !other || (other.profile !== undefined && other.profile !== profile);
        })
        .map((each) => `${name} after ${each}`);
    });
    expect(wrong).toEqual([]);
  });

  it('names in `after` only services of the layers that run, also where a layer adds to another', () => {
    const wrong = [0, 1, 2, 3].flatMap((highest) =>
      serviceNames
        .filter((name) => services[name].layer <= highest)
        .flatMap((name) =>
          (serviceWithLayers(name, highest).after ?? [])
            .filter((each) => ((services as Record<string, Service>)[each]?.layer ?? 9) > highest)
            .map((each) => `${name} after ${each} in layer ${highest}`),
        ),
    );
    expect(wrong).toEqual([]);
  });

  it('gives the client of sessions the account of the chain where the chain runs, and only there', () => {
    const client = (highest: number) => serviceWithLayers('on-system-chain-client', highest);
    expect(client(1).secrets).toEqual({ MONGO_URL_FILE: 'mongo_url' });
    expect(client(2)).toMatchObject({
      after: ['mongodb', 'blockchain-ledger', 'on-system-chain'],
      secrets: { MONGO_URL_FILE: 'mongo_url', CHAIN_ACCOUNT_KEY_FILE: 'chain_key' },
    });
  });

  it('lets nothing but tor-proxy reach a network with a way out', () => {
    const out = rows.filter(([, each]) => each.networks.some((name) => networks[name].egress));
    expect(out.map(([name]) => name)).toEqual(['tor-proxy']);
  });

  it('keeps subnets apart', () => {
    const subnets = Object.keys(networks).map((name) => subnetOf(name as keyof typeof networks));
    expect(subnets).toEqual([
      '172.20.0.0/16',
      '172.22.0.0/16',
      '172.23.0.0/16',
      '172.26.0.0/16',
      '172.28.0.0/24',
      '172.28.1.0/24',
    ]);
  });

  it('bounds the memory of all that exists to what a Raspberry Pi of 8 GB has beside its system', () => {
    const total = Object.values<Service>(services)
      .filter(({ profile }) => !['dev', 'governance', 'standalone'].includes(profile ?? ''))
      .reduce((sum, { limits }) => sum + (limits?.memoryMb ?? 0), 0);
    expect(total).toBeLessThanOrEqual(7_300);
  });
});
