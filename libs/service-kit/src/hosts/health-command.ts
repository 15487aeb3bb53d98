/** `main.mjs health`: asks the service of the same container, for images without a shell or curl. */
import { request } from 'node:http';
import type { Environment } from '../config.ts';
import { readListenPlace } from './process-config.ts';

const timeoutMs = 2_000;
const anyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Resolves to whether `GET /health` answers 200 in time. */
export function askHealth(service: string, environment: Environment): Promise<boolean> {
  const { host, port, socketPath } = readListenPlace(service, environment);
  const place = socketPath ? { socketPath } : { host: anyAddress[host] ?? host, port };
  return new Promise((resolve) => {
    const asked = request({ ...place, path: '/health', timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.on('close', () => resolve(false));
    asked.end();
  });
}
