import { PROFILE_OCTETS } from '@lucid/access';
import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

const milliseconds = (preset: number, description: string) =>
  Type.Integer({ default: preset, minimum: 50, maximum: 3_600_000, description });

export const Config = Type.Object({
  GATEWAY_TLS: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    default: 'on',
    description:
      'off only where the way to the gateway is private: loopback, or a proxy that ends TLS itself',
  }),
  GATEWAY_TLS_CERT_FILE: Type.Optional(Type.String({ description: 'PEM of the certificate and its chain' })),
  GATEWAY_TLS_KEY_FILE: Type.Optional(Type.String({ description: 'PEM of its secret key' })),
  GATEWAY_DATA_DIR: Type.Optional(
    Type.String({ description: 'folder for the certificate that the gateway makes where none is given' }),
  ),
  GATEWAY_HOSTS: Type.String({
    default: 'api-gateway',
    description: 'names, separated by commas, by which clients call it besides localhost and addresses',
  }),
  GATEWAY_PROFILE_ADDRESSES: Type.String({
    default: Object.entries(PROFILE_OCTETS)
      .map(([profile, octet]) => `172.20.0.${octet}=${profile}`)
      .join(','),
    description: 'what comes from these addresses reaches no more than the profile, whatever the token says',
  }),
  REDIS_URL: Type.Optional(
    secret(Type.String({ description: 'Redis that gateways count limits in together' })),
  ),
  GATEWAY_MAX_CONNECTIONS: Type.Integer({ default: 10_000, minimum: 1, maximum: 1_000_000 }),
  GATEWAY_MAX_HEADER_BYTES: Type.Integer({ default: 16_384, minimum: 1_024, maximum: 65_536 }),
  GATEWAY_MAX_BODY_BYTES: Type.Integer({ default: 67_108_864, minimum: 0 }),
  GATEWAY_HEADERS_TIMEOUT_MS: milliseconds(15_000, 'for the header of a request to arrive'),
  GATEWAY_REQUEST_TIMEOUT_MS: milliseconds(300_000, 'for a whole request to arrive'),
  GATEWAY_IDLE_TIMEOUT_MS: milliseconds(30_000, 'for the next piece of a body, or the next request'),
  GATEWAY_STALL_TIMEOUT_MS: milliseconds(60_000, 'for a client to go on reading its answer'),
  GATEWAY_UPSTREAM_TIMEOUT_MS: milliseconds(120_000, 'for a service to begin its answer'),
  GATEWAY_UPSTREAM_IDLE_MS: milliseconds(300_000, 'for the next piece of an answer'),
  GATEWAY_DRAIN_MS: milliseconds(5_000, 'at a stop, for running requests to end'),
});
export type Config = Static<typeof Config>;
