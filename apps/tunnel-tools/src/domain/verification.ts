/** Visits an onion service through Tor, as anybody would: over new circuits, from its address alone. */
import type { Verification } from '@lucid/contracts';
import type { Clock } from '@lucid/service-kit';
import { egressErrors, isEgressError, type TorEgress } from '@lucid/tor-egress';
import type { Static } from 'typebox';

type PortFinding = Static<typeof Verification>['ports'][number];

const TRY_MS = 60_000;
const PAUSE_MS = 1_000;
/** Passes while a descriptor is on its way, or an introduction point is new. */
const PASSING = [
  'onion_not_found',
  'onion_invalid',
  'onion_introduction_failed',
  'onion_introduction_timed_out',
  'onion_rendezvous_failed',
  'general_failure',
  'host_unreachable',
  'ttl_expired',
  'timed_out',
] as const;

export interface VerificationOptions {
  readonly egress: TorEgress;
  readonly clock: Clock;
}

export async function verifyPort(
  { egress, clock }: VerificationOptions,
  place: { readonly host: string; readonly port: number },
  given: { readonly untilMs: number; readonly signal: AbortSignal },
): Promise<PortFinding> {
  const purpose = `verify:${place.host.slice(0, 16)}:${place.port}`;
  for (;;) {
    const beganMs = clock.nowMs();
    // Before and after: each try goes its own way, and leaves none behind.
    egress.renew(purpose);
    const finding = await visit(egress, purpose, place, given.signal).finally(() => egress.renew(purpose));
    const durationMs = Math.max(0, Math.round(clock.nowMs() - beganMs));
    const passes = PASSING.some((code) => code === finding.code);
    if (finding.ok || !passes || clock.nowMs() >= given.untilMs)
      return { port: place.port, durationMs, ...finding };
    await clock.sleep(PAUSE_MS, given.signal);
  }
}

type Visit = Omit<PortFinding, 'port' | 'durationMs'>;

/** An onion service takes a connection only once its target has taken it. */
async function visit(
  egress: TorEgress,
  purpose: string,
  place: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Visit> {
  try {
    (await egress.connect(purpose, place, { signal, timeoutMs: TRY_MS })).destroy();
  } catch (error) {
    if (!isEgressError(error)) throw error;
    return { ok: false, code: error.code, meaning: egressErrors[error.code] };
  }
  return { ok: true, ...(await languageOf(egress, purpose, place, signal)) };
}

async function languageOf(
  egress: TorEgress,
  purpose: string,
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Pick<Visit, 'speaks' | 'status'>> {
  const ask = (scheme: string) =>
    egress.fetch(purpose, `${scheme}://${host}:${port}/`, { signal, timeoutMs: TRY_MS });
  try {
    return { speaks: 'http', status: (await ask('http')).status };
  } catch (error) {
    if (!isEgressError(error)) throw error;
    if (error.code === 'answer_too_large') return { speaks: 'http' };
  }
  try {
    return { speaks: 'tls', status: (await ask('https')).status };
  } catch (error) {
    if (!isEgressError(error)) throw error;
    return { speaks: isCertificateFault(error) ? 'tls' : 'other' };
  }
}

/** A certificate that nobody vouches for is one all the same; an onion address proves itself. */
const isCertificateFault = ({ cause }: Error): boolean =>
  /CERT|SIGNATURE|ISSUER/.test(String((cause as { code?: unknown } | undefined)?.code ?? ''));
