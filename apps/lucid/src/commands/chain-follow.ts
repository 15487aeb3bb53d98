/** `lucid chain follow`: a second machine that executes every block of a node's chain, and answers JSON-RPC about it. */
import type { Following } from '@lucid/on-system-chain';
import { services } from '@lucid/topology';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { commandLog } from '../cli/run-with-lucid.ts';
import { toCliError } from '../cli/to-cli-error.ts';
import { welcome } from '../cli/welcome.ts';
import { adoptGenesis, hasChain, isImported, prepareChain } from '../host/chain.ts';
import { isLoopback } from '../host/door.ts';
import { type EvidenceHost, startEvidenceHost } from '../host/evidence-host.ts';
import { assertVerifierKey, type Followed, keepFollowed, peerUrl, readFollowed } from '../host/following.ts';
import { findHome, type Home, openHome } from '../host/home.ts';
import { takeHomeLock } from '../host/home-lock.ts';
import { openNodeKeys } from '../host/node-keys.ts';
import { readGenesisFile } from './chain.ts';
import { awaitStop, judgePort, startFault } from './host-process.ts';

export interface FollowOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Addresses of one node; none: those that the data folder follows already. */
  readonly peers: readonly string[];
  readonly key?: string;
  /** Path of the file that the chain began with. */
  readonly genesis?: string;
  readonly rpcPort?: number;
  readonly torProxy: string;
}

const host = '127.0.0.1';

const unsaid = (what: string): CliError =>
  new CliError(
    'usage',
    `say ${what}: lucid chain follow PEER --key KEY --genesis FILE; KEY is the ledger key that lucid up prints on that node, FILE its chain/genesis.json`,
  );

/** What was asked for, with what the data folder has of it; nothing is written. Throws CliError. */
function followedOf(home: Home | null, { peers, key }: FollowOptions): Followed {
  const before = home && readFollowed(home);
  const asked = { peers: peers.length > 0 ? peers.map(peerUrl) : before?.peers, key: key ?? before?.key };
  if (key !== undefined) assertVerifierKey(key);
  if (asked.peers === undefined || asked.key === undefined) throw unsaid('whose chain is followed');
  return { peers: asked.peers, key: asked.key };
}

/** Throws CliError usage where an address is one that Tor does not lead to, and not of this machine. */
async function assertReachable({ peers }: Followed): Promise<void> {
  const { outsideUrl } = await import('@lucid/tor-egress');
  for (const peer of peers.filter((each) => !isLoopback(new URL(each).hostname))) {
    try {
      outsideUrl(peer);
    } catch (error) {
      throw new CliError(
        'usage',
        `${peer} lies in a local network, where Tor does not lead. Name the onion address of that node, or a tunnel that begins on this machine: ssh -L 7000:127.0.0.1:7000 HOST, and 127.0.0.1:7000.`,
        { cause: error },
      );
    }
  }
}

/** Makes the data folder one that follows. Throws CliError where it cannot be that. */
async function settle(home: Home, followed: Followed, genesis: string | undefined): Promise<void> {
  if (genesis !== undefined) await adoptGenesis(home, genesis);
  if (!isImported(home))
    throw new CliError(
      'chain_differs',
      `the data folder ${home.root} makes the blocks of its own chain, so it follows no other. Name a new one with LUCID_HOME.`,
    );
  keepFollowed(home, followed);
}

const firstOf = ({ peers }: Followed): string => peers[0] ?? '';

/** What ends the following for good. */
function endOf(following: Following, home: Home, followed: Followed): CliError | null {
  if (following.state !== 'refused') return null;
  const peer = firstOf(followed);
  if (following.code === 'peer_other_chain')
    return new CliError(
      'chain_differs',
      `${peer} makes another chain than the one in ${home.root}: it began with another genesis. Follow it from a new data folder (LUCID_HOME), with the genesis.json of that node.`,
    );
  if (following.code === 'peer_forked')
    return new CliError(
      'verification_failed',
      `${peer} signed two different logs of one size: what it showed was rewritten. Both signatures are kept in ${home.chain}/node/peers; ask who runs it. To follow it again, move that folder away.`,
    );
  return null;
}

