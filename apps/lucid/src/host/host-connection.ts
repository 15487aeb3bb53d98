/** Services that run in other processes: of a host, reached by the sockets that its card names, or each alone. */
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
import { hasLetGo } from './home-lock.ts';
import type { HostCard, Lucid, OpenLucidOptions } from './lucid.ts';

export type Connection = Pick<Lucid, 'clientOf' | 'close'>;

/** `operatorKey` is a PKCS #8 PEM text. @throws TypeError where it is none */
export function connectToServices(
  operatorKey: string,
  targetOf: (service: string) => HttpTarget,
): Connection {
  const key = parseServiceKey('operator', Buffer.from(operatorKey));
  const transports = new Map<string, Transport>();
  return {
    clientOf(contract) {
      let transport = transports.get(contract.service);
      if (!transport) {
        transport = createHttpTransport(targetOf(contract.service), systemClock);
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

export function connectToHost(options: OpenLucidOptions, card: HostCard): Lucid {
  const connection = connectToServices(card.operatorKey, (service) => {
    const target = card.targets[service];
    if (target) return target as HttpTarget;
    throw new CliError(
      'host_failed',
      `the running host (process ${card.pid}) does not offer ${service}. Run this again when it has ended, or while lucid up of this version runs.`,
    );
  });
  return {
    ...connection,
    home: options.home,
    keys: options.keys,
    desk: null,
    hostAlive: () => !hasLetGo(options.home, card.pid),
    getReady() {},
  };
}
