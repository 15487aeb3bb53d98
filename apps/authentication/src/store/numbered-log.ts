/**
 * Rows with dense numbers, made by any number of instances without a gap and without a fork: adding a row is inserting its number, and
 * whoever comes second with it reads the end anew and takes the next. What comes while rows are being written is written together.
 */
import { type Collection, type DocumentStore, insertInto, isDocumentStoreError } from '@lucid/document-store';
import { ProblemError } from '@lucid/service-kit';

interface NumberedLogOptions<Said, Row extends object, End> {
  readonly documents: DocumentStore;
  readonly collection: Collection<Row>;
  /** Where the log ends, as the store has it. */
  readonly readEnd: () => Promise<End>;
  /** The row that comes at an end, and the end after it. */
  readonly append: (end: End, said: Said) => { readonly row: Row; readonly end: End };
}

interface Waiting<Said> {
  readonly said: Said;
  done(): void;
  failed(error: unknown): void;
}

const MOST_TOGETHER = 200;
/** Times in a row that other instances were faster with every number. */
const MOST_RACES = 200;

export class NumberedLog<Said, Row extends object, End> {
  readonly #options: NumberedLogOptions<Said, Row, End>;
  readonly #waiting: Waiting<Said>[] = [];
  #end: { readonly known: End } | null = null;
  #writing = false;

  constructor(options: NumberedLogOptions<Said, Row, End>) {
    this.#options = options;
  }

  /** Resolves once it is durable. @throws DocumentStoreError; then it is unknown whether it was added. ProblemError unavailable */
  add(said: Said): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ said, done, failed });
      if (!this.#writing) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    for (let races = 0; this.#waiting.length > 0; ) {
      const written = await this.#write(this.#waiting.slice(0, MOST_TOGETHER));
      races = written > 0 ? 0 : races + 1;
      this.#waiting.splice(0, written);
      if (races > MOST_RACES)
        for (const each of this.#waiting.splice(0)) each.failed(new ProblemError('unavailable'));
    }
    // Not known any longer than a burst lasts: the rows after it may have come and been swept meanwhile.
    this.#end = null;
    this.#writing = false;
  }

  /** How many of the group are dealt with: all, or those before the first number that somebody else took. Never rejects. */
  async #write(group: readonly Waiting<Said>[]): Promise<number> {
    const { documents, collection, readEnd, append } = this.#options;
    try {
      let end = this.#end ? this.#end.known : await readEnd();
      const inserts = group.map(({ said }) => {
        const next = append(end, said);
        end = next.end;
        return insertInto(collection, next.row);
      });
      await documents.batch(inserts);
      this.#end = { known: end };
      for (const each of group) each.done();
      return group.length;
    } catch (error) {
      this.#end = null;
      if (!isDocumentStoreError(error, 'duplicate_key')) {
        for (const each of group) each.failed(error);
        return group.length;
      }
      const written = documents.atomicBatch ? 0 : (error.details.operation ?? 0);
      for (const each of group.slice(0, written)) each.done();
      return written;
    }
  }
}
