// biome-ignore-all lint/suspicious/noTemplateCurlyInString: compose puts these in
/**
 * Every service there is, and the place of each that is planned. Compose files, default URLs, firewall rules and the table in
 * the docs come from here.
 */
import type { Limits, Service } from './service.ts';

const SMALL: Limits = { memoryMb: 160, cpus: 1, pids: 64 };
const USUAL: Limits = { memoryMb: 224, cpus: 1, pids: 64 };
/** Moves the bytes of sessions. */
const PIPELINE: Limits = { memoryMb: 384, cpus: 2, pids: 128 };
/** Compresses or encrypts them, too. */
const SEALING: Limits = { ...PIPELINE, memoryMb: 512 };

const NODE = { kind: 'node' } as const;
const NATIVE = { kind: 'node', native: true } as const;
const PROGRAM = { kind: 'program' } as const;

const MONGO = { MONGO_URL_FILE: 'mongo_url' };
const REDIS = { REDIS_URL_FILE: 'redis_url' };
const RECORDER_VERIFIER = {
  LUCID_RECORDER_VERIFIER_KEY:
    '${LUCID_RECORDER_VERIFIER_KEY:?keys are missing, run: node tools/make-secrets.mjs}',
};
const LEDGER_VERIFIER = {
  LUCID_LEDGER_VERIFIER_KEY:
    '${LUCID_LEDGER_VERIFIER_KEY:?keys are missing, run: node tools/make-secrets.mjs}',
};
/** Encryptor and orchestrator write one place. */
const CHUNKS = { LUCID_CHUNKS_URL: 'file:/data/sessions' };
const CHUNKS_VOLUME = { session_data: '/data/sessions' };

/** The port is the same in a container and on one host. */
const port = (number: number, onHost = number) => ({ containerPort: number, hostPort: onHost });

const layer0 = {
  mongodb: {
    octet: 13,
    networks: ['main', 'chain'],
    ...port(27_017),
    layer: 0,
    plane: 'ops',
    image: PROGRAM,
    containerName: 'lucid_mongo',
    volumes: { mongodb_data: '/data/db' },
    secrets: { MONGO_INITDB_ROOT_PASSWORD_FILE: 'mongo_password' },
    environment: { MONGO_INITDB_ROOT_USERNAME: 'lucid' },
    limits: { memoryMb: 768, cpus: 1, pids: 256 },
  },
  redis: {
    octet: 14,
    networks: ['main', 'chain'],
    ...port(6379),
    layer: 0,
    plane: 'ops',
    image: PROGRAM,
    containerName: 'lucid_redis',
    volumes: { redis_data: '/data' },
    secrets: { REDIS_CONFIG_FILE: 'redis_config' },
    limits: { memoryMb: 192, cpus: 0.5, pids: 32 },
  },
  'tor-proxy': {
    octet: 15,
    networks: ['main', 'chain', 'edge'],
    ...port(9050),
    otherPorts: { control: 9051 },
    layer: 0,
    plane: 'ops',
    image: PROGRAM,
    volumes: { tor_data: '/var/lib/tor' },
    mounts: { '${LUCID_TOR_CONFIG:-./tor}': '/etc/tor/conf.d' },
    secrets: { TOR_CONTROL_FILE: 'tor_control' },
    limits: { memoryMb: 128, cpus: 0.5, pids: 32 },
  },
  'tunnel-tools': {
    octet: 47,
    networks: ['main'],
    ...port(7001),
    layer: 0,
    plane: 'ops',
    image: NODE,
    after: ['tor-proxy'],
    volumes: { onion_state: '/data/onions' },
    secrets: { TOR_CONTROL_PASSWORD_FILE: 'tor_control_password' },
    environment: {
      TUNNEL_DATA_DIR: '/data/onions',
      ONION_API_GATEWAY: '${LUCID_ONION_GATEWAY:-off}',
      TUNNEL_MAY_PUBLISH: '${LUCID_TUNNEL_MAY_PUBLISH:-}',
    },
    limits: SMALL,
  },
  'server-tools': {
    octet: 48,
    networks: ['main'],
    ...port(8111),
    layer: 0,
    plane: 'ops',
    image: NODE,
    after: ['mongodb', 'redis'],
    volumes: { backups: '/data/backups' },
    secrets: { ...MONGO, ...REDIS },
    environment: { SERVER_TOOLS_BACKUP_DIR: '/data/backups' },
    limits: USUAL,
  },
  'api-server': {
    octet: 16,
    networks: ['main'],
    ...port(8089),
    layer: 0,
    plane: 'ops',
    image: NODE,
    containerName: 'lucid_api',
    after: ['mongodb'],
    secrets: MONGO,
    limits: USUAL,
  },
  'api-gateway': {
    octet: 10,
    networks: ['main', 'front'],
    ...port(8080),
    layer: 0,
    plane: 'ops',
    image: NODE,
    containerName: 'lucid_api_gateway',
    after: ['redis'],
    volumes: { gateway_data: '/data/gateway' },
    secrets: REDIS,
    environment: {
      GATEWAY_DATA_DIR: '/data/gateway',
      GATEWAY_HOSTS: '${LUCID_GATEWAY_HOSTS:-localhost}',
      GATEWAY_TLS: '${LUCID_GATEWAY_TLS:-on}',
    },
    limits: USUAL,
    published: 'asked',
  },
} as const satisfies Record<string, Service>;

