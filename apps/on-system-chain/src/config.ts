import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  CHAIN_DATA_DIR: Type.String({
    minLength: 1,
    description: 'folder of the journal of transactions that wait',
  }),
  CHAIN_NETWORK: Type.String({
    default: 'lucid_blocks',
    pattern: '^[a-z0-9_-]{1,64}$',
    description: 'name of the network, for people',
  }),
  CHAIN_PRODUCE: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    default: 'on',
    description: 'whether this node makes blocks; off where blocks are imported',
  }),
  CHAIN_PRODUCER: Type.String({
    pattern: '^0x[0-9a-fA-F]{40}$',
    default: `0x${'00'.repeat(20)}`,
    description: 'address that gets the tips of the blocks made here',
  }),
  CHAIN_PRODUCERS_FILE: Type.Optional(
    Type.String({
      description:
        'file of producers that take turns, the same on all nodes of the chain (docs/chain.md); absent: this node alone makes blocks',
    }),
  ),
  CHAIN_SLOT_SECONDS: Type.Integer({
    default: 120,
    minimum: 0,
    maximum: 86_400,
    description:
      'a slot without work gets one empty block; slot 0 began on 2024-01-01T00:00:00Z. 0: there are no empty blocks',
  }),
  CHAIN_MEMPOOL_TRANSACTIONS: Type.Integer({ default: 10_000, minimum: 1, maximum: 1_000_000 }),
  CHAIN_MEMPOOL_BYTES: Type.Integer({
    default: 64 * 1024 * 1024,
    minimum: 256 * 1024,
    description: 'size of all transactions that wait',
  }),
  CHAIN_MEMPOOL_PER_SENDER: Type.Integer({ default: 4_096, minimum: 1, maximum: 1_000_000 }),
  CHAIN_MEMPOOL_HOURS: Type.Integer({
    default: 24,
    minimum: 1,
    maximum: 8_760,
    description: 'how long a transaction may wait',
  }),
  CHAIN_RPC_HOSTS: Type.String({
    default: '',
    description:
      'names by which browsers and programs may call this node besides localhost, its service name and addresses, separated by spaces',
  }),
  CHAIN_RPC_ORIGINS: Type.String({
    default: '',
    description: 'origins of web pages that may call, separated by spaces, or *; none by default',
  }),
  CHAIN_RPC_CONNECTIONS: Type.Integer({ default: 1_000, minimum: 1, maximum: 100_000 }),
  CHAIN_PEER_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: 'port at which other nodes fetch blocks and proofs, by custom 7000; absent: none may',
    }),
  ),
  CHAIN_PEER_HOST: Type.String({
    default: '127.0.0.1',
    description: 'address of this machine at which that port is; an onion service may lead there',
  }),
  CHAIN_PEERS: Type.String({
    default: '',
    description:
      'addresses of the node whose chain is followed, http://NAME.onion:7000, separated by spaces; needs CHAIN_PRODUCE=off',
  }),
  CHAIN_PEER_KEY: Type.String({
    default: '',
    description: "verifier key of that node's log, NAME+ID+KEY: what it does not sign is not believed",
  }),
  TOR_PROXY_URL: Type.String({
    default: 'socks5://tor-proxy:9050',
    description: "Tor's SOCKS port, socks5://HOST:PORT, by which peers are reached",
  }),
  CHAIN_CACHE_BYTES: Type.Integer({
    default: 32 * 1024 * 1024,
    minimum: 0,
    description: 'memory for blocks that were read, about',
  }),
});
export type Config = Static<typeof Config>;