/** Tells how the following goes whenever that changes, not at each block. */
class Teller {
  readonly #output: Output;
  readonly #peer: string;
  #told = '';
  #hasBegun = false;
  #held: Following | null = null;

  constructor(output: Output, peer: string) {
    this.#output = output;
    this.#peer = peer;
  }

  /** From now on; what was heard before is told now. */
  begin(): void {
    this.#hasBegun = true;
    if (this.#held) this.hear(this.#held);
  }

  hear(following: Following): void {
    this.#held = following;
    if (!this.#hasBegun) return;
    const said = this.#sentence(following);
    const what = following.state === 'heard' ? said.state : `${said.state} ${said.text}`;
    if (what === this.#told) return;
    this.#told = what;
    const { state: _, ...rest } = following;
    this.#output.json({ following: said.state, ...rest });
    if (following.state === 'heard') this.#output.line(said.text);
    else if (following.state === 'away') this.#output.note(said.text);
    else this.#output.notice(said.text);
  }

  #sentence(following: Following): { state: string; text: string } {
    switch (following.state) {
      case 'heard': {
        const { height, highest } = following;
        if (height < highest) return { state: 'behind', text: `at block ${height} of ${highest}` };
        return { state: 'current', text: `has every block, the newest is ${height}` };
      }
      case 'away':
        return {
          state: 'away',
          text: `${this.#peer} cannot be followed now, it is tried again: ${following.reason}`,
        };
      case 'refused':
        return {
          state: 'refused',
          text: `${this.#peer} is not believed, and is asked again: ${following.text}`,
        };
    }
  }
}

interface Start {
  readonly home: Home;
  readonly followed: Followed;
  readonly port: number;
  readonly torProxy: string;
  readonly onFollowing: (following: Following) => void;
  readonly onFatal: (error: unknown) => void;
}

async function startFollower(
  process: NodeJS.Process,
  output: Output,
  { home, followed, port, torProxy, onFollowing, onFatal }: Start,
  genesis: string | undefined,
): Promise<EvidenceHost> {
  const keys = await openNodeKeys(home);
  welcome(output, home, keys);
  const lock = await takeHomeLock(home, 0);
  try {
    await settle(home, followed, genesis);
    return await startEvidenceHost({
      home,
      keys,
      env: process.env,
      log: commandLog(process.env),
      codec: 'auto',
      serve: true,
      listen: { 'on-system-chain': { host, port } },
      chain: prepareChain(home, {
        blocks: 'none',
        makes: false,
        peering: { follows: true, torProxy },
        env: process.env,
      }),
      chainOpen: true,
      peerAdapters: { onFollowing },
      onClosed: () => lock.release(),
      onFatal,
    });
  } catch (error) {
    lock.release();
    throw startFault(error, { host, port, optionOf: () => '--rpc-port' });
  }
}

export async function followChain(process: NodeJS.Process, options: FollowOptions): Promise<number> {
  const output = new Output(process, options);
  const port = judgePort('--rpc-port', options.rpcPort ?? services['on-system-chain'].hostPort);
  const genesis = options.genesis === undefined ? undefined : readGenesisFile(options.genesis);
  const home = findHome(process.env);
  const followed = followedOf(home, options);
  await assertReachable(followed);
  if (genesis === undefined && !(home && hasChain(home))) throw unsaid('what that chain began with');
  const stopping = awaitStop(process);
  const opened = openHome(process.env);
  const teller = new Teller(output, firstOf(followed));
  const onFollowing = (following: Following) => {
    const end = endOf(following, opened, followed);
    if (end) stopping.fail(end);
    else teller.hear(following);
  };
  const { torProxy } = options;
  const start = { home: opened, followed, port, torProxy, onFollowing, onFatal: stopping.fail };
  const follower = await startFollower(process, output, start, genesis);
  const chain = follower.stack.targetOf('on-system-chain')?.origin ?? '';
  output.json({ ready: true, pid: process.pid, home: opened.root, chain, ...followed });
  output.line(`following ${followed.peers.join(' ')}, data folder ${opened.root}`);
  output.line(`chain (JSON-RPC, read-only)  ${chain}`);
  teller.begin();
  const reason = await stopping.reason;
  await follower.close();
  if (reason instanceof Error) throw toCliError(reason);
  output.note(`stopping (${reason})`);
  return exitCodes.ok;
}