const layer1 = {
  authentication: {
    octet: 11,
    networks: ['main'],
    ...port(8082),
    layer: 1,
    plane: 'ops',
    profile: 'authentication',
    aliases: ['auth-service'],
    image: NATIVE,
    after: ['mongodb', 'redis'],
    secrets: { ...MONGO, ...REDIS, AUTH_SECRET_FILE: 'auth_secret' },
    environment: { AUTH_URI: '${LUCID_URI:-https://localhost:${LUCID_API_GATEWAY_PORT:-8080}}' },
    limits: USUAL,
  },
  'session-orchestrator': {
    octet: 17,
    networks: ['main'],
    ...port(8081),
    layer: 1,
    plane: 'session',
    profile: 'session-pipeline',
    image: NODE,
    after: ['mongodb', 'redis'],
    volumes: CHUNKS_VOLUME,
    secrets: { ...MONGO, ...REDIS },
    environment: { ...CHUNKS, ORCHESTRATOR_SHARED_FOLDER: 'true', ...RECORDER_VERIFIER },
    limits: PIPELINE,
  },
  'session-recorder': {
    octet: 18,
    networks: ['main'],
    ...port(8093),
    layer: 1,
    plane: 'session',
    profile: 'session-pipeline',
    image: NODE,
    after: ['mongodb', 'redis'],
    secrets: { ...MONGO, ...REDIS },
    limits: PIPELINE,
  },
  'session-chunker': {
    octet: 19,
    networks: ['main'],
    ...port(8091),
    layer: 1,
    plane: 'session',
    profile: 'session-pipeline',
    containerName: 'session_chunker',
    image: NATIVE,
    limits: SEALING,
  },
  'session-encryptor': {
    octet: 33,
    networks: ['main'],
    ...port(8097),
    layer: 1,
    plane: 'session',
    profile: 'session-pipeline',
    image: NATIVE,
    after: ['mongodb'],
    volumes: CHUNKS_VOLUME,
    secrets: MONGO,
    environment: { ...CHUNKS, ...RECORDER_VERIFIER },
    limits: SEALING,
  },
  'merkle-builder': {
    octet: 34,
    networks: ['main'],
    ...port(8090),
    layer: 1,
    plane: 'session',
    profile: 'session-pipeline',
    image: NODE,
    after: ['mongodb'],
    secrets: { ...MONGO, LUCID_RECORDER_KEY_FILE: 'recorder_key' },
    limits: USUAL,
  },
  'session-api': {
    octet: 20,
    networks: ['main'],
    ...port(8087),
    layer: 1,
    plane: 'session',
    profile: 'session-pipeline',
    image: NODE,
    after: ['mongodb', 'redis'],
    secrets: { ...MONGO, ...REDIS },
    limits: USUAL,
  },
  'on-system-chain-client': {
    octet: 36,
    networks: ['main', 'chain'],
    ...port(8094),
    layer: 1,
    plane: 'chain',
    profile: 'blockchain',
    image: NODE,
    after: ['mongodb', 'blockchain-ledger'],
    secrets: MONGO,
    environment: LEDGER_VERIFIER,
    // Without the chain sessions are anchored in the ledger's log.
    withLayer: {
      layer: 2,
      after: ['on-system-chain'],
      secrets: { CHAIN_ACCOUNT_KEY_FILE: 'chain_key' },
    },
    limits: SMALL,
  },
  'blockchain-ledger': {
    octet: 38,
    networks: ['chain'],
    ...port(8086),
    layer: 1,
    plane: 'chain',
    profile: 'blockchain',
    image: NATIVE,
    volumes: { ledger_data: '/data/ledger' },
    secrets: { LEDGER_SIGNING_KEY_FILE: 'ledger_key' },
    environment: { LEDGER_DATA_DIR: '/data/ledger' },
    limits: { memoryMb: 384, cpus: 1, pids: 64 },
  },
} as const satisfies Record<string, Service>;

