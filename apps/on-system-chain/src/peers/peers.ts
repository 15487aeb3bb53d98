/** Both sides of the peer protocol, as the configuration wants them: the port for others, and the chain that is followed. */
import { join } from 'node:path';
import { parseVerifierKey } from '@lucid/checkpoint';
import { type Clock, ConfigError, type Log, type Worker } from '@lucid/service-kit';
import { createTorEgress, parseProxyUrl } from '@lucid/tor-egress';
import type { ChainView, Ledger } from '../chain/chain-view.ts';
import type { Fault } from '../chain/clock-judge.ts';
import type { Driver, Progress } from '../chain/driver.ts';
import type { Config } from '../config.ts';
import { type Following, FollowWorker } from './follow-worker.ts';
import { PeerServer } from './peer-server.ts';
import { type AskPeer, createPeerSource } from './peer-source.ts';
import { openFollowerStore } from './witness-store.ts';

/** What a host may bring along. */
export interface PeerAdapters {
  /** Told the port at which other nodes may ask. */
  readonly onPeerPort: (port: number) => void;
  /** Asks peers of this machine, which are not reached through Tor; without it none is. */
  readonly askHere: AskPeer;
  readonly onFollowing: (following: Following) => void;
}

export interface PeersOptions {
  readonly config: Config;
  /** Addresses of the node that is followed; none: none is. */
  readonly urls: readonly string[];
  readonly driver: Driver;
  readonly view: ChainView;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (sizeBytes: number) => Uint8Array;
  readonly adapters: Partial<PeerAdapters>;
}

export interface Peers {
  readonly workers: readonly Worker[];
  /** What is wrong with the node that is followed. */
  fault(): Fault | null;
  /** How far it is ahead; null where it is not, or none is followed. */
  progress(): Progress | null;
  close(): Promise<void>;
}

const wrong = (variable: keyof Config, expected: string, hint: string) =>
  new ConfigError('on-system-chain', [{ variable, expected, hint }]);

const isPeerUrl = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.username === '';
};

function parses(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Whether it lies on this machine, where no Tor leads. */
const isHere = (url: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname);

/** Addresses of the node that is followed; none where no chain is. @throws ConfigError */
export function followedUrls(config: Config): string[] {
  const urls = config.CHAIN_PEERS.split(/\s+/).filter(Boolean);
  if (urls.length === 0) return [];
  if (!urls.every(isPeerUrl))
    throw wrong('CHAIN_PEERS', 'addresses such as http://NAME.onion:7000', 'separate them by spaces');
  if (config.CHAIN_PRODUCE !== 'off')
    throw wrong('CHAIN_PRODUCE', 'off where CHAIN_PEERS is set', 'one node makes blocks, or follows another');
  if (!parses(() => parseVerifierKey(config.CHAIN_PEER_KEY)))
    throw wrong('CHAIN_PEER_KEY', 'NAME+ID+KEY, the verifier key of the log of that node', 'ask who runs it');
  if (!parses(() => parseProxyUrl(config.TOR_PROXY_URL)))
    throw wrong('TOR_PROXY_URL', 'socks5://HOST:PORT', 'correct its value');
  return urls;
}

async function openFollowing(options: PeersOptions) {
  const { config, urls, driver, view, clock, log, random, adapters } = options;
  const { askHere, onFollowing } = adapters;
  const egress = createTorEgress({ proxyUrl: config.TOR_PROXY_URL, random });
  const store = await openFollowerStore(join(config.CHAIN_DATA_DIR, 'peers'));
  const follower = new FollowWorker({
    driver,
    view,
    sources: urls.map((url) => createPeerSource(askHere && isHere(url) ? askHere : egress.fetch, url)),
    verifierKey: config.CHAIN_PEER_KEY,
    store,
    clock,
    log,
    ...(onFollowing ? { onFollowing } : {}),
  });
  const close = async () => {
    await egress.close();
    await store.close();
  };
  return { follower, close };
}

async function openServer({ config, driver, view, ledger, log, adapters }: PeersOptions) {
  const { CHAIN_PEER_HOST: host, CHAIN_PEER_PORT: port } = config;
  if (port === undefined) return null;
  const server = new PeerServer({ host, port, view, ledger, blocks: driver.blocks, log });
  const listening = await server.listen();
  adapters.onPeerPort?.(listening);
  return server;
}

/** Rejects where the port for others cannot be listened on, or what is remembered of the other cannot be read. */
export async function openPeers(options: PeersOptions): Promise<Peers> {
  const following = options.urls.length === 0 ? null : await openFollowing(options);
  const server = await openServer(options).catch(async (error: unknown) => {
    await following?.close();
    throw error;
  });
  return {
    workers: [...(server ? [server] : []), ...(following ? [following.follower] : [])],
    fault: () => following?.follower.fault ?? null,
    progress: () => following?.follower.progress ?? null,
    async close() {
      await server?.close();
      await following?.close();
    },
  };
}
