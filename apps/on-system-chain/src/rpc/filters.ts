/** Filters that a client asks for what is new since it asked last. They are few, and forgotten when nobody asks. */
import { toQuantity } from '@lucid/chain-wire';
import { findLogs, type LogFilter, rangeOf } from './log-filter.ts';
import { headOf, knownBlock, type RpcNode } from './node.ts';
import { codes, RpcError } from './rpc-error.ts';

const mostFilters = 256;
/** As geth. */
const forgottenMs = 300_000;
/** Of one filter between two questions; older ones are left out. */
const mostHashes = 10_000;
const mostBlocks = 1_000;

interface Filter {
  readonly changes: () => Promise<unknown[]>;
  readonly logs?: LogFilter;
  readonly end?: () => void;
}

interface Kept {
  readonly filter: Filter;
  askedAtMs: number;
  /** The last question, whose answer the next one begins after. */
  turn: Promise<unknown>;
}

export class Filters {
  readonly #node: RpcNode;
  readonly #filters = new Map<string, Kept>();

  constructor(node: RpcNode) {
    this.#node = node;
  }

  addLogs(logs: LogFilter): string {
    const node = this.#node;
    let next = headOf(node).height + 1;
    return this.#add({
      logs,
      changes: async () => {
        const { height } = headOf(node);
        const { fromBlock, toBlock } = logs;
        const fromHeight = Math.max(next, typeof fromBlock === 'number' ? fromBlock : 0);
        const toHeight = Math.min(height, typeof toBlock === 'number' ? toBlock : height);
        const found = fromHeight > toHeight ? [] : await findLogs(node, logs, { fromHeight, toHeight });
        next = height + 1;
        return found;
      },
    });
  }

  addBlocks(): string {
    const node = this.#node;
    let next = headOf(node).height + 1;
    return this.#add({
      changes: async () => {
        const { height } = headOf(node);
        const hashes: string[] = [];
        for (let at = Math.max(next, height - mostBlocks + 1); at <= height; at++)
          hashes.push((await knownBlock(node, at)).hash);
        next = height + 1;
        return hashes;
      },
    });
  }

  addPendingTransactions(): string {
    let hashes: string[] = [];
    const end = this.#node.desk.arrivals.listen(({ hash }) => {
      if (hashes.length < mostHashes) hashes.push(hash);
    });
    return this.#add({
      end,
      changes: async () => {
        const found = hashes;
        hashes = [];
        return found;
      },
    });
  }

  #add(filter: Filter): string {
    this.#forget();
    if (this.#filters.size >= mostFilters) {
      filter.end?.();
      throw new RpcError(codes.limit, 'too many filters');
    }
    const id = createId(this.#node);
    this.#filters.set(id, { filter, askedAtMs: this.#node.nowMs(), turn: Promise.resolve() });
    return id;
  }

  #forget(): void {
    const nowMs = this.#node.nowMs();
    for (const [id, { askedAtMs }] of this.#filters) if (nowMs - askedAtMs > forgottenMs) this.remove(id);
  }

  #find(id: string): Kept {
    this.#forget();
    const found = this.#filters.get(id);
    if (!found) throw new RpcError(codes.server, 'filter not found');
    found.askedAtMs = this.#node.nowMs();
    return found;
  }

  /** Who asks twice at once gets nothing twice. */
  changes(id: string): Promise<unknown[]> {
    const found = this.#find(id);
    const answer = found.turn.then(() => found.filter.changes());
    found.turn = answer.catch(() => {});
    return answer;
  }

  async logs(id: string): Promise<unknown[]> {
    const { logs } = this.#find(id).filter;
    if (!logs) throw new RpcError(codes.server, 'filter not found');
    return findLogs(this.#node, logs, await rangeOf(this.#node, logs));
  }

  remove(id: string): boolean {
    this.#filters.get(id)?.filter.end?.();
    return this.#filters.delete(id);
  }
}

/** Nobody can guess it. A quantity, as execution-apis wants it: without leading zeros. */
export const createId = ({ random }: Pick<RpcNode, 'random'>): string =>
  toQuantity(BigInt(`0x01${Buffer.from(random(15)).toString('hex')}`));