const layer2 = {
  'blockchain-vm': {
    octet: 40,
    networks: ['chain'],
    ...port(8088),
    layer: 2,
    plane: 'chain',
    profile: 'blockchain',
    image: NATIVE,
    volumes: { vm_data: '/data/vm' },
    secrets: { VM_GENESIS_FILE: 'chain_genesis' },
    environment: { VM_DATA_DIR: '/data/vm' },
    limits: { memoryMb: 512, cpus: 1, pids: 64 },
  },
  'on-system-chain': {
    octet: 35,
    networks: ['chain'],
    ...port(8545),
    otherPorts: { peers: 7000 },
    layer: 2,
    plane: 'chain',
    profile: 'blockchain',
    image: NODE,
    after: ['blockchain-vm', 'blockchain-ledger'],
    volumes: { chain_data: '/data/chain' },
    environment: {
      CHAIN_DATA_DIR: '/data/chain',
      CHAIN_PRODUCER: '${LUCID_CHAIN_PRODUCER:?keys are missing, run: node tools/make-secrets.mjs}',
      // Within the chain's network: nothing leads there from elsewhere unless an onion service is made for it.
      CHAIN_PEER_PORT: '7000',
      CHAIN_PEER_HOST: '0.0.0.0',
      // Who follows makes no blocks. It waits for Tor by itself: a chain that follows none needs no Tor.
      CHAIN_PRODUCE: '${LUCID_CHAIN_PEERS:+off}',
      CHAIN_PEERS: '${LUCID_CHAIN_PEERS:-}',
      CHAIN_PEER_KEY: '${LUCID_CHAIN_PEER_KEY:-}',
    },
    limits: { ...USUAL, memoryMb: 256 },
  },
  'blockchain-sessions-data': {
    octet: 39,
    networks: ['chain'],
    ...port(8087, 8187),
    layer: 2,
    plane: 'chain',
    profile: 'blockchain',
    aliases: ['blockchain-sessions'],
    image: NODE,
    after: ['mongodb', 'redis', 'blockchain-ledger'],
    secrets: { ...MONGO, ...REDIS },
    environment: LEDGER_VERIFIER,
    limits: SMALL,
  },
  'blockchain-api': {
    octet: 52,
    networks: ['chain'],
    ...port(8084),
    layer: 2,
    plane: 'chain',
    profile: 'blockchain',
    image: NODE,
    after: ['on-system-chain', 'blockchain-sessions-data', 'on-system-chain-client'],
    environment: { CHAIN_API_FACE: 'full' },
    limits: SMALL,
  },
  // The same program, with the routes that read alone, where users and other planes reach it.
  'blockchain-api-read': {
    octet: 12,
    networks: ['main', 'chain'],
    ...port(8083),
    layer: 2,
    plane: 'chain',
    profile: 'blockchain',
    image: { kind: 'node', app: 'blockchain-api' },
    after: ['on-system-chain', 'blockchain-sessions-data'],
    environment: { CHAIN_API_FACE: 'read' },
    limits: SMALL,
  },
  'contract-compiler': {
    octet: 41,
    networks: ['chain'],
    ...port(8100),
    layer: 2,
    plane: 'chain',
    profile: 'blockchain',
    // Solidity's compiler as WebAssembly.
    image: NATIVE,
    after: ['mongodb'],
    secrets: MONGO,
    environment: { COMPILER_MEMORY_MB: '256' },
    // The compiler itself takes 200 MB beside what it may use.
    limits: { memoryMb: 512, cpus: 1, pids: 64 },
  },
  'contract-deployment': {
    octet: 42,
    networks: ['chain'],
    ...port(8103),
    layer: 2,
    plane: 'chain',
    profile: 'blockchain',
    image: NODE,
    after: ['mongodb', 'on-system-chain', 'contract-compiler'],
    secrets: { ...MONGO, CHAIN_ACCOUNT_KEY_FILE: 'chain_deployer_key' },
    limits: { ...SMALL, memoryMb: 144 },
  },
  'deployment-orchestrator': {
    octet: 43,
    networks: ['chain'],
    ...port(8101),
    layer: 2,
    plane: 'chain',
    profile: 'blockchain',
    image: NODE,
    after: ['mongodb', 'contract-deployment'],
    secrets: MONGO,
    limits: { ...SMALL, memoryMb: 144 },
  },
  // Asked for once its contracts are deployed.
  'blockchain-governance': {
    octet: 37,
    networks: ['chain'],
    ...port(8085),
    layer: 2,
    plane: 'chain',
    profile: 'governance',
    image: NODE,
    after: ['mongodb'],
    secrets: { ...MONGO, CHAIN_ACCOUNT_KEY_FILE: 'chain_relayer_key' },
    environment: { GOVERNANCE_GOVERNOR_ADDRESS: '${LUCID_GOVERNOR:-}' },
    limits: SMALL,
  },
  // A whole chain of its own, for who wants nothing else; its index of sessions is made anew at each start.
  'standalone-blockchain-api': {
    octet: 49,
    networks: ['main', 'chain'],
    ...port(8084, 8184),
    layer: 2,
    plane: 'chain',
    profile: 'standalone',
    image: NATIVE,
    volumes: { standalone_data: '/data/standalone' },
    // Not the ledger's key: one key must not sign two histories.
    secrets: { LEDGER_SIGNING_KEY_FILE: 'standalone_ledger_key', VM_GENESIS_FILE: 'chain_genesis' },
    environment: {
      STANDALONE_DATA_DIR: '/data/standalone',
      LUCID_DOCUMENTS_URL: 'memory:',
      CHAIN_PRODUCER: '${LUCID_CHAIN_PRODUCER:?keys are missing, run: node tools/make-secrets.mjs}',
    },
    limits: { memoryMb: 768, cpus: 1, pids: 64 },
  },
  'openapi-server': {
    octet: 45,
    networks: ['main'],
    ...port(8081, 8181),
    layer: 2,
    plane: 'open-api',
    profile: 'openapi',
    image: NODE,
    limits: SMALL,
  },
  'openapi-gateway': {
    octet: 46,
    networks: ['main', 'front'],
    ...port(8080, 8180),
    layer: 2,
    plane: 'open-api',
    profile: 'openapi',
    image: NODE,
    after: ['openapi-server'],
    limits: SMALL,
    published: 'loopback',
  },
} as const satisfies Record<string, Service>;

