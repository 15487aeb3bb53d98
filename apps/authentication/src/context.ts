import type { onSystemChainClientContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import { createMemoryRateLimits, type RateLimits } from '@lucid/rate-limit';
import type { Client, ContextOptions } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import type { Config } from './config.ts';
import { Answers } from './domain/answers.ts';
import { ApiTokens } from './domain/api-tokens.ts';
import { AuditAnchoring } from './domain/audit-anchoring.ts';
import { AuditLog } from './domain/audit-log.ts';
import { Authenticators } from './domain/authenticators.ts';
import { Challenges } from './domain/challenges.ts';
import { Logins } from './domain/logins.ts';
import { createNodeSecret } from './domain/node-secret.ts';
import { parseOrigins } from './domain/origins.ts';
import { Refreshing } from './domain/refreshing.ts';
import { Registration } from './domain/registration.ts';
import { Revocations } from './domain/revocations.ts';
import { Rotation } from './domain/rotation.ts';
import { SigningKeys } from './domain/signing-keys.ts';
import { Tries } from './domain/tries.ts';
import { Users } from './domain/users.ts';
import { Wallets } from './domain/wallets.ts';
import { openTables, type Tables } from './store/rows.ts';
import { createWorkers } from './workers/workers.ts';

export interface Adapters {
  readonly documents: DocumentStore;
  /** Counts failed sign-ins; it must not degrade: without the count nobody gets in. */
  readonly limits: RateLimits;
}

export interface Clients {
  readonly chain: Client<typeof onSystemChainClientContract>;
}

type Options = ContextOptions<Config, Clients, Adapters>;

const LIMITS_TIMEOUT_MS = 500;

interface OwnLimits {
  readonly limits: RateLimits;
  close(): Promise<void>;
}

async function openLimits({ adapters, config, clock }: Options): Promise<OwnLimits> {
  if (adapters.limits) return { limits: adapters.limits, close: async () => {} };
  if (config.REDIS_URL === undefined) {
    const limits = createMemoryRateLimits({ nowMs: () => clock.nowMs() });
    return { limits, close: () => limits.close() };
  }
  const { connect, createRedisRateLimits } = await import('@lucid/rate-limit-redis');
  const redis = connect({ url: config.REDIS_URL, timeoutMs: LIMITS_TIMEOUT_MS });
  const limits = createRedisRateLimits({ redis, timeoutMs: LIMITS_TIMEOUT_MS });
  return {
    limits,
    close: async () => {
      await limits.close();
      redis.disconnect();
    },
  };
}

export async function createContext(options: Options) {
  const origins = parseOrigins(options.config.AUTH_URI);
  const stores = await openServiceStores({
    service: 'authentication',
    kinds: ['documents'],
    settings: options.config,
    given: options.adapters,
  });
  const { limits, close: closeLimits } = await openUpon(stores, () => openLimits(options));
  const close = async () => {
    await closeLimits();
    await stores.close();
  };
  return openUpon({ close }, async () => {
    const tables = await openTables(stores.documents);
    return { ...(await compose(options, { tables, limits, origins })), limits, close };
  });
}

interface Parts {
  readonly tables: Tables;
  readonly limits: RateLimits;
  readonly origins: ReturnType<typeof parseOrigins>;
}

async function compose({ config, clients, clock, log, random }: Options, { tables, limits, origins }: Parts) {
  const secret = createNodeSecret(config.AUTH_SECRET, random);
  const every = { tables, clock, random, secret };
  const keys = await SigningKeys.open({
    ...{ tables, clock, secret },
    leadMs: config.AUTH_KEY_LEAD_SECONDS * 1000,
    maxAgeMs: config.AUTH_KEY_DAYS * 86_400_000,
  });
  const audit = new AuditLog(tables, clock);
  const revocations = new Revocations(tables, clock);
  const logins = new Logins({ ...every, audit, revocations });
  const tries = new Tries(limits);
  const users = new Users({ ...every, logins, audit });
  const rotation = new Rotation({ keys, audit });
  const everyMs = config.AUTH_AUDIT_ANCHOR_SECONDS * 1000;
  const anchoring = new AuditAnchoring({ tables, audit, clock, everyMs, chain: clients.chain });
  const auditMs = config.AUTH_AUDIT_DAYS * 86_400_000;
  return {
    ...{ tables, keys, audit, revocations, logins, users, rotation, anchoring, tries },
    answers: new Answers({ keys, clock, random }),
    challenges: new Challenges({ ...every, tries, origins, chainId: config.AUTH_CHAIN_ID }),
    refreshing: new Refreshing({ ...every, logins, audit }),
    registration: new Registration({ ...every, users, audit, open: config.AUTH_REGISTRATION === 'open' }),
    authenticators: new Authenticators({ ...every, audit, logins, tries }),
    apiTokens: new ApiTokens({ ...every, logins, keys, audit }),
    wallets: new Wallets({ ...every, audit }),
    workers: createWorkers({ tables, revocations, rotation, logins, audit, anchoring, auditMs, clock, log }),
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
