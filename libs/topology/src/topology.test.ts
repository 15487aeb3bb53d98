import { networks, plannedServices, type Service, services, subnetOf } from './index.ts';

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
    const wrong = Object.entries<Service>(services).flatMap(([name, { after = [], profile }]) =>
      after
        .filter((each) => {
          const other = (services as Record<string, Service>)[each];
          return !other || (other.profile !== undefined && other.profile !== profile);
        })
        .map((each) => `${name} after ${each}`),
    );
    expect(wrong).toEqual([]);
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
      .filter(({ profile }) => profile !== 'dev')
      .reduce((sum, { limits }) => sum + (limits?.memoryMb ?? 0), 0);
    expect(total).toBeLessThanOrEqual(7_000);
  });
});
