/** `ADD_ONION`, and what it answers. */
import { isIP } from 'node:net';
import { TorControlError } from './control-error.ts';
import { isClientPublicKey, isServiceId } from './onion-address.ts';
import type { Reply } from './reply-parser.ts';
import { keyValues } from './reply-values.ts';

export interface OnionPort {
  /** Of the onion address. */
  readonly port: number;
  /** An IP address and a port: Tor would resolve a name where it stands. */
  readonly target: { readonly host: string; readonly port: number };
}

export interface NewOnion {
  /** Base64 of the 64 bytes of an expanded Ed25519 key; Tor makes one where it is absent. */
  readonly key?: string;
  readonly ports: readonly OnionPort[];
  /** Public keys (X25519, base32) of who is let in; absent: everybody. */
  readonly clients?: readonly string[];
  /** It outlives this connection. */
  readonly detach?: boolean;
  /** Streams on one circuit at most; one more closes it. */
  readonly maxStreams?: number;
}

export interface AddedOnion {
  /** The address without `.onion`. */
  readonly serviceId: string;
  /** Of a service that Tor made the key of: base64 of 64 bytes. */
  readonly key?: string;
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;

/** @throws TypeError for arguments that make no sense; it quotes none of them */
export function addOnionCommand(onion: NewOnion): string {
  const { key, ports, clients, detach = false, maxStreams } = onion;
  if (key !== undefined && !/^[A-Za-z0-9+/]{86}==$/.test(key))
    throw new TypeError('an onion key is base64 of 64 bytes');
  if (ports.length === 0) throw new TypeError('an onion service has at least one port');
  if (clients && (clients.length === 0 || !clients.every(isClientPublicKey)))
    throw new TypeError('clients are public keys of X25519 in base32, at least one');
  const flags = [
    ...(detach ? ['Detach'] : []),
    ...(clients ? ['V3Auth'] : []),
    ...(maxStreams === undefined ? [] : ['MaxStreamsCloseCircuit']),
  ];
  return [
    `ADD_ONION ${key === undefined ? 'NEW:ED25519-V3' : `ED25519-V3:${key}`}`,
    ...(flags.length > 0 ? [`Flags=${flags.join(',')}`] : []),
    ...(maxStreams === undefined ? [] : [`MaxStreams=${maxStreams}`]),
    ...ports.map(portArgument),
    ...(clients ?? []).map((client) => `ClientAuthV3=${client.toUpperCase()}`),
  ].join(' ');
}

function portArgument({ port, target }: OnionPort): string {
  const version = isIP(target.host);
  if (!isPort(port) || !isPort(target.port) || version === 0)
    throw new TypeError('a port of an onion service leads to an IP address and a port');
  return `Port=${port},${version === 6 ? `[${target.host}]` : target.host}:${target.port}`;
}

/** @throws TorControlError protocol */
export function addedOnion(reply: Reply): AddedOnion {
  const values = keyValues(reply);
  const serviceId = values.get('ServiceID') ?? '';
  if (!isServiceId(serviceId)) throw new TorControlError('protocol');
  const key = /^ED25519-V3:(.+)$/.exec(values.get('PrivateKey') ?? '')?.[1];
  return { serviceId, ...(key === undefined ? {} : { key }) };
}
