/** One GET of a path that every service has. Redirects are answers like others; certificates are not judged: this asks whether it lives, not who it is. */
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { type Asking, addressesOf } from './addresses.ts';
import type { Target } from './installation.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly scheme: 'http' | 'https';
  /** Of the header, milliseconds since 1970; whole seconds. */
  readonly dateMs?: number | undefined;
  /** JSON value of the body; undefined where it is none, or large. */
  readonly body: unknown;
}

export type SystemPath = '/health' | '/ready';

/** More than any answer of these paths has. */
const MAX_BODY_BYTES = 64 * 1024;

/** Tried in plain first, then by TLS: the gateway speaks either, as it is configured. */
export async function getSystemPath(target: Target, path: SystemPath, asking: Asking): Promise<HttpAnswer> {
  const [address] = await addressesOf(target, asking);
  const options = { host: address, port: target.ports.service, path, signal: asking.signal };
  const headers = { host: `${target.host}:${target.ports.service}`, connection: 'close' };
  try {
    return await exchange(request, 'http', { ...options, headers, agent: false });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!code.startsWith('HPE_') && code !== 'ECONNRESET') throw error;
    const secure = { ...options, headers, agent: false, rejectUnauthorized: false } as const;
    return await exchange(secureRequest, 'https', secure).catch(() => Promise.reject(error));
  }
}

function exchange(
  send: (options: RequestOptions) => ReturnType<typeof request>,
  scheme: HttpAnswer['scheme'],
  options: RequestOptions,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const asked = send(options);
    asked.once('error', reject);
    asked.once('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const dateMs = headers.date === undefined ? undefined : Date.parse(headers.date);
      bodyOf(response).then((body) => resolve({ status, scheme, dateMs, body }), reject);
    });
    asked.end();
  });
}

async function bodyOf(response: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > MAX_BODY_BYTES) return undefined;
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    return undefined;
  }
}
