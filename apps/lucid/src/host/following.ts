/** Whose chain a data folder follows: `chain/followed.json` says it, once it is known. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseVerifierKey } from '@lucid/checkpoint';
import { CliError } from '../cli/cli-error.ts';
import type { Home } from './home.ts';
import { writeKeyFile } from './node-keys.ts';

export interface Followed {
  /** Addresses of the one node, `http://NAME.onion:7000`; at least one. */
  readonly peers: readonly string[];
  /** Verifier key of its ledger, `NAME+ID+KEY`. */
  readonly key: string;
}

/** What a host does with chains of others. */
export interface Peering {
  /** Where others may fetch the blocks of this chain; absent: nowhere. */
  readonly serves?: { readonly host: string; readonly port: number };
  /** Whether it goes on following where its data folder follows. */
  readonly follows: boolean;
  /** Tor's SOCKS port; absent: what TOR_PROXY_URL says, else Tor's usual one on this machine. */
  readonly torProxy?: string;
}

const PEER_PORT = 7000;
const TOR_PROXY = 'socks5://127.0.0.1:9050';

const pathOf = (home: Home): string => join(home.chain, 'followed.json');

/** `NAME.onion`, `NAME.onion:7000`, `http://127.0.0.1:7000`: as the URL of a peer port. Throws CliError usage. */
export function peerUrl(text: string): string {
  const url = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const fits =
    parsed &&
    /^https?:$/.test(parsed.protocol) &&
    parsed.pathname === '/' &&
    !parsed.search &&
    !parsed.username;
  if (!parsed || !fits)
    throw new CliError(
      'usage',
      `${text} is no address of a node; give HOST:PORT, as NAME.onion:${PEER_PORT}`,
    );
  // What a URL leaves out would be the port of web servers.
  const named = /:\d+\/?$/.test(url);
  if (!named) parsed.port = String(PEER_PORT);
  return parsed.origin;
}

/** Throws CliError usage where the text is no verifier key. */
export function assertVerifierKey(text: string): void {
  try {
    parseVerifierKey(text);
  } catch (error) {
    throw new CliError(
      'usage',
      '--key is no verifier key of a ledger; it is NAME+ID+KEY, as lucid up prints it on the node that is followed ("ledger key")',
      { cause: error },
    );
  }
}

/** Null where this data folder follows nobody. Throws CliError where what it says cannot be read. */
export function readFollowed(home: Home): Followed | null {
  const path = pathOf(home);
  if (!existsSync(path)) return null;
  try {
    const { peers, key } = JSON.parse(readFileSync(path, 'utf8')) as Followed;
    parseVerifierKey(key);
    if (peers.length > 0) return { peers: peers.map(peerUrl), key };
  } catch (error) {
    throw damaged(path, error);
  }
  throw damaged(path);
}

const damaged = (path: string, cause?: unknown): CliError =>
  new CliError(
    'data_folder_damaged',
    `${path} does not say whose chain is followed. Remove it, and name the node again: lucid chain follow PEER --key KEY`,
    { cause },
  );

/** Throws CliError where the data folder follows somebody else: what is remembered of one log says nothing of another. */
export function keepFollowed(home: Home, followed: Followed): void {
  const before = readFollowed(home);
  if (before !== null && before.key !== followed.key)
    throw new CliError(
      'chain_differs',
      `the data folder ${home.root} follows the node with the key ${before.key}. Name a new one with LUCID_HOME to follow another.`,
    );
  const text = `${JSON.stringify(followed)}\n`;
  if (before !== null && `${JSON.stringify(before)}\n` === text) return;
  rmSync(pathOf(home), { force: true });
  writeKeyFile(pathOf(home), text);
}

/** Settings of on-system-chain. `isImported`: the chain was made elsewhere, so that it can be followed. */
export function peerEnvironment(
  home: Home,
  { serves, follows, torProxy }: Peering,
  { isImported, env }: { isImported: boolean; env: Readonly<Record<string, string | undefined>> },
): Record<string, string> {
  const followed = follows && isImported ? readFollowed(home) : null;
  return {
    ...(serves ? { CHAIN_PEER_HOST: serves.host, CHAIN_PEER_PORT: String(serves.port) } : {}),
    ...(followed
      ? {
          CHAIN_PEERS: followed.peers.join(' '),
          CHAIN_PEER_KEY: followed.key,
          TOR_PROXY_URL: torProxy ?? (env.TOR_PROXY_URL || TOR_PROXY),
        }
      : {}),
  };
}
