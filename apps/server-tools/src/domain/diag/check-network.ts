/** Names and ports. */
import { addressesOf, connectTo } from './addresses.ts';
import type { Target } from './installation.ts';
import { isNobodyThere } from './network-fault.ts';
import type { Finding, Probe } from './probe.ts';
import type { Resolve } from './resolve-name.ts';

/** A service of a profile that does not run here has no name, or nobody at its address: that is no fault. */
export async function unlessAbsent(target: Target, work: () => Promise<Finding>): Promise<Finding> {
  try {
    return await work();
  } catch (error) {
    if (target.isExpected || !isNobodyThere(error)) throw error;
    return { outcome: 'absent', found: 'It does not run here: nobody has its name or address.' };
  }
}

export const dnsProbe = (target: Target, resolve: Resolve): Probe => ({
  check: 'dns',
  target: target.service,
  service: target.service,
  tried: `resolved ${target.host}`,
  run: (signal) =>
    unlessAbsent(target, async () => {
      const addresses = (await addressesOf(target, { resolve, signal })).join(' ');
      return { outcome: 'ok', found: `It is at ${addresses}.`, facts: { addresses } };
    }),
});

export const tcpProbes = (target: Target, resolve: Resolve): Probe[] =>
  Object.entries(target.ports).map(([name, port]) => ({
    check: 'tcp',
    target: name === 'service' ? target.service : `${target.service} ${name}`,
    service: target.service,
    tried: `connected to ${target.host}:${port}`,
    run: (signal) =>
      unlessAbsent(target, async () => {
        const socket = await connectTo(target, port, { resolve, signal });
        socket.destroy();
        return { outcome: 'ok', found: 'It takes connections.', facts: { port } };
      }),
  }));
