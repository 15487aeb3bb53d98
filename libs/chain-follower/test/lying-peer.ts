/** For tests: a node with a log of its own making, which may be told to lie. */
import {
  createNoteSigner,
  formatSignerKey,
  formatVerifierKey,
  parseSignerKey,
  signCheckpoint,
} from '@lucid/checkpoint';
import { ed25519GenerateKey } from '@lucid/crypto';
import { encodeRlp, integerToBytes } from '@lucid/eth-proof';
import { consistencyProof, inclusionProof, leafHash, rootOfLeaves } from '@lucid/merkle';
import type { BlockSource, PeerBlock, WitnessStore } from '../src/index.ts';

const NAME = 'lucid.invalid/producer';

export function createLogKey() {
  const { secretKey, publicKey } = ed25519GenerateKey();
  const signer = createNoteSigner(parseSignerKey(formatSignerKey({ name: NAME, secretKey })));
  return { signer, verifierKey: formatVerifierKey({ name: NAME, publicKey }) };
}

export type LogKey = ReturnType<typeof createLogKey>;

/** As a header, only its number is where it belongs. */
const membersOf = (height: number, mark: number): Uint8Array[] => [
  ...Array.from({ length: 8 }, () => Uint8Array.of(mark, 7)),
  integerToBytes(BigInt(height)),
];
/** Nobody executes them here. */
export const blockOf = (height: number, mark = 0): Uint8Array => encodeRlp([membersOf(height, mark), [], []]);
export const headerOf = (height: number, mark = 0): Uint8Array => encodeRlp(membersOf(height, mark));

export class Peer implements BlockSource {
  readonly #key: LogKey;
  /** From the first, block 0, on; the log has their headers at their heights. */
  readonly #blocks: Uint8Array[];
  #leaves: Uint8Array[];
  /** False: of block 0 it keeps the header alone. */
  keepsFirst = true;
  /** Changes what it says. */
  lie: (told: PeerBlock) => PeerBlock = (told) => told;
  lieOfConsistency: (proof: readonly Uint8Array[]) => readonly Uint8Array[] = (proof) => proof;

  constructor(key: LogKey, mark = 0) {
    this.#key = key;
    this.#blocks = [blockOf(0, mark)];
    this.#leaves = [leafHash(headerOf(0, mark))];
  }

  make(mark = 0): void {
    const height = this.#blocks.length;
    this.#blocks.push(blockOf(height, mark));
    this.#leaves.push(leafHash(headerOf(height, mark)));
  }

  /** Another past under the same key. */
  rewrite(mark: number): void {
    this.#leaves = this.#leaves.map((_, at) => leafHash(headerOf(at, mark)));
  }

  checkpoint(size = this.#leaves.length, key = this.#key): string {
    const root = rootOfLeaves(this.#leaves.slice(0, size));
    return signCheckpoint({ origin: NAME, size, root }, key.signer);
  }

  tell(height: number, size = this.#leaves.length): PeerBlock {
    const tree = this.#leaves.slice(0, size);
    return {
      block: this.#blocks[height]!,
      index: height,
      inclusion: inclusionProof(tree, height, size),
      checkpoint: this.checkpoint(size),
      head: this.#blocks.length - 1,
    };
  }

  async block(height: number): Promise<PeerBlock | null> {
    if (height >= this.#blocks.length || (height === 0 && !this.keepsFirst)) return null;
    return this.lie(this.tell(height));
  }

  async consistency(first: number, second: number): Promise<readonly Uint8Array[]> {
    if (second > this.#leaves.length) return [];
    return this.lieOfConsistency(consistencyProof(this.#leaves, first, second));
  }
}

export function memoryStore(): WitnessStore & { note: string | null } {
  const store = {
    note: null as string | null,
    read: async () => store.note,
    write: async (note: string) => {
      store.note = note;
    },
  };
  return store;
}
