/** The transparency log as the chain needs it: block `height`'s header stands under the key `block/HEIGHT`. */
export interface HeaderLog {
  /** RLP of the header that the log holds; undefined where it holds none. */
  find(height: number): Promise<Uint8Array | undefined>;
  /** Resolves when it is durable; nothing happens where the log holds these bytes already. */
  append(height: number, headerRlp: Uint8Array): Promise<void>;
  /** The log signs nothing more: what it signed is not what the store holds. */
  stop(detail: string): void;
}
