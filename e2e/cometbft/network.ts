/** A network of validators on this machine, its load, and what must hold of it at any time. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChainApplication, recoverSender } from '@lucid/chain-application';
import { openLevelKvStore } from '@lucid/kv-level';
import { buildProgram } from '../../apps/on-system-chain/test/build-program.ts';
import { freePorts } from '../stack/free-ports.ts';
import { cometGenesis, createNodeKeys, type NodeKeys, type StateSync, writeHome } from './home.ts';
import { CometNode } from './node.ts';

export interface NetworkOptions {
  readonly cometbft: string;
  readonly validators: number;
  /** Of the chain. */
  readonly genesis: object;
  /** Blocks that one node alone made before. */
  readonly before: readonly (readonly Uint8Array[])[];
}

/** Makes the chain of a single producer in a folder; gives the hash of its newest block. */
async function makeChain(path: string, { genesis, before }: NetworkOptions): Promise<string> {
  const store = await openLevelKvStore({ path });
  const chain = await openChainApplication({ genesis, store });
  for (const transactions of before) {
    const { height, timestampSec } = chain.info();
    const made = await chain.finalizeBlock({
      height: height + 1,
      timestampSec: timestampSec + 1,
      proposer: recoverSender(transactions[0]!)!,
      transactions,
    });
    if (made.leftOut.length > 0) throw new Error('a transaction of the chain before cannot be executed');
    await chain.commit();
  }
  const { blockHash } = chain.info();
  await store.close();
  return blockHash;
}

interface Place {
  readonly folder: string;
  readonly keys: NodeKeys;
  readonly rpcPort: number;
  readonly p2pPort: number;
}

export class CometNetwork {
  readonly #options: NetworkOptions;
  readonly #root: string;
  readonly #program: string;
  readonly #places: Place[];
  readonly #genesis: string;
  readonly nodes: CometNode[] = [];

  private constructor(
    options: NetworkOptions,
    root: string,
    program: string,
    places: Place[],
    block: string,
  ) {
    this.#options = options;
    this.#root = root;
    this.#program = program;
    this.#places = places;
    this.#genesis = cometGenesis(
      places.map(({ keys }) => keys),
      block,
    );
  }

  static async start(options: NetworkOptions): Promise<CometNetwork> {
    const program = await buildProgram(join(__dirname, 'application.ts'));
    const root = mkdtempSync(join(tmpdir(), 'lucid-cometbft-'));
    const block = await makeChain(join(root, 'state'), options);
    const ports = await freePorts(2 * options.validators);
    const places = Array.from({ length: options.validators }, (_, index) => ({
      folder: join(root, String(index)),
      keys: createNodeKeys(),
      rpcPort: ports[2 * index]!,
      p2pPort: ports[2 * index + 1]!,
    }));
    const network = new CometNetwork(options, root, program, places, block);
    for (const place of places) {
      network.nodes.push(network.#prepare(place));
      cpSync(join(root, 'state'), join(place.folder, 'state'), { recursive: true });
    }
    await Promise.all(network.nodes.map((node) => node.start()));
    return network;
  }

  #prepare(place: Place, stateSync?: StateSync): CometNode {
    const { folder, keys, rpcPort } = place;
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'genesis.json'), JSON.stringify(this.#options.genesis));
    const peers = this.#places.filter((each) => each !== place);
    writeHome({ ...place, genesis: this.#genesis, peers, ...(stateSync === undefined ? {} : { stateSync }) });
    const { cometbft } = this.#options;
    const { address } = keys.validator;
    return new CometNode({ folder, cometbft, applicationProgram: this.#program, rpcPort, address });
  }

  /** A node without a vote and with nothing but genesis.json, which begins with a snapshot that the others offer. */
  async join(trust: { readonly height: number; readonly hash: string }): Promise<CometNode> {
    const [rpcPort, p2pPort] = (await freePorts(2)) as [number, number];
    const place = { folder: join(this.#root, 'joined'), keys: createNodeKeys(), rpcPort, p2pPort };
    const rpcPorts = this.#places.slice(0, 2).map((each) => each.rpcPort);
    const node = this.#prepare(place, { rpcPorts, trustHeight: trust.height, trustHash: trust.hash });
    this.nodes.push(node);
    await node.start();
    return node;
  }

  get alive(): CometNode[] {
    return this.nodes.filter((node) => node.alive);
  }

  async close({ keep }: { keep: boolean }): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    if (keep) process.stderr.write(`kept: ${this.#root}\n`);
    else rmSync(this.#root, { recursive: true, force: true });
  }
}
