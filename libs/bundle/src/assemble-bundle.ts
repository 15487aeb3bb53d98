import { bytesToHex } from '@lucid/bytes';
import { leafHash, TreeBuilder } from '@lucid/merkle';
import { encodePreamble, type IndexRow, parseRecordHeader, RECORD_HEADER_BYTES } from '@lucid/session-format';
import { buildTrailer, type TrailerParts } from './build-trailer.ts';
import { BundleError } from './errors.ts';

/** Records in log order, one at a time; the bytes may be reused after the next one was asked for. */
export interface RecordSource {
  records(): AsyncIterable<Uint8Array>;
}

/** Takes the file from its first byte to its last; the bytes may be reused after the promise settled. */
export interface BundleSink {
  write(bytes: Uint8Array): Promise<void>;
}

export interface AssembleOptions extends Omit<TrailerParts, 'rows' | 'recordsEnd'> {
  readonly source: RecordSource;
}

export interface AssembledBundle {
  readonly sizeBytes: number;
  readonly records: number;
}

function assertRecord(record: Uint8Array, sessionId: string, index: number): void {
  const parsed = parseRecordHeader(record);
  if (!parsed.ok) throw new BundleError('records_differ', `record ${index}: ${parsed.detail}`);
  const { header } = parsed;
  if (header.sessionId !== sessionId || header.index !== index)
    throw new BundleError(
      'records_differ',
      `record ${header.index} of ${header.sessionId} in place of ${index}`,
    );
  if (RECORD_HEADER_BYTES + header.payloadSizeBytes !== record.length)
    throw new BundleError('records_differ', `record ${index} has ${record.length} bytes`);
}

/**
 * Writes a bundle out of any store, one record in memory at a time. The trailer is written only where the records are those of
 * the manifest, so a store that lost or changed something never gives a file that looks whole.
 *
 * @throws BundleError records_differ, other_session; whatever source and sink throw.
 */
export async function assembleBundle(options: AssembleOptions, sink: BundleSink): Promise<AssembledBundle> {
  const { source, sessionId, manifest } = options;
  const preamble = encodePreamble(sessionId);
  const rows: IndexRow[] = [];
  const tree = new TreeBuilder();
  let offset = preamble.length;
  await sink.write(preamble);
  for await (const record of source.records()) {
    assertRecord(record, sessionId, rows.length);
    const hash = leafHash(record);
    rows.push({ offset, sizeBytes: record.length, leafHash: hash });
    tree.append(hash);
    offset += record.length;
    await sink.write(record);
  }
  const root = bytesToHex(tree.root());
  if (root !== manifest.merkleRoot || rows.length !== manifest.treeSize)
    throw new BundleError('records_differ', `${rows.length} records with root ${root}`);
  const trailer = buildTrailer({ ...options, rows, recordsEnd: offset });
  await sink.write(trailer);
  return { sizeBytes: offset + trailer.length, records: rows.length };
}
