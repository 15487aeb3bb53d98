/**
 * Which block of the chain belongs to which height of CometBFT. They differ: a height without work makes no block, and a chain may be
 * older than its validators.
 *
 *   "height"            [height, block]: written durably BEFORE the chain commits the block of that height
 *   "snapshot/" block   height of CometBFT at which the snapshot of the block was taken
 *
 * So after a crash the chain is at `block`, and the height is done, or at its parent, and CometBFT delivers the height once more.
 */
import type { KvStore } from '@lucid/kv-store';
import { ChainAbciError } from './error.ts';

export interface HeightRecord {
  readonly height: number;
  readonly block: number;
}

const text = new TextEncoder();
const heightKey = text.encode('height');
const snapshotKey = (block: number): Uint8Array => text.encode(`snapshot/${block}`);
const read = (value: Uint8Array): unknown => JSON.parse(Buffer.from(value).toString('utf8'));

export class HeightRecords {
  readonly #kv: KvStore;

  constructor(kv: KvStore) {
    this.#kv = kv;
  }

  async write({ height, block }: HeightRecord): Promise<void> {
    const value = text.encode(JSON.stringify([height, block]));
    await this.#kv.batch([{ type: 'put', key: heightKey, value }], { sync: true });
  }

  /** Whether any height was ever done. */
  async any(): Promise<boolean> {
    return (await this.#kv.get(heightKey)) !== undefined;
  }

  /** The newest height that is done where the chain stands at `chainHeight`; 0 where there is none. Rejects with `height_conflict`. */
  async doneHeight(chainHeight: number): Promise<number> {
    const value = await this.#kv.get(heightKey);
    if (value === undefined) return 0;
    const [height, block] = read(value) as [number, number];
    if (chainHeight === block) return height;
    if (chainHeight === block - 1) return height - 1;
    throw new ChainAbciError(
      'height_conflict',
      `height ${height} made block ${block}, the chain is at ${chainHeight}; restore both folders from one backup, or empty both`,
    );
  }

  async writeSnapshot({ height, block }: HeightRecord): Promise<void> {
    const value = text.encode(JSON.stringify(height));
    await this.#kv.batch([{ type: 'put', key: snapshotKey(block), value }], { sync: true });
  }

  /** Null where none was taken of this block. */
  async snapshotHeight(block: number): Promise<number | null> {
    const value = await this.#kv.get(snapshotKey(block));
    return value === undefined ? null : (read(value) as number);
  }

  async dropSnapshot(block: number): Promise<void> {
    await this.#kv.batch([{ type: 'del', key: snapshotKey(block) }], { sync: true });
  }
}
