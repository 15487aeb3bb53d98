/** Where the gateway's key and certificate come from: files that are given, or its own, made once and kept. */
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { ConfigError, type Log } from '@lucid/service-kit';
import type { Config } from '../config.ts';
import { type KeyAndCertificate, makeCertificate } from './certificate.ts';

export interface TlsOptions {
  readonly config: Config;
  readonly hosts: readonly string[];
  readonly log: Log;
  readonly nowMs: number;
}

const fault = (variable: string, expected: string, hint: string, cause?: unknown): ConfigError =>
  Object.assign(new ConfigError('api-gateway', [{ variable, expected, hint }]), { cause });

const read = (variable: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw fault(variable, 'a file that can be read', 'check the path and who may read it', cause);
  }
};

/** Undefined where the gateway speaks in the clear. @throws ConfigError */
export function loadTls(options: TlsOptions): KeyAndCertificate | undefined {
  const { config, log } = options;
  const {
    GATEWAY_TLS,
    GATEWAY_TLS_CERT_FILE: certPath,
    GATEWAY_TLS_KEY_FILE: keyPath,
    GATEWAY_DATA_DIR,
  } = config;
  if (GATEWAY_TLS === 'off') return undefined;
  if ((certPath === undefined) !== (keyPath === undefined))
    throw fault('GATEWAY_TLS_KEY_FILE', 'certificate and key together', 'set both, or neither');
  if (certPath === undefined && GATEWAY_DATA_DIR === undefined)
    throw fault(
      'GATEWAY_TLS_CERT_FILE',
      'a certificate, or a folder to keep an own one in',
      'set it with GATEWAY_TLS_KEY_FILE, or GATEWAY_DATA_DIR, or GATEWAY_TLS=off where the way is private',
    );
  const pair =
    certPath !== undefined && keyPath !== undefined
      ? { cert: read('GATEWAY_TLS_CERT_FILE', certPath), key: read('GATEWAY_TLS_KEY_FILE', keyPath) }
      : ownPair(GATEWAY_DATA_DIR as string, options);
  try {
    createSecureContext(pair);
    const { fingerprint256, validTo } = new X509Certificate(pair.cert);
    log.info({ sha256: fingerprint256, validTo, ownCertificate: certPath === undefined }, 'TLS certificate');
  } catch (cause) {
    throw fault(
      'GATEWAY_TLS_CERT_FILE',
      'a certificate and its key in PEM',
      'check that they belong together',
      cause,
    );
  }
  return pair;
}

const OWN_FILE = 'gateway-tls.pem';
const KEY_END = '-----END PRIVATE KEY-----\n';
const RENEW_BEFORE_MS = 30 * 86_400_000;

/** Key and certificate are one file, so that none is ever there without the other. */
function ownPair(folder: string, { hosts, nowMs, log }: TlsOptions): KeyAndCertificate {
  const path = join(folder, OWN_FILE);
  const found = readOwn(path);
  if (found && new Date(new X509Certificate(found.cert).validTo).getTime() - nowMs > RENEW_BEFORE_MS) {
    const certificate = new X509Certificate(found.cert);
    const missing = hosts.filter((each) => !names(certificate, each));
    if (missing.length > 0)
      log.warn({ missing, path }, 'the certificate lacks names; delete its file for a new one');
    return found;
  }
  const made = makeCertificate([...new Set(['localhost', '127.0.0.1', '::1', ...hosts])], nowMs);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, made.key + made.cert, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return made;
}

const names = (certificate: X509Certificate, host: string): boolean =>
  (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined;

function readOwn(path: string): KeyAndCertificate | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const end = text.indexOf(KEY_END) + KEY_END.length;
  return { key: text.slice(0, end), cert: text.slice(end) };
}
