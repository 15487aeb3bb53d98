/** Health and readiness of the installation's own services. */
import { type ServiceName, serviceAt } from '@lucid/topology';
import { getSystemPath, type HttpAnswer } from './http-get.ts';
import type { Target } from './installation.ts';
import type { Finding, Probe } from './probe.ts';
import type { Resolve } from './resolve-name.ts';

export const httpProbe = (target: Target, resolve: Resolve): Probe => ({
  check: 'http',
  target: target.service,
  service: target.service,
  tried: `asked ${target.host}:${target.ports.service} for /health and /ready`,
  mayBeAbsent: !target.isExpected,
  run: async (signal) => {
    const health = await getSystemPath(target, '/health', { resolve, signal });
    const facts = { health: health.status, scheme: health.scheme };
    if (health.status !== 200) return unhealthy(target, health);
    const ready = await getSystemPath(target, '/ready', { resolve, signal });
    return readinessOf(target, ready, { ...facts, ready: ready.status });
  },
});

const unhealthy = ({ service }: Target, { status, scheme }: HttpAnswer): Finding => ({
  outcome: 'failed',
  found:
    status >= 300 && status < 400
      ? `It answers ${status}, which leads elsewhere and is not followed.`
      : `It answers ${status}.`,
  advice: `See that ${service} itself has this port, and look at its log.`,
  facts: { health: status, scheme },
});

/** What is published shows who comes whether it lives, and no more: /ready is not there, or under no name that is asked for. */
const isDoor = (service: ServiceName): boolean => serviceAt(service).published !== undefined;

/** Names of dependencies that are down; a service that shows its readiness to its operator alone is taken as it is. */
function readinessOf(
  { service }: Target,
  { status, body }: HttpAnswer,
  facts: NonNullable<Finding['facts']>,
): Finding {
  if (status === 200) return { outcome: 'ok', found: 'It is healthy and ready.', facts };
  if (status === 401 || status === 403 || (status >= 400 && status < 500 && isDoor(service)))
    return { outcome: 'ok', found: 'It is healthy; readiness is shown to its operator only.', facts };
  const missing = downIn(body).join(' ');
  return {
    outcome: 'failed',
    found: missing
      ? `It is healthy, but lacks ${missing}.`
      : `It is healthy, but answers ${status} on /ready.`,
    advice: missing ? `Mend ${missing}; ${service} goes on by itself.` : `Look at the log of ${service}.`,
    facts: missing ? { ...facts, missing } : facts,
  };
}

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

function downIn(body: unknown): string[] {
  const { dependencies } = (body ?? {}) as { dependencies?: unknown };
  if (typeof dependencies !== 'object' || dependencies === null) return [];
  return Object.entries(dependencies)
    .filter(([name, state]) => NAME.test(name) && (state as { status?: unknown } | null)?.status === 'down')
    .map(([name]) => name);
}
