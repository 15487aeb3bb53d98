/** The only importer of undici; imported itself at the first call, so that commands without HTTP do not load it. */
import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { Agent, buildConnector } from 'undici';
import type { HttpTarget } from './http-transport.ts';

export type { Agent, Dispatcher } from 'undici';

const connectTimeoutMs = 5_000;

export const createAgent = (target: HttpTarget): Agent =>
  new Agent({
    connect: connectorOf(target),
    keepAliveTimeout: 20_000,
    connections: 64,
    // The deadline of each call bounds both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

function connectorOf({ socketPath, certificateSha256 }: HttpTarget) {
  if (certificateSha256 === undefined)
    return { timeout: connectTimeoutMs, ...(socketPath ? { socketPath } : {}) };
  return pinnedConnector(certificateSha256);
}

/** Takes one certificate and no other: nothing was sent before it is seen. */
function pinnedConnector(certificateSha256: string): buildConnector.connector {
  // A resumed session shows no certificate.
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    rejectUnauthorized: false,
    maxCachedSessions: 0,
  });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) {
        callback(error, null);
        return;
      }
      const certificate = (socket as TLSSocket).getPeerX509Certificate?.();
      if (certificate && createHash('sha256').update(certificate.raw).digest('hex') === certificateSha256) {
        callback(null, socket);
        return;
      }
      socket.destroy();
      callback(new CertificateChangedError(), null);
    });
}

class CertificateChangedError extends Error {
  readonly code = 'CERTIFICATE_CHANGED';
  constructor() {
    super('the certificate is not the one that was trusted');
  }
}
