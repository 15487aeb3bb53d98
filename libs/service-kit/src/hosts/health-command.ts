/** `main.mjs health`: asks the service of the same container, for images without a shell or curl. */
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { HttpTarget } from '../client/http-transport.ts';
import type { Environment } from '../config.ts';
import { readListenPlace } from './process-config.ts';

const timeoutMs = 2_000;
const anyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Resolves to whether `GET /health` answers 200 in time. */
export const askHealth = async (service: string, environment: Environment): Promise<boolean> =>
  (await answeringPlace(service, environment)) !== null;

/** Where the service of this container answers `GET /health` with 200; null where it does not in time. */
export async function answeringPlace(service: string, environment: Environment): Promise<HttpTarget | null> {
  const { host, port, socketPath } = readListenPlace(service, environment);
  const address = anyAddress[host] ?? host;
  const place = socketPath ? { socketPath } : { host: address, port };
  const authority = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const target = socketPath ? { origin: 'http://localhost', socketPath } : { origin: `http://${authority}` };
  if (await answers(request, place)) return target;
  // It may speak TLS; who it is does not matter here, it is this machine's.
  return (await answers(secureRequest, place))
    ? { ...target, origin: target.origin.replace('http:', 'https:') }
    : null;
}

type Place = { readonly socketPath: string } | { readonly host: string; readonly port: number };

function answers(send: typeof secureRequest, place: Place): Promise<boolean> {
  const options = { ...place, path: '/health', timeout: timeoutMs, rejectUnauthorized: false };
  return new Promise((resolve) => {
    const asked = send(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.on('close', () => resolve(false));
    asked.end();
  });
}
