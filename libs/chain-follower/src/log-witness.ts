/**
 * What is remembered of the log of who makes the blocks: the largest checkpoint that was seen. Each further one must be proved to contain it, or to be
 * contained in it.
 */
import { equalBytes } from '@lucid/bytes';
import { type Checkpoint, parseCheckpoint, parseVerifierKey, verifyNote } from '@lucid/checkpoint';
import { leafHash, verifyConsistency, verifyInclusion } from '@lucid/merkle';
import { PeerFault } from './error.ts';

/** Durable; one at a time is written. */
export interface WitnessStore {
  /** The remembered checkpoint, a signed note; null where there is none. */
  read(): Promise<string | null>;
  write(checkpoint: string): Promise<void>;
}

export interface LogWitnessOptions {
  /** Verifier key of the log (C2SP signed-note): `NAME+ID+KEY`. */
  readonly verifierKey: string;
  readonly store: WitnessStore;
}

/** Proof that the tree of `first` entries is the beginning of that of `second`. */
export type AskConsistency = (first: number, second: number) => Promise<readonly Uint8Array[]>;

export interface Entry {
  readonly entry: Uint8Array;
  readonly index: number;
  readonly inclusion: readonly Uint8Array[];
  readonly checkpoint: string;
}

interface Seen extends Checkpoint {
  readonly note: string;
}

/** Two signed checkpoints of one size with different roots: whoever has the log's key sees from them alone that it lied. */
export class LogForked extends PeerFault {
  readonly notes: readonly [string, string];

  constructor(first: Seen, second: Seen) {
    super('peer_forked', `size ${first.size}`);
    this.notes = [first.note, second.note];
  }
}

export class LogWitness {
  readonly #options: LogWitnessOptions;
  readonly #key: ReturnType<typeof parseVerifierKey>;
  #seen: Seen | null | undefined;

  /** @throws NoteError where the key is none */
  constructor(options: LogWitnessOptions) {
    this.#options = options;
    this.#key = parseVerifierKey(options.verifierKey);
  }

  #open(note: string): Seen {
    try {
      const verdict = verifyNote(note, [this.#key]);
      if (verdict.ok) {
        const checkpoint = parseCheckpoint(verdict.note.text);
        if (checkpoint.origin === this.#key.name) return { ...checkpoint, note };
      }
    } catch (cause) {
      throw new PeerFault('peer_signature', undefined, { cause });
    }
    throw new PeerFault('peer_signature');
  }

  async #remembered(): Promise<Seen | null> {
    if (this.#seen === undefined) {
      const note = await this.#options.store.read();
      this.#seen = note === null ? null : this.#open(note);
    }
    return this.#seen;
  }

  /**
   * Resolves to the size of the log where the entry is in it, and the log is the one that was seen so far. @throws PeerFault `peer_signature`,
   * `peer_inconsistent`, `peer_not_in_log`; LogForked; what `ask` throws
   */
  async admit({ entry, index, inclusion, checkpoint }: Entry, ask: AskConsistency): Promise<number> {
    const offered = this.#open(checkpoint);
    await this.#compare(offered, ask);
    const { size, root } = offered;
    if (!verifyInclusion({ leafHash: leafHash(entry), index, size, proof: inclusion, root }))
      throw new PeerFault('peer_not_in_log', `entry ${index} of ${size}`);
    return size;
  }

  async #compare(offered: Seen, ask: AskConsistency): Promise<void> {
    const seen = await this.#remembered();
    if (seen !== null) {
      const [small, large] = offered.size < seen.size ? [offered, seen] : [seen, offered];
      if (small.size < large.size) await assertContained(small, large, ask);
      else if (!equalBytes(small.root, large.root)) throw new LogForked(seen, offered);
      if (offered.size <= seen.size) return;
    }
    await this.#options.store.write(offered.note);
    this.#seen = offered;
  }
}

async function assertContained(small: Seen, large: Seen, ask: AskConsistency): Promise<void> {
  const [first, second] = [small.size, large.size];
  const proof = await ask(first, second);
  if (!verifyConsistency({ first, second, firstRoot: small.root, secondRoot: large.root, proof }))
    throw new PeerFault('peer_inconsistent', `sizes ${first} and ${second}`);
}
