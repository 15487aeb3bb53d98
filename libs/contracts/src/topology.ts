/**
 * Where every service of the evidence plane listens: the one place that knows ports and addresses. Compose files,
 * firewall rules and default URLs are generated from it.
 */
export interface Place {
  /** Port inside a container. */
  readonly containerPort: number;
  /** Port when all services run on one host without containers. */
  readonly hostPort: number;
  /** Last octet of the address, equal on every network. */
  readonly octet: number;
  /** M main, C chain (internal). */
  readonly networks: readonly ('M' | 'C')[];
}

/** `hostPort` where another service has the same port in its own container. */
const place = (octet: number, port: number, networks: Place['networks'], hostPort = port): Place => ({
  containerPort: port,
  hostPort,
  octet,
  networks,
});

export const topology = {
  'api-gateway': place(10, 8080, ['M']),
  authentication: place(11, 8082, ['M']),
  'api-server': place(16, 8089, ['M']),
  'session-orchestrator': place(17, 8081, ['M']),
  'session-recorder': place(18, 8093, ['M']),
  'session-chunker': place(19, 8091, ['M']),
  'session-api': place(20, 8087, ['M']),
  'session-encryptor': place(33, 8097, ['M']),
  'merkle-builder': place(34, 8090, ['M']),
  'on-system-chain-client': place(36, 8094, ['M', 'C']),
  'blockchain-ledger': place(38, 8086, ['C']),
  'openapi-server': place(45, 8081, ['M'], 8181),
  'openapi-gateway': place(46, 8080, ['M'], 8180),
} as const satisfies Record<string, Place>;

export type ServiceName = keyof typeof topology;

export const serviceNames = Object.keys(topology) as ServiceName[];
