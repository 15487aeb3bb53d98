/** How a host gives its services a judge of access tokens: one for all that run in a process, fed by `authentication`. */
import { authenticationContract, type OperationSpec } from '@lucid/contracts';
import { createClient } from '../client/client.ts';
import type { Transport } from '../client/send.ts';
import type { Clock } from '../clock.ts';
import type { AnyServiceDefinition, ReadyChecks } from '../definition.ts';
import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import { createAccessKeys } from './access-keys.ts';
import { type AccountVerifier, createAccountVerifier } from './access-tokens.ts';
import type { ServiceKey } from './keys.ts';
import { createTokenSource } from './tokens.ts';

export interface Accounts extends AccountVerifier {
  readonly ready: ReadyChecks;
}

/** Whether a service has anything to ask of it. */
export const judgesAccounts = ({ contract, judgesAccounts = false }: AnyServiceDefinition): boolean =>
  judgesAccounts ||
  Object.values<OperationSpec>(contract.operations).some(({ callers }) => callers.includes('account'));

/** Of services that know no accounts. */
export const noAccounts: Accounts = {
  verify: () => {
    throw new ProblemError('unauthenticated', { detail: 'This service takes no access tokens.' });
  },
  ready: {},
};

export interface RemoteAccounts extends Accounts {
  /** Keeps keys and revocations fresh until it is closed. */
  start(): void;
  close(): Promise<void>;
}

/** Asks `authentication` over the transport, as the service that `key` belongs to. */
export function createRemoteAccounts(options: {
  transport: Transport;
  key: ServiceKey;
  clock: Clock;
  log: Log;
}): RemoteAccounts {
  const { transport, clock, log } = options;
  const tokens = createTokenSource({ key: options.key, clock });
  const client = createClient(authenticationContract, transport, {
    tokens,
    clock,
    retry: false,
    breaker: false,
  });
  const waitMs = 20_000;
  const keys = createAccessKeys({
    source: {
      jwks: (signal) => client.getJwks({}, signal ? { signal } : {}),
      revocations: ({ after, waits }, signal) =>
        client.getRevocations({ query: { after, ...(waits ? { waitMs } : {}) } }, { signal }),
    },
    clock,
    log,
  });
  const closing = new AbortController();
  let following: Promise<void> = Promise.resolve();
  return {
    ...createAccountVerifier({ keys, clock }),
    ready: { authentication: () => keys.ready() },
    start() {
      following = keys.follow(closing.signal);
    },
    async close() {
      closing.abort();
      await following;
      await transport.close();
    },
  };
}
