/**
 * One stored document: CRC-32 of the rest and of the key (4 bytes, big endian), version (8 bytes, IEEE 754), JSON as of
 * `documentToJson`. LMDB has no checksums of its own; this one finds rot and misplaced pages, it is no proof against forgery.
 */
import { crc32 } from 'node:zlib';
import { documentFromJson, documentToJson } from '@lucid/document-store';

const CRC_BYTES = 4;
const HEADER_BYTES = CRC_BYTES + 8;

export interface DocumentRecord {
  readonly version: number;
  readonly document: object;
}

const checksum = (key: Uint8Array, rest: Uint8Array): number => crc32(rest, crc32(key));

export function encodeRecord(key: Uint8Array, { version, document }: DocumentRecord): Buffer {
  const json = documentToJson(document);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(json));
  bytes.writeDoubleBE(version, CRC_BYTES);
  bytes.write(json, HEADER_BYTES);
  bytes.writeUInt32BE(checksum(key, bytes.subarray(CRC_BYTES)), 0);
  return bytes;
}

/** Null when the bytes are not what was written under this key. */
export function decodeRecord(key: Uint8Array, bytes: Buffer): DocumentRecord | null {
  if (bytes.length < HEADER_BYTES) return null;
  if (bytes.readUInt32BE(0) !== checksum(key, bytes.subarray(CRC_BYTES))) return null;
  return {
    version: bytes.readDoubleBE(CRC_BYTES),
    document: documentFromJson(bytes.toString('utf8', HEADER_BYTES)),
  };
}
