/**
 * What a host offers over the network: signing in, sessions of users, the API's documents, and the gateway as the one way
 * to them. All but the gateway and the front of the documents listen on sockets of this user only.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { bytesToHex } from '@lucid/bytes';
import { randomBytes } from '@lucid/crypto';
import type { AnyServiceDefinition } from '@lucid/service-kit';
import { CliError } from '../cli/cli-error.ts';
import type { Home } from './home.ts';
import { writeKeyFile } from './node-keys.ts';

export interface DoorOptions {
  readonly host: string;
  readonly port: number;
  readonly docsPort: number;
  /** Origins besides the gateway's own at which users sign in. */
  readonly uris: readonly string[];
  readonly tls: 'off' | 'made' | { readonly certificateFile: string; readonly keyFile: string };
}

export interface Door {
  readonly definitions: readonly AnyServiceDefinition[];
  readonly environment: Readonly<Record<string, string>>;
  readonly listen: Readonly<Record<string, { host: string; port: number }>>;
}

/** What a sign-in message can name (RFC 1123 section 2.1), or an address. */
const HOST_NAME = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])$/;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** A port that was free a moment ago, for who asked for any: sign-in messages name it before the gateway listens. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Random text that encrypts signing keys and authenticators' secrets in the store; made at the first start. */
function accessSecret(home: Home): string {
  const path = join(home.keys, 'access.secret');
  writeKeyFile(path, `${bytesToHex(randomBytes(32))}\n`);
  const text = readFileSync(path, 'utf8').trim();
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new CliError(
    'data_folder_damaged',
    `${path} does not hold what it should. Restore it from a backup: the keys of sign-ins were encrypted with it.`,
  );
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** How this machine is called by others: its addresses but those of a link alone, which a message cannot name, and its name. */
const ownNames = (): string[] => [
  ...Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => bracketed(address)),
  hostname().toLowerCase(),
];

/** Where users sign in, what users beyond this machine use first. */
export function signInOrigins({ host, uris, tls }: DoorOptions, port: number): string[] {
  const scheme = tls === 'off' ? 'http' : 'https';
  const everywhere = host === '0.0.0.0' || host === '::';
  const names = [
    ...(everywhere ? ownNames() : [bracketed(host)]),
    ...(everywhere || isLoopback(host) ? ['127.0.0.1', 'localhost'] : []),
  ].filter((name) => HOST_NAME.test(name));
  return [...new Set([...uris, ...names.map((name) => new URL(`${scheme}://${name}:${port}`).origin)])];
}

export async function openDoor(home: Home, options: DoorOptions): Promise<Door> {
  const { host, tls } = options;
  const port = options.port === 0 ? await freePort(host) : options.port;
  const [
    { authentication },
    { sessionApi },
    { apiServer },
    { openapiServer },
    { openapiGateway },
    { apiGateway },
  ] = await Promise.all([
    import('@lucid/authentication'),
    import('@lucid/session-api'),
    import('@lucid/api-server'),
    import('@lucid/openapi-server'),
    import('@lucid/openapi-gateway'),
    import('@lucid/api-gateway'),
  ]);
  const uris = signInOrigins(options, port);
  return {
    definitions: [authentication, sessionApi, apiServer, openapiServer, openapiGateway, apiGateway],
    environment: {
      AUTH_SECRET: accessSecret(home),
      AUTH_URI: uris.join(','),
      GATEWAY_TLS: tls === 'off' ? 'off' : 'on',
      GATEWAY_HOSTS: [...new Set(uris.map((uri) => new URL(uri).hostname.replace(/^\[|\]$/g, '')))].join(','),
      GATEWAY_DATA_DIR: home.keys,
      ...(typeof tls === 'object'
        ? { GATEWAY_TLS_CERT_FILE: tls.certificateFile, GATEWAY_TLS_KEY_FILE: tls.keyFile }
        : {}),
    },
    listen: {
      'api-gateway': { host, port },
      // It has no TLS, and readers paste a token into its page.
      'openapi-gateway': { host: '127.0.0.1', port: options.docsPort },
    },
  };
}
