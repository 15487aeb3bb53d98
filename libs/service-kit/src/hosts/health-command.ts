/** `main.mjs health`: asks the service of the same container, for images without a shell or curl. */
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Environment } from '../config.ts';
import { readListenPlace } from './process-config.ts';

const timeoutMs = 2_000;
const anyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Resolves to whether `GET /health` answers 200 in time. */
export async function askHealth(service: string, environment: Environment): Promise<boolean> {
  const { host, port, socketPath } = readListenPlace(service, environment);
  const place = socketPath ? { socketPath } : { host: anyAddress[host] ?? host, port };
  // It may speak TLS; who it is does not matter here, it is this machine's.
  return (await answers(request, place)) || (await answers(secureRequest, place));
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
