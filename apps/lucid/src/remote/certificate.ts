/** Which certificate a host shows, and whether to trust one that no authority vouches for. */
import { createHash } from 'node:crypto';
import { connect } from 'node:tls';
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';

export interface ShownCertificate {
  /** SHA-256 of its DER, hex. */
  readonly sha256: string;
  /** Vouched for by an authority that this machine knows, and made for this name. */
  readonly vouched: boolean;
}

const TIMEOUT_MS = 5_000;

const unreachable = (origin: string, why: string, cause?: unknown): CliError =>
  new CliError('host_unreachable', `${origin} cannot be reached: ${why}. Is a host running there?`, {
    cause,
  });

/** Null over http. @throws CliError host_unreachable */
export function shownCertificate(origin: string): Promise<ShownCertificate | null> {
  const { protocol, hostname, port } = new URL(origin);
  if (protocol === 'http:') return Promise.resolve(null);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, ...named }, () => {
      const certificate = socket.getPeerX509Certificate();
      const { authorized } = socket;
      socket.destroy();
      if (!certificate) reject(unreachable(origin, 'it shows no certificate'));
      else
        resolve({ sha256: createHash('sha256').update(certificate.raw).digest('hex'), vouched: authorized });
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('it does not answer')));
    socket.on('error', (error) => reject(unreachable(origin, plainReason(error), error)));
  });
}

/** Colons and capitals are how others write it. */
export const plainFingerprint = (text: string): string => text.replaceAll(':', '').toLowerCase();

/**
 * What is to be pinned for a host; null where its certificate is vouched for and none was pinned. `ask` is the user, where there is one.
 * @throws CliError host_untrusted, host_unreachable
 */
export async function trustedCertificate(options: {
  readonly origin: string;
  readonly pinned: string | undefined;
  readonly expected: string | undefined;
  readonly ask: ((question: string) => Promise<boolean>) | null;
}): Promise<string | null> {
  const { origin, pinned, ask } = options;
  const shown = await shownCertificate(origin);
  if (!shown) return null;
  const expected = options.expected === undefined ? undefined : plainFingerprint(options.expected);
  if (expected !== undefined && expected !== shown.sha256)
    throw new CliError(
      'host_untrusted',
      `${origin} shows the certificate ${shown.sha256}, not the one that --fingerprint names.`,
    );
  if (expected !== undefined || pinned === shown.sha256) return shown.sha256;
  if (pinned !== undefined)
    throw new CliError(
      'host_untrusted',
      `${origin} shows another certificate than before: ${shown.sha256} instead of ${pinned}. If its operator changed it, sign in again with --fingerprint ${shown.sha256}; else somebody stands between.`,
    );
  if (shown.vouched) return null;
  const question = `No authority vouches for the certificate of ${origin}.\nIts SHA-256 is ${shown.sha256}; the host printed it when it started. Is it the same?`;
  if (ask && (await ask(question))) return shown.sha256;
  throw new CliError(
    'host_untrusted',
    `no authority vouches for the certificate of ${origin}. Compare its SHA-256 with what the host printed, then: --fingerprint ${shown.sha256}`,
  );
}
