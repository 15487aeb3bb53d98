/**
 * Opens a `.lucid` file by docs/evidence-format.md with nothing of the product but the decompressor: file layout by hand, the
 * session key by the `age-encryption` package, chunks by libsodium. It judges little (the verifier does); it answers what is in there.
 */
import { readFileSync } from 'node:fs';
import { openZstd } from '@lucid/zstd';
import { Decrypter } from 'age-encryption';
import sodium from 'libsodium-wrappers';

export interface OpenedRecord {
  readonly type: 'header' | 'chunk' | 'event' | 'close';
  readonly track: number;
  readonly bytes: Buffer;
}

export interface OpenedBundle {
  readonly sessionId: string;
  readonly sessionKey: Buffer;
  readonly records: readonly OpenedRecord[];
  readonly sections: ReadonlyMap<string, Buffer>;
  /** Plain bytes of a track. */
  content(track?: number): Buffer;
  /** Payload of the record, parsed. */
  control(index: number): Record<string, unknown>;
}

export interface RawBundle {
  readonly sessionId: string;
  readonly sections: ReadonlyMap<string, Buffer>;
  /** Stored bytes of each record, in index order. */
  readonly records: readonly Buffer[];
}

const TYPES = ['', 'header', 'chunk', 'event', 'close'] as const;
const HEADER_BYTES = 128;

/** Section 7. */
export function readBundle(path: string): RawBundle {
  const file = readFileSync(path);
  const footer = file.subarray(-64);
  if (footer.toString('latin1', 0, 8) !== 'LUCIDEND') throw new Error(`${path} has no footer`);
  const sections = new Map<string, Buffer>();
  let at = Number(footer.readBigUInt64BE(8));
  while (at < file.length - 64) {
    const size = Number(file.readBigUInt64BE(at + 8));
    sections.set(file.toString('latin1', at, at + 4), file.subarray(at + 16, at + 16 + size));
    at += 16 + size;
  }
  const index = sections.get('INDX') ?? Buffer.alloc(0);
  const records: Buffer[] = [];
  for (let row = 0; row < index.length; row += 44) {
    const offset = Number(index.readBigUInt64BE(row));
    records.push(file.subarray(offset, offset + index.readUInt32BE(row + 8)));
  }
  return { sessionId: file.toString('hex', 16, 48), sections, records };
}

/** The age files of section 4, in order. */
export function wrappedKeys({ sections }: Pick<RawBundle, 'sections'>): Buffer[] {
  const document = JSON.parse(sections.get('KEYS')?.toString('utf8') ?? '{}') as { wraps: { age: string }[] };
  return document.wraps.map(({ age }) => Buffer.from(age, 'base64'));
}

async function unwrap(raw: RawBundle, identity: string): Promise<Buffer> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  for (const wrapped of wrappedKeys(raw)) {
    const key = await decrypter.decrypt(wrapped).catch(() => null);
    if (key) return Buffer.from(key);
  }
  throw new Error('the identity opens none of the wrapped keys');
}

/** Section 1.2, with libsodium's own functions; the packed bytes. */
export function openChunkWithLibsodium(sessionKey: Uint8Array, record: Buffer): Buffer {
  const header = record.subarray(0, HEADER_BYTES);
  // The wrapper takes ids of 32 bits as numbers and larger ones as bigint.
  const subkeyId = record.readBigUInt64BE(40) as unknown as number;
  const key = sodium.crypto_kdf_derive_from_key(32, subkeyId, 'lucidchk', sessionKey);
  const nonce = header.subarray(88, 112);
  const sealed = record.subarray(HEADER_BYTES);
  return Buffer.from(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, header, nonce, key));
}

export async function openBundle(path: string, identity: string): Promise<OpenedBundle> {
  await sodium.ready;
  const raw = readBundle(path);
  const sessionKey = await unwrap(raw, identity);
  const codec = await openZstd();
  const open = (record: Buffer): OpenedRecord => {
    const type = TYPES[record[5] as number];
    if (!type) throw new Error(`record of unknown type ${record[5]}`);
    const track = record.readUInt16BE(48);
    if (type !== 'chunk') return { type, track, bytes: record.subarray(HEADER_BYTES) };
    const packed = openChunkWithLibsodium(sessionKey, record);
    if ((record.readUInt16BE(6) & 1) === 0) return { type, track, bytes: packed };
    const plain = Buffer.alloc(record.readUInt32BE(80));
    if (codec.decompress(plain, packed) !== plain.length) throw new Error('a chunk has another plain size');
    return { type, track, bytes: plain };
  };
  const records = raw.records.map(open);
  return {
    ...raw,
    sessionKey,
    records,
    content: (track = 0) =>
      Buffer.concat(
        records.filter((each) => each.type === 'chunk' && each.track === track).map(({ bytes }) => bytes),
      ),
    control: (index) => JSON.parse((records.at(index) as OpenedRecord).bytes.toString('utf8')),
  };
}
