import { type GatewayRoute, gatewayPublic, gatewayRoutes, type PublicOperation } from '@lucid/contracts';
import { type AccountVerifier, ConfigError, type ContextOptions, type HttpTarget } from '@lucid/service-kit';
import { Admissions } from './access/admission.ts';
import { type Limits, openLimits } from './access/limits.ts';
import { Places } from './access/places.ts';
import type { Config } from './config.ts';
import { Upstreams } from './forward/upstreams.ts';
import { createHousekeeping, Passing } from './housekeeping.ts';
import { createHostJudge } from './requests/hosts.ts';
import { createPeers, parseProfileAddresses } from './requests/peers.ts';
import { createRouter } from './requests/routes.ts';
import { loadTls } from './tls/tls-files.ts';

export interface Adapters {
  /** Instead of the tables of the contracts. */
  readonly routes: readonly GatewayRoute[];
  readonly open: readonly PublicOperation[];
  /** Instead of those that the host knows. */
  readonly targetOf: (service: string) => HttpTarget | null;
  readonly accounts: AccountVerifier;
  readonly limits: Limits;
}

function profileAddressesOf({ GATEWAY_PROFILE_ADDRESSES }: Config) {
  try {
    return parseProfileAddresses(GATEWAY_PROFILE_ADDRESSES);
  } catch (cause) {
    const fault = {
      variable: 'GATEWAY_PROFILE_ADDRESSES',
      expected: 'ADDRESS=admin|user|node, separated by commas',
      hint: 'correct its value',
    };
    throw Object.assign(new ConfigError('api-gateway', [fault]), { cause });
  }
}

export function createContext(options: ContextOptions<Config, Readonly<Record<never, never>>, Adapters>) {
  const { config, adapters, clock, log } = options;
  const nowMs = () => clock.nowMs();
  const hosts = config.GATEWAY_HOSTS.split(',')
    .map((each) => each.trim())
    .filter(Boolean);
  const profileAddresses = profileAddressesOf(config);
  const tls = loadTls({ config, hosts, log, nowMs: nowMs() });
  const limits = adapters.limits ?? openLimits({ redisUrl: config.REDIS_URL, log, nowMs });
  const places = new Places({ limits: limits.counted, nowMs });
  const admissions = new Admissions({ accounts: adapters.accounts ?? options.accounts, limits, places });
  const upstreams = new Upstreams({
    targetOf: adapters.targetOf ?? options.targetOf,
    nowMs,
    answerTimeoutMs: config.GATEWAY_UPSTREAM_TIMEOUT_MS,
    idleTimeoutMs: config.GATEWAY_UPSTREAM_IDLE_MS,
  });
  const passing = new Passing();
  return {
    config,
    tls,
    log,
    limits,
    places,
    admissions,
    upstreams,
    passing,
    router: createRouter(adapters.routes ?? gatewayRoutes, adapters.open ?? gatewayPublic),
    judgeHost: createHostJudge(hosts),
    peerOf: createPeers(profileAddresses),
    housekeeping: createHousekeeping({ passing, places, admissions, clock, log }),
    async close() {
      await upstreams.close();
      await limits.close();
    },
  };
}

export type Context = ReturnType<typeof createContext>;
