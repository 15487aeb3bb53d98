import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  TUNNEL_DATA_DIR: Type.String({
    description: 'folder of the registry and of the keys of onion services, on a volume',
  }),
  TOR_CONTROL_PASSWORD: secret(Type.String({ minLength: 1, description: "password of Tor's control port" })),
  TOR_CONTROL_ADDRESS: Type.String({
    default: 'tor-proxy:9051',
    pattern: '^[^:]+:[0-9]{1,5}$',
    description: "HOST:PORT of Tor's control port",
  }),
  TOR_PROXY_URL: Type.String({
    default: 'socks5://tor-proxy:9050',
    description: "Tor's SOCKS port, socks5://HOST:PORT",
  }),
  ONION_API_GATEWAY: Type.Enum(['on', 'off'], {
    default: 'off',
    description: 'publishes the gateway as the onion service `api-gateway`, port 80',
  }),
  TUNNEL_MAY_PUBLISH: Type.String({
    default: '',
    description: 'services that may be published beside those with a port on the host, with commas between',
  }),
  TUNNEL_LISTEN_HOST: Type.String({ default: '0.0.0.0', description: 'address that tunnels listen on' }),
  TUNNEL_PORTS: Type.String({
    default: '7101-7116',
    pattern: '^[0-9]{1,5}-[0-9]{1,5}$',
    description: 'ports that tunnels listen on, FIRST-LAST',
  }),
});
export type Config = Static<typeof Config>;
