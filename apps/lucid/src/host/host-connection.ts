/** The host runs in another process: its services are reached by the sockets that its card names. */
import {
  createClient,
  createHttpTransport,
  createTokenSource,
  type HttpTarget,
  parseServiceKey,
  systemClock,
  type Transport,
} from '@lucid/service-kit';
import { CliError } from '../cli/cli-error.ts';
import { lockOwner } from './home-lock.ts';
import type { HostCard, Lucid, OpenLucidOptions } from './lucid.ts';

export function connectToHost(options: OpenLucidOptions, card: HostCard): Lucid {
  const key = parseServiceKey('operator', Buffer.from(card.operatorKey));
  const transports = new Map<string, Transport>();
  return {
    home: options.home,
    keys: options.keys,
    desk: null,
    hostAlive: () => lockOwner(options.home) === card.pid,
    clientOf(contract) {
      const target = card.targets[contract.service];
      if (!target)
        throw new CliError(
          'host_failed',
          `the running host (process ${card.pid}) does not offer ${contract.service}; is it of another version?`,
        );
      let transport = transports.get(contract.service);
      if (!transport) {
        transport = createHttpTransport(target as HttpTarget, systemClock);
        transports.set(contract.service, transport);
      }
      return createClient(contract, transport, {
        tokens: createTokenSource({ key, clock: systemClock }),
        clock: systemClock,
      });
    },
    async close() {
      await Promise.allSettled([...transports.values()].map((each) => each.close()));
    },
  };
}
