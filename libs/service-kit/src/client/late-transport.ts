import type { Clock } from '../clock.ts';
import { ProblemError } from '../problem.ts';
import { createHttpTransport, type HttpTarget } from './http-transport.ts';
import type { Transport } from './send.ts';

/** Ports are known only when a service listens; services may be called by others that started before them. */
export function createLateTransport(
  service: string,
  targets: ReadonlyMap<string, HttpTarget>,
  clock: Clock,
): Transport {
  let transport: Transport | undefined;
  return {
    async send(call) {
      const target = targets.get(service);
      if (!target) throw new ProblemError('unavailable', { remote: service });
      transport ??= createHttpTransport(target, clock);
      return transport.send(call);
    },
    async close() {
      await transport?.close();
    },
  };
}
