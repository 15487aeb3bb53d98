import {
  formatNote,
  type Note,
  NoteError,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  type VerifierKey,
  verifyNote,
} from '@lucid/checkpoint';
import type { KvStore } from '@lucid/kv-store';
import { LedgerError } from './ledger-error.ts';
import type { Notary } from './notary.ts';
import { cosignedKey, cosignedRange } from './store-keys.ts';

export interface CosignedCheckpoint {
  readonly size: number;
  /** The log's own signature, then those of witnesses. */
  readonly note: string;
}

/** Signatures of one text: the log's own first, then one of each witness, the newest. */
function mergeSignatures(
  own: NoteSignature,
  ...lists: readonly (readonly NoteSignature[])[]
): NoteSignature[] {
  const byKey = new Map<string, NoteSignature>();
  for (const signature of lists.flat()) {
    const name = `${signature.name} ${signature.keyId}`;
    const known = byKey.get(name);
    // A cosignature begins with its time, 8 bytes big-endian, so the later one is the greater.
    if (!known || Buffer.compare(known.signature, signature.signature) < 0) byKey.set(name, signature);
  }
  byKey.delete(`${own.name} ${own.keyId}`);
  return [own, ...byKey.values()];
}

/** Checkpoints of this log that configured witnesses cosigned (C2SP tlog-cosignature), kept by their size. */
export class CosignatureBook {
  readonly #kv: KvStore;
  readonly #notary: Notary;
  readonly #witnesses: readonly VerifierKey[];
  #latest: CosignedCheckpoint | null;
  /** One writer at a time: two cosignatures of one checkpoint must not overwrite each other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    options: { kv: KvStore; notary: Notary; witnesses: readonly VerifierKey[] },
    latest: CosignedCheckpoint | null,
  ) {
    this.#kv = options.kv;
    this.#notary = options.notary;
    this.#witnesses = options.witnesses;
    this.#latest = latest;
  }

  static async open(options: {
    kv: KvStore;
    notary: Notary;
    witnesses: readonly VerifierKey[];
  }): Promise<CosignatureBook> {
    let latest: CosignedCheckpoint | null = null;
    for await (const [, value] of options.kv.iterate({ ...cosignedRange, reverse: true, limit: 1 })) {
      const note = Buffer.from(value).toString();
      latest = { size: options.notary.open(note)?.size ?? 0, note };
    }
    return new CosignatureBook(options, latest);
  }

  /** The largest cosigned checkpoint. */
  get latest(): CosignedCheckpoint | null {
    return this.#latest;
  }

  /**
   * The signatures of known witnesses on a checkpoint that this log signed. Throws `cosignature_invalid` where there is
   * none, or one is wrong. That the checkpoint is part of the stored log is the caller's to check.
   */
  judge(text: string): { note: Note; size: number } {
    try {
      const note = parseNote(text);
      const checkpoint = parseCheckpoint(note.text);
      const verdict = verifyNote(note, [this.#notary.key, ...this.#witnesses]);
      if (!verdict.ok) throw new LedgerError('cosignature_invalid', { detail: verdict.why });
      const own = verdict.verified.some(({ key }) => key === this.#notary.key);
      if (!own || checkpoint.origin !== this.#notary.origin || verdict.verified.length < 2)
        throw new LedgerError('cosignature_invalid');
      const signatures = note.signatures.filter((signature) => !verdict.unknown.includes(signature));
      return { note: { text: note.text, signatures }, size: checkpoint.size };
    } catch (error) {
      if (error instanceof NoteError)
        throw new LedgerError('cosignature_invalid', { detail: error.code, cause: error });
      throw error;
    }
  }

  /** Stores what `judge` let pass, beside the cosignatures the same checkpoint has already. */
  add(judged: { note: Note; size: number }): Promise<CosignedCheckpoint> {
    const work = this.#last.then(() => this.#store(judged));
    this.#last = work.catch(() => undefined);
    return work;
  }

  async #store({ note, size }: { note: Note; size: number }): Promise<CosignedCheckpoint> {
    const key = cosignedKey(size);
    const stored = await this.#kv.get(key);
    const known = stored ? parseNote(Buffer.from(stored).toString()).signatures : [];
    const own = note.signatures.find(({ keyId }) => keyId === this.#notary.key.keyId) as NoteSignature;
    const merged = formatNote({ text: note.text, signatures: mergeSignatures(own, known, note.signatures) });
    await this.#kv.batch([{ type: 'put', key, value: Buffer.from(merged) }], { sync: true });
    const cosigned = { size, note: merged };
    if (!this.#latest || this.#latest.size <= size) this.#latest = cosigned;
    return cosigned;
  }
}
