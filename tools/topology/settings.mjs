// What may be set for the compose files, in compose/.env or in the shell.

const FIXED = [
  { name: 'COMPOSE_PROFILES', what: 'which groups of services run; `make-secrets.mjs` writes all but dev' },
  { name: 'COMPOSE_PROJECT_NAME', what: 'name of the stack in Docker; `make-secrets.mjs` writes `lucid`' },
  {
    name: 'LUCID_REGISTRY',
    preset: 'pickme/lucid',
    what: 'repository of the images, which are its tags',
  },
  { name: 'LUCID_VERSION', what: 'version of the images, as `0.1.0`; unset: the newest' },
  {
    name: 'LUCID_PULL',
    preset: 'missing',
    what: 'whether missing images are fetched: `missing`, `always`, `never`',
  },
  {
    name: 'LUCID_GOVERNOR',
    what: 'address of LucidGovernor, once the plan `governance` is deployed; with the profile `governance`',
  },
  {
    name: 'LUCID_PUBLISH',
    preset: '127.0.0.1',
    what: 'address of the host at which ports are published; `0.0.0.0`: for everybody',
  },
  {
    name: 'LUCID_DATA',
    what: 'folder, by its full path and owned by user 1000, that holds all data; unset: volumes of Docker',
  },
  { name: 'LUCID_SECRETS', preset: './secrets', what: 'folder of the secrets' },
  {
    name: 'LUCID_TOR_CONFIG',
    preset: './tor',
    what: 'folder whose `*.conf` are added to the settings of tor',
  },
  { name: 'LUCID_LOG_LEVEL', preset: 'info', what: 'what services log: `debug`, `info`, `warn`, `error`' },
  {
    name: 'LUCID_URI',
    what: 'where people sign in, as their address bar shows it; unset: https://localhost and the port of the gateway',
  },
  {
    name: 'LUCID_GATEWAY_HOSTS',
    preset: 'localhost',
    what: 'names, separated by commas, by which clients call the gateway',
  },
  {
    name: 'LUCID_GATEWAY_TLS',
    preset: 'on',
    what: '`off` only where a proxy on this host ends TLS in front of the gateway',
  },
  {
    name: 'LUCID_ONION_GATEWAY',
    preset: 'off',
    what: '`on` publishes the gateway as an onion service; name its address in LUCID_GATEWAY_HOSTS and LUCID_URI, too',
  },
  {
    name: 'LUCID_TUNNEL_MAY_PUBLISH',
    what: 'services that may become onion services beside those with a port on the host, with commas between',
  },
  { name: 'LUCID_DEV_KEYS', what: 'public keys of SSH, one a line, that may log in at infrastructure-dev' },
  {
    name: 'LUCID_CHAIN_PRODUCER',
    what: 'account of this installation in its chain; written by `make-secrets.mjs`',
  },
  {
    name: 'LUCID_CHAIN_PEERS',
    what: 'addresses of a node whose chain is followed instead of making one, as `http://NAME.onion:7000`, with blanks between; through Tor (docs/chain.md)',
  },
  {
    name: 'LUCID_CHAIN_PEER_KEY',
    what: "verifier key of that node's ledger, `NAME+ID+KEY`; needed with LUCID_CHAIN_PEERS",
  },
  {
    name: 'LUCID_RECORDER_VERIFIER_KEY',
    what: 'public key of the recorder; written by `make-secrets.mjs`',
  },
  { name: 'LUCID_LEDGER_VERIFIER_KEY', what: 'public key of the ledger; written by `make-secrets.mjs`' },
];

/** `api-gateway` is published at LUCID_API_GATEWAY_PORT. */
export const portVariable = (service) => `LUCID_${service.toUpperCase().replaceAll('-', '_')}_PORT`;

export const settings = ({ services }) => [
  ...FIXED,
  ...Object.entries(services)
    .filter(([, { published }]) => published)
    .map(([name, { hostPort, published }]) => ({
      name: portVariable(name),
      preset: String(hostPort),
      what: `port of the host for ${name}${published === 'loopback' ? ', on loopback whatever LUCID_PUBLISH says' : ''}`,
    })),
];
