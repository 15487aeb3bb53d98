import type { KvStore } from '@lucid/kv-store';
import type { Log as ServiceLog } from '@lucid/service-kit';
import { Chain } from './chain/chain.ts';
import { ChainError } from './chain/chain-error.ts';
import { toChainError } from './chain/chain-store.ts';
import type { HeaderLog } from './chain/header-log.ts';
import { createKeccak256 } from './chain/keccak.ts';
import { isTooSoon } from './reopening-log.ts';

export interface ChainSource {
  /** Whether there is a store already. */
  readonly exists: () => boolean;
  /** Opens the store, or makes an empty one. */
  readonly open: () => Promise<KvStore>;
}

/**
 * The chain's blocks, opened at the start where there are any and else with the first block: a ledger without a chain
 * has no folder and no memory for it. A store whose batch failed is opened anew, which reads what it really has.
 */
export class LazyChain {
  readonly #source: ChainSource;
  readonly #headers: HeaderLog;
  readonly #nowMs: () => number;
  readonly #report: ServiceLog;
  #chain: Chain | undefined;
  #opening: Promise<Chain> | undefined;
  #lastFailure: unknown;
  #attemptedAtMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: { source: ChainSource; headers: HeaderLog; nowMs: () => number; report: ServiceLog }) {
    this.#source = options.source;
    this.#headers = options.headers;
    this.#nowMs = options.nowMs;
    this.#report = options.report;
  }

  /** Opens what is there. A chain that cannot be opened says so in the log and in its answers; the log goes on. */
  async start(): Promise<void> {
    try {
      const chain = await this.reader();
      const next = chain?.head ? chain.head.height + 1 : 0;
      if (await this.#headers.find(next))
        this.#report.error(
          { height: next },
          'the log holds a block that the store of the blocks lacks: it was set back, and takes only the same blocks again',
        );
    } catch {
      // Said where it was opened, and by every answer.
    }
  }

  /** The chain for reading; undefined where there never was a block. */
  async reader(): Promise<Chain | undefined> {
    return this.#chain || this.#opening || this.#source.exists() ? this.writer() : undefined;
  }

  /** The same; made where there is none. */
  async writer(): Promise<Chain> {
    if (this.#chain && !this.#chain.failed) return this.#chain;
    if (this.#opening) return this.#opening;
    if (this.#closed) throw new ChainError('chain_unavailable', { detail: 'it is closed' });
    if (isTooSoon(this.#nowMs() - this.#attemptedAtMs)) throw this.#lastFailure;
    this.#opening = this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<Chain> {
    try {
      await this.#chain?.close();
      this.#chain = undefined;
      const keccak = await createKeccak256();
      this.#chain = await Chain.open({ kv: await this.#source.open(), keccak, log: this.#headers });
      return this.#chain;
    } catch (error) {
      this.#lastFailure = toChainError(error);
      this.#attemptedAtMs = this.#nowMs();
      this.#report.error({ err: this.#lastFailure }, 'the store of the blocks cannot be opened');
      throw this.#lastFailure;
    }
  }

  /** For readiness: rejects where the blocks cannot be used. */
  async check(): Promise<void> {
    const health = await (await this.reader())?.store.check();
    if (health && !health.ok) throw new ChainError('chain_unavailable', { detail: health.reason });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => undefined);
    await this.#chain?.close();
  }
}
