/** Networks. The last octet of a service's address is the same on every network that it is on. */

export interface Network {
  /** Name in Docker. */
  readonly name: string;
  /** Name of its bridge on the host, for rules of a firewall; at most 15 characters. */
  readonly bridge: string;
  readonly aliases?: readonly string[];
  /** First octets of every address; the rest of the subnet. */
  readonly prefix: string;
  readonly maskBits: 16 | 24;
  /** No way out, and no way in from other networks. */
  readonly internal: boolean;
  /** Packets that leave carry the host's address, so that answers come back: a way out to other machines. */
  readonly egress: boolean;
  readonly holds: string;
}

export const networks = {
  main: {
    name: 'lucid-pi-network',
    bridge: 'lucid-main',
    aliases: ['lucid-net', 'lucid_core_net'],
    prefix: '172.20.0',
    maskBits: 16,
    internal: true,
    egress: false,
    holds: 'services that users and other services ask',
  },
  chain: {
    name: 'lucid-chain-net',
    bridge: 'lucid-chain',
    prefix: '172.22.0',
    maskBits: 16,
    internal: true,
    egress: false,
    holds: 'the on-system chain and its ledger',
  },
  rdp: {
    name: 'lucid-rdp-net',
    bridge: 'lucid-rdp',
    prefix: '172.23.0',
    maskBits: 16,
    internal: true,
    egress: false,
    holds: 'remote desktops',
  },
  wallet: {
    name: 'lucid-tron-isolated',
    bridge: 'lucid-wallet',
    prefix: '172.26.0',
    maskBits: 16,
    internal: true,
    egress: false,
    holds: 'payouts in USDT',
  },
  edge: {
    name: 'lucid-edge-net',
    bridge: 'lucid-edge',
    prefix: '172.28.0',
    maskBits: 24,
    internal: false,
    egress: true,
    holds: 'tor-proxy: the only way out',
  },
  front: {
    name: 'lucid-front-net',
    bridge: 'lucid-front',
    prefix: '172.28.1',
    maskBits: 24,
    internal: false,
    egress: false,
    holds: 'what is published on the host: ports in, no way out',
  },
} as const satisfies Record<string, Network>;

export type NetworkName = keyof typeof networks;

/** `172.20.0.0/16` */
export const subnetOf = (network: NetworkName): string => {
  const { prefix, maskBits } = networks[network];
  return `${maskBits === 16 ? prefix.replace(/\.\d+$/, '.0') : prefix}.0/${maskBits}`;
};

/** `172.20.0.10` */
export const addressOn = (network: NetworkName, octet: number): string =>
  `${networks[network].prefix}.${octet}`;