const development = {
  'infrastructure-dev': {
    octet: 50,
    networks: ['main', 'front'],
    ...port(2222),
    layer: 3,
    plane: 'ops',
    profile: 'dev',
    image: { kind: 'development' },
    volumes: { dev_home: '/home/lucid' },
    environment: { DEV_AUTHORIZED_KEYS: '${LUCID_DEV_KEYS:-}' },
    limits: { memoryMb: 1024, cpus: 1, pids: 512 },
    published: 'asked',
  },
} as const satisfies Record<string, Service>;

export const services = { ...layer0, ...layer1, ...layer2, ...development };

export type ServiceName = keyof typeof services;

/** Names of the services that are apps of this repository: each has a contract and a key. */
export type AppName = {
  [S in ServiceName]: (typeof services)[S]['image'] extends { kind: 'node' } ? S : never;
}[ServiceName];

export const serviceNames = Object.keys(services) as ServiceName[];

export const appNames = serviceNames.filter((name): name is AppName => services[name].image.kind === 'node');

/** The row of a service, with every field a row may have. */
export const serviceAt = (name: ServiceName): Service => services[name];

/** The row as it is where all layers up to this one run. */
export function serviceWithLayers(name: ServiceName, highest: number): Service {
  const { withLayer, ...row } = serviceAt(name);
  if (!withLayer || withLayer.layer > highest) return row;
  return {
    ...row,
    after: [...(row.after ?? []), ...(withLayer.after ?? [])],
    secrets: { ...row.secrets, ...withLayer.secrets },
    environment: { ...row.environment, ...withLayer.environment },
  };
}
