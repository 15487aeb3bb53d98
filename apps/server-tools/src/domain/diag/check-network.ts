/** Names and ports. */
import { addressesOf, connectTo } from './addresses.ts';
import type { Target } from './installation.ts';
import type { Probe } from './probe.ts';
import type { Resolve } from './resolve-name.ts';

export const dnsProbe = (target: Target, resolve: Resolve): Probe => ({
  check: 'dns',
  target: target.service,
  service: target.service,
  tried: `resolved ${target.host}`,
  mayBeAbsent: !target.isExpected,
  run: async (signal) => {
    const addresses = (await addressesOf(target, { resolve, signal })).join(' ');
    return { outcome: 'ok', found: `It is at ${addresses}.`, facts: { addresses } };
  },
});

export const tcpProbes = (target: Target, resolve: Resolve): Probe[] =>
  Object.entries(target.ports).map(([name, port]) => ({
    check: 'tcp',
    target: name === 'service' ? target.service : `${target.service} ${name}`,
    service: target.service,
    tried: `connected to ${target.host}:${port}`,
    mayBeAbsent: !target.isExpected,
    run: async (signal) => {
      const socket = await connectTo(target, port, { resolve, signal });
      socket.destroy();
      return { outcome: 'ok', found: 'It takes connections.', facts: { port } };
    },
  }));
