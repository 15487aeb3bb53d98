/** Both sides of the peer protocol, as the configuration wants them: the port for others, and the chain that is followed. */
import { join } from 'node:path';
import { parseVerifierKey } from '@lucid/checkpoint';
import { type Clock, ConfigError, type Log, type Worker } from '@lucid/service-kit';
import { createTorEgress, parseProxyUrl } from '@lucid/tor-egress';
import type { ChainView, Ledger } from '../chain/chain-view.ts';
import type { Fault } from '../chain/clock-judge.ts';
import type { Driver } from '../chain/driver.ts';
import type { Config } from '../config.ts';
import { FollowWorker } from './follow-worker.ts';
import { PeerServer } from './peer-server.ts';
import { createPeerSource } from './peer-source.ts';
import { openFollowerStore } from './witness-store.ts';

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
  /** Told the port at which other nodes may ask. */
  readonly onPeerPort: ((port: number) => void) | undefined;
}

export interface Peers {
  readonly workers: readonly Worker[];
  /** What is wrong with the node that is followed. */
  fault(): Fault | null;
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

export async function openPeers(options: PeersOptions): Promise<Peers> {
  const { config, urls, driver, view, ledger, clock, log, random, onPeerPort } = options;
  const workers: Worker[] = [];
  if (config.CHAIN_PEER_PORT !== undefined) {
    const place = { host: config.CHAIN_PEER_HOST, port: config.CHAIN_PEER_PORT };
    const told = onPeerPort === undefined ? {} : { onListening: onPeerPort };
    workers.push(new PeerServer({ ...place, ...told, view, ledger, blocks: driver.blocks, log }));
  }
  if (urls.length === 0) return { workers, fault: () => null, close: async () => undefined };
  const egress = createTorEgress({ proxyUrl: config.TOR_PROXY_URL, random });
  const store = await openFollowerStore(join(config.CHAIN_DATA_DIR, 'peers'));
  const sources = urls.map((url) => createPeerSource(egress, url));
  const verifierKey = config.CHAIN_PEER_KEY;
  const follower = new FollowWorker({ driver, view, sources, verifierKey, store, clock, log });
  workers.push(follower);
  return {
    workers,
    fault: () => follower.fault,
    async close() {
      await egress.close();
      await store.close();
    },
  };
}
