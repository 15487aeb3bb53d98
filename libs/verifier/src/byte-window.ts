/**
 * Sequential reading through one reused buffer. Bytes are hashed where the system put them; only what must lie in one
 * piece (a header, a control payload, a chunk to open) is ever moved, and only where a read ended inside it.
 */
import { VerifyError } from './verdict.ts';

/** The bytes of a bundle. `read` fills `into` from `position` on and says how many bytes it gave, 0 at the end. */
export interface BundleReader {
  readonly sizeBytes: number;
  read(into: Uint8Array, position: number): number | Promise<number>;
}

export const WINDOW_BYTES = 4 * 1024 * 1024;

async function readOnce(reader: BundleReader, into: Uint8Array, position: number): Promise<number> {
  try {
    const given = reader.read(into, position);
    return typeof given === 'number' ? given : await given;
  } catch (cause) {
    throw new VerifyError('unreadable', `The file cannot be read at byte ${position}.`, { cause });
  }
}

/** Exactly `sizeBytes` bytes. @throws VerifyError unreadable */
export async function readAt(reader: BundleReader, position: number, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  for (let done = 0; done < sizeBytes; ) {
    const given = await readOnce(reader, bytes.subarray(done), position + done);
    if (given <= 0)
      throw new VerifyError('unreadable', `The file ended at byte ${position + done} while it was read.`);
    done += given;
  }
  return bytes;
}

export class ByteWindow {
  readonly #reader: BundleReader;
  readonly #stepBytes: number;
  #buffer: Uint8Array;
  #start = 0;
  #length = 0;

  constructor(reader: BundleReader, sizeBytes = WINDOW_BYTES) {
    this.#reader = reader;
    this.#stepBytes = sizeBytes;
    this.#buffer = new Uint8Array(sizeBytes);
  }

  /** How many bytes from `position` on are in the buffer. */
  available(position: number): number {
    const end = this.#start + this.#length;
    return position >= this.#start && position < end ? end - position : 0;
  }

  /** A view, good until the next `load`. */
  view(position: number, sizeBytes: number): Uint8Array {
    return this.#buffer.subarray(position - this.#start, position - this.#start + sizeBytes);
  }

  /** Brings at least `sizeBytes` bytes from `position` on into the buffer in one piece. @throws VerifyError unreadable */
  async load(position: number, sizeBytes: number): Promise<void> {
    const kept = this.available(position);
    if (kept >= sizeBytes) return;
    const from = position - this.#start;
    if (sizeBytes > this.#buffer.length) {
      const larger = new Uint8Array(sizeBytes + this.#stepBytes);
      if (kept > 0) larger.set(this.#buffer.subarray(from, from + kept));
      this.#buffer = larger;
    } else if (kept > 0) this.#buffer.copyWithin(0, from, from + kept);
    this.#start = position;
    this.#length = kept;
    while (this.#length < sizeBytes) {
      const given = await readOnce(
        this.#reader,
        this.#buffer.subarray(this.#length),
        position + this.#length,
      );
      if (given <= 0)
        throw new VerifyError(
          'unreadable',
          `The file ended at byte ${position + this.#length} while it was read.`,
        );
      this.#length += given;
    }
  }
}
