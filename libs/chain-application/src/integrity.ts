/**
 * Integrity check: recomputes every hash of the states, headers and bodies that are kept and names each thing that is damaged. Blocks share most of
 * their state: what one root reached is not walked again, for which it remembers some 100 bytes a node.
 */
import { decodeRlp, encodeRlp, type RlpItem } from '@lucid/eth-proof';
import type { IntegrityReport, StateFault } from './application.ts';
import { type ChainStore, headerOfBlock } from './chain-store.ts';
import { keccak256 } from './crypto.ts';
import { transactionsOf } from './prune.ts';
import { listRoot } from './trie.ts';
import { bytesToHex, bytesToKey, type Hex, keyToBytes } from './values.ts';
import type { StateView } from './view.ts';
import { StateWalk, type WalkFault } from './walk-state.ts';

const faultLimit = 1000;

export interface IntegrityContext {
  readonly store: ChainStore;
  /** The newest state that is looked at. */
  readonly view: StateView;
  /** Heights from here up to the view's. */
  readonly oldest: number;
  readonly yieldTurn: () => Promise<void>;
}

interface HeaderHashes {
  readonly parent: Uint8Array;
  readonly uncles: Uint8Array;
  readonly state: Uint8Array;
  readonly transactions: Uint8Array;
  /** From Shanghai on. */
  readonly withdrawals: Uint8Array | undefined;
}

/** Of a header whose hash is known to be right. */
function hashesOf(headerRlp: Uint8Array): HeaderHashes {
  const fields = decodeRlp(headerRlp) as Uint8Array[];
  return {
    parent: fields[0]!,
    uncles: fields[1]!,
    state: fields[3]!,
    transactions: fields[4]!,
    withdrawals: fields[16],
  };
}

const rootOf = (items: readonly Uint8Array[]): Uint8Array => keyToBytes(listRoot(items));

/** What differs between a block's body and what its header says of it; undefined where nothing does. Throws where it cannot be read. */
function bodyFault(blockRlp: Uint8Array, headerRlp: Uint8Array, hashes: HeaderHashes): string | undefined {
  if (Buffer.compare(headerOfBlock(blockRlp), headerRlp) !== 0) return 'another header';
  const [, , uncles = [], withdrawals = []] = decodeRlp(blockRlp) as readonly RlpItem[];
  const found: readonly [string, Uint8Array, Uint8Array | undefined][] = [
    ['transactions', rootOf(transactionsOf(blockRlp)), hashes.transactions],
    ['uncles', keccak256(encodeRlp(uncles)), hashes.uncles],
    ['withdrawals', rootOf((withdrawals as readonly RlpItem[]).map(encodeRlp)), hashes.withdrawals],
  ];
  const wrong = found.find(([, root, expected]) => expected && Buffer.compare(root, expected) !== 0);
  return wrong && `other ${wrong[0]}`;
}

class Check {
  readonly #context: IntegrityContext;
  readonly #faults: StateFault[] = [];
  readonly #codes = new Set<string>();
  readonly #visited = new Set<string>();
  readonly #walk: StateWalk;
  #height: number;
  #counts = { nodes: 0, accounts: 0, slots: 0 };
  #states = 0;

  constructor(context: IntegrityContext) {
    this.#context = context;
    this.#height = Number(context.view.block.header.number);
    const { store, yieldTurn } = context;
    this.#walk = new StateWalk(
      store.kv,
      {
        node: (hashKey) => {
          if (this.#visited.has(hashKey)) return false;
          this.#visited.add(hashKey);
          this.#counts.nodes += 1;
          return true;
        },
        account: () => {
          this.#counts.accounts += 1;
        },
        slot: () => {
          this.#counts.slots += 1;
        },
        code: (hashKey) => {
          this.#codes.add(hashKey);
        },
        fault: (fault) => this.#fault(fault),
      },
      yieldTurn,
    );
  }

  #fault(fault: WalkFault): void {
    if (this.#faults.length < faultLimit) this.#faults.push({ ...fault, height: this.#height });
  }

  /** A header that is the one its child names; null where it is not, and nothing older can be told. */
  async #header(expected: Hex): Promise<Uint8Array | null> {
    const headerRlp = await this.#context.store.headerRlp(this.#height);
    const found = headerRlp === null ? 'nothing' : bytesToHex(keccak256(headerRlp));
    if (headerRlp !== null && found === expected) return headerRlp;
    this.#fault({ what: 'header', where: String(this.#height), expected, found });
    return null;
  }

  /** The block's own header, transactions, uncles and withdrawals are those that its header says. */
  async #body(headerRlp: Uint8Array, hashes: HeaderHashes): Promise<void> {
    const blockRlp = await this.#context.store.blockRlp(this.#height);
    let found: string | undefined = 'nothing';
    try {
      if (blockRlp !== null) found = bodyFault(blockRlp, headerRlp, hashes);
    } catch {
      found = 'a block that cannot be read';
    }
    if (found !== undefined) this.#fault({ what: 'body', where: String(this.#height), found });
    // Of the oldest block nothing is executed anew; a restored snapshot has it without them.
    else if (this.#height > this.#context.oldest) await this.#places(transactionsOf(blockRlp!));
  }

  /** Each transaction is found by its hash where it is. */
  async #places(transactions: readonly Uint8Array[]): Promise<void> {
    for (const [index, each] of transactions.entries()) {
      const hash = bytesToHex(keccak256(each));
      const place = await this.#context.store.locate(hash);
      if (place?.height === this.#height && place.index === index) continue;
      const found = place === null ? 'nothing' : `${place.height}:${place.index}`;
      this.#fault({ what: 'place', where: hash, expected: `${this.#height}:${index}`, found });
    }
  }

  async run(): Promise<IntegrityReport> {
    const { view, oldest, yieldTurn } = this.#context;
    const newest = this.#height;
    let expected = bytesToHex(view.block.hash());
    let above = '';
    for (; this.#height >= oldest && this.#faults.length < faultLimit; this.#height--) {
      const headerRlp = await this.#header(expected);
      if (headerRlp === null) {
        // The newest one is in memory, too: its state can be told for all that.
        if (this.#height === newest) await this.#walk.walk(view.rootKey);
        break;
      }
      const hashes = hashesOf(headerRlp);
      const rootKey = bytesToKey(hashes.state);
      if (rootKey !== above) await this.#walk.walk(rootKey);
      above = rootKey;
      await this.#body(headerRlp, hashes);
      this.#states += 1;
      expected = bytesToHex(hashes.parent);
      await yieldTurn();
    }
    return {
      stateRoot: bytesToHex(keyToBytes(view.rootKey)),
      height: newest,
      states: this.#states,
      ...this.#counts,
      codes: this.#codes.size,
      faults: this.#faults,
    };
  }
}

export const checkIntegrity = (context: IntegrityContext): Promise<IntegrityReport> =>
  new Check(context).run();
