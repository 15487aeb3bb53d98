/** A file of blocks as `geth export` writes it: RLP of one block behind the other. */
import { createReadStream } from 'node:fs';
import { decodeHeader, decodeRlp, encodeRlp } from '@lucid/eth-proof';
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';

const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
/** A prefix of RLP: one byte, and up to eight that say how long the list is. */
const LONG_LIST = 0xf7;

export interface FileBlock {
  readonly height: number;
  readonly block: Uint8Array;
  /** Where it begins in the file. */
  readonly offsetBytes: number;
}

/** Size of the list that begins here, prefix included; null where more bytes must be seen. Throws RangeError. */
function listSize(bytes: Buffer): number | null {
  const first = bytes[0];
  if (first === undefined) return null;
  if (first < 0xc0) throw new RangeError('no block begins there');
  if (first <= LONG_LIST) return 1 + first - 0xc0;
  const lengthBytes = first - LONG_LIST;
  if (bytes.length < 1 + lengthBytes) return null;
  if (lengthBytes > 4) throw new RangeError('the block would be larger than any is');
  const size = 1 + lengthBytes + bytes.readUIntBE(1, lengthBytes);
  if (size > MAX_BLOCK_BYTES) throw new RangeError('the block would be larger than any is');
  return size;
}

function blockOf(bytes: Uint8Array, offsetBytes: number): FileBlock {
  const [header] = decodeRlp(bytes, 'block') as Uint8Array[];
  if (header === undefined) throw new RangeError('the block is empty');
  const { number } = decodeHeader(encodeRlp(header));
  return { height: Number(number), block: bytes, offsetBytes };
}

/** Blocks in the order of the file. Throws CliError source_unreadable, which says at which byte it ends to make sense. */
export async function* readChainFile(path: string): AsyncGenerator<FileBlock> {
  let held = Buffer.alloc(0);
  let offset = 0;
  const refuse = (error: unknown) =>
    new CliError(
      'source_unreadable',
      `${path} is no file of blocks: at byte ${offset}, ${plainReason(error)}. It must be RLP as geth export writes it.`,
      { cause: error },
    );
  try {
    for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      held = Buffer.concat([held, part as Buffer]);
      for (let size = listSize(held); size !== null && size <= held.length; size = listSize(held)) {
        yield blockOf(held.subarray(0, size), offset);
        held = held.subarray(size);
        offset += size;
      }
    }
    if (held.length > 0) throw new RangeError('the file ends within a block');
  } catch (error) {
    throw error instanceof CliError ? error : refuse(error);
  }
}
