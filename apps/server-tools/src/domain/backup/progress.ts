/** How far a job is, for who asks. */
export interface Progress {
  phase: string;
  collection?: string | undefined;
  collections: number;
  collectionsDone: number;
  documents: number;
  bytes: number;
}

export class ProgressMeter {
  readonly #progress: Progress = {
    phase: 'begins',
    collections: 0,
    collectionsDone: 0,
    documents: 0,
    bytes: 0,
  };
  readonly #changed: (progress: Readonly<Progress>) => void;

  constructor(changed: (progress: Readonly<Progress>) => void = () => {}) {
    this.#changed = changed;
  }

  /** A phase begins its counts anew. */
  begin(phase: string, collections: number): void {
    Object.assign(this.#progress, { phase, collections, collectionsDone: 0, documents: 0, bytes: 0 });
    this.#progress.collection = undefined;
    this.#changed(this.#progress);
  }

  collection(name: string): void {
    this.#progress.collection = name;
    this.#changed(this.#progress);
  }

  document(sizeBytes: number): void {
    this.#progress.documents += 1;
    this.#progress.bytes += sizeBytes;
    this.#changed(this.#progress);
  }

  collectionDone(): void {
    this.#progress.collectionsDone += 1;
    this.#changed(this.#progress);
  }
}

/** Counts documents that pass. */
export async function* metered(
  documents: AsyncIterable<Uint8Array>,
  meter: ProgressMeter,
): AsyncGenerator<Uint8Array> {
  for await (const document of documents) {
    meter.document(document.length);
    yield document;
  }
}
