/** An openapi-server over HTTP, beside services of its own making, with real access tokens. */
import { openapiServerContract } from '@lucid/contracts';
import { type AnyServiceDefinition, systemClock } from '@lucid/service-kit';
import { createManualClock, createTestAccounts, startTestStack } from '@lucid/service-kit/testing';
import type { DocumentOf } from '../src/domain/running-states.ts';
import { openapiServer } from '../src/index.ts';

export async function startServer(
  options: {
    others?: readonly AnyServiceDefinition[];
    documentOf?: DocumentOf;
    environment?: Record<string, string>;
    transport?: 'tcp' | 'local';
  } = {},
) {
  const clock = createManualClock();
  // Who asks others tries again after a pause, which a clock that stands still never ends.
  const given = options.documentOf ? clock : systemClock;
  const accounts = createTestAccounts(given);
  const stack = await startTestStack({
    transport: options.transport ?? 'tcp',
    definitions: [openapiServer, ...(options.others ?? [])],
    adapters: { 'openapi-server': options.documentOf ? { documentOf: options.documentOf } : {} },
    accounts: accounts.accounts,
    environment: options.environment ?? {},
    clock: given,
  });
  const origin = stack.targetOf('openapi-server')?.origin ?? '';
  const token = accounts.token();
  return {
    stack,
    clock,
    accounts,
    origin,
    token,
    operator: stack.clientOf(openapiServerContract),
    /** Below `/api/v1`, with a token unless another header is given. */
    get: (path: string, init: { method?: string; headers?: Record<string, string> } = {}) =>
      fetch(`${origin}/api/v1${path}`, {
        ...init,
        headers: init.headers ?? { authorization: `Bearer ${token}` },
      }),
  };
}

export type Server = Awaited<ReturnType<typeof startServer>>;

/** Code of a problem's type. */
export const codeOf = async (answer: Response): Promise<string> =>
  String(((await answer.json()) as { type?: string }).type).replace('urn:lucid:problem:', '');
