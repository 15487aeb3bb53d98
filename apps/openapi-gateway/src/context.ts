import type { openapiServerContract } from '@lucid/contracts';
import { createMemoryRateLimits } from '@lucid/rate-limit';
import { type Client, type ContextOptions, isProblem } from '@lucid/service-kit';
import type { Config } from './config.ts';
import { AnswerCache } from './domain/answer-cache.ts';

export interface Clients {
  readonly server: Client<typeof openapiServerContract>;
}

/** Two for each service and a few files: more names than there are documents are refused by the server, not kept. */
const mostKept = 200;

export function createContext({ config, clients, clock }: ContextOptions<Config, Clients>) {
  const limits = createMemoryRateLimits({ nowMs: () => clock.nowMs() });
  return {
    config,
    server: clients.server,
    limits,
    answers: new AnswerCache({
      freshMs: config.OPENAPI_CACHE_MS,
      staleMs: config.OPENAPI_STALE_MS,
      mostKept,
      clock,
      isOutage: (error) =>
        isProblem(error, 'unavailable', 'deadline_exceeded', 'too_many_requests', 'internal'),
    }),
    close: () => limits.close(),
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
