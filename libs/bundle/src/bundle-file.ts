/**
 * The tail of a bundle that lies alone somewhere: read it, and replace it whole or not at all. The replacement itself is that of
 * the file store (redo file beside the bundle, then the tail, then the redo file removed); here it is made sure that a redo file found
 * belongs to the bundle it would overwrite.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bytesToUtf8, equalBytes } from '@lucid/bytes';
import {
  type BundleAnchor,
  encodeDocument,
  encodeTrailer,
  FOOTER_BYTES,
  type IndexRow,
  MAX_TRAILER_BYTES,
  type Manifest,
  PREAMBLE_BYTES,
  parseDocument,
  parseFooter,
  parseIndex,
  parsePreamble,
  parseRecordHeader,
  parseTrailer,
  RECORD_HEADER_BYTES,
  type Recipients,
  type Sections,
} from '@lucid/session-format';
import { nodeFileSystem, redoTrailer, replaceTrailer, type SessionPaths } from '@lucid/store-files';
import { BundleError } from './errors.ts';

export interface BundleParts {
  readonly sessionId: string;
  readonly recordsEnd: number;
  readonly sizeBytes: number;
  readonly manifest: Manifest;
  readonly checkpoint: string;
  readonly rows: readonly IndexRow[];
  readonly recipients: Recipients;
  readonly anchor: BundleAnchor | null;
  /** As they lie in the file. */
  readonly sections: Sections;
}

const redoPath = (path: string): string => `${path}.trailer`;

const filePaths = (path: string, sessionId: string): SessionPaths => ({
  sessionId,
  folder: dirname(path),
  part: `${path}.part`,
  mark: `${path}.part.mark`,
  lucid: path,
  redo: redoPath(path),
  redoDraft: `${redoPath(path)}.draft`,
});

async function readAt(file: FileHandle, position: number, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  for (let done = 0; done < sizeBytes; ) {
    const { bytesRead } = await file.read(bytes, done, sizeBytes - done, position + done);
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}

async function withFile<T>(
  path: string,
  use: (file: FileHandle, sizeBytes: number) => Promise<T>,
): Promise<T> {
  const file = await open(path, 'r');
  try {
    return await use(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function readSessionId(file: FileHandle): Promise<string> {
  const preamble = parsePreamble(await readAt(file, 0, PREAMBLE_BYTES));
  if (preamble.ok) return preamble.value.sessionId;
  throw new BundleError('not_a_bundle', preamble.detail);
}

async function readTrailer(file: FileHandle, sizeBytes: number): Promise<Uint8Array> {
  const footer = parseFooter(
    await readAt(file, Math.max(0, sizeBytes - FOOTER_BYTES), FOOTER_BYTES),
    sizeBytes,
  );
  if (!footer.ok) throw new BundleError('damaged', footer.detail);
  const trailerBytes = sizeBytes - footer.value.trailerOffset;
  if (trailerBytes > MAX_TRAILER_BYTES) throw new BundleError('damaged', `sections of ${trailerBytes} bytes`);
  return readAt(file, footer.value.trailerOffset, trailerBytes);
}

function orDamaged<T>(parsed: { ok: true; value: T } | { ok: false; detail: string }): T {
  if (parsed.ok) return parsed.value;
  throw new BundleError('damaged', parsed.detail);
}

function partsOf(trailer: Uint8Array, sessionId: string): BundleParts {
  const split = trailer.length - FOOTER_BYTES;
  if (split < 0) throw new BundleError('damaged', 'no footer');
  const said = Number(new DataView(trailer.buffer, trailer.byteOffset + split).getBigUint64(16));
  const { sections, footer } = orDamaged(parseTrailer(trailer, said));
  const { MANI, CKPT, INDX, KEYS, ANCH } = sections;
  if (!MANI || !CKPT || !INDX || !KEYS) throw new BundleError('damaged', 'a section is missing');
  const manifest = orDamaged(parseDocument('manifest', MANI));
  if (manifest.sessionId !== sessionId) throw new BundleError('other_session', manifest.sessionId);
  return {
    sessionId,
    recordsEnd: footer.trailerOffset,
    sizeBytes: footer.fileSizeBytes,
    manifest,
    checkpoint: bytesToUtf8(CKPT),
    rows: orDamaged(parseIndex(INDX)),
    recipients: orDamaged(parseDocument('recipients', KEYS)),
    anchor: ANCH === undefined ? null : orDamaged(parseDocument('anchor', ANCH)),
    sections,
  };
}

/** The last record by the waiting trailer's index must lie in the file as it says. */
async function assertRedoFits(path: string, redo: Uint8Array): Promise<void> {
  await withFile(path, async (file) => {
    const sessionId = await readSessionId(file);
    const foreign = (detail: string, cause?: unknown) => new BundleError('redo_foreign', detail, { cause });
    let parts: BundleParts;
    try {
      parts = partsOf(redo, sessionId);
    } catch (cause) {
      throw foreign('its sections are of another session or damaged', cause);
    }
    const last = parts.rows.findIndex(({ offset, sizeBytes }) => offset + sizeBytes === parts.recordsEnd);
    const row = parts.rows[last];
    const header = row && parseRecordHeader(await readAt(file, row.offset, RECORD_HEADER_BYTES));
    const fits =
      header?.ok &&
      header.header.sessionId === sessionId &&
      header.header.index === last &&
      RECORD_HEADER_BYTES + header.header.payloadSizeBytes === row?.sizeBytes;
    if (!fits) throw foreign('the records of this bundle end elsewhere');
  });
}

async function readRedo(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(redoPath(path)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Ends a replacement of the tail that was interrupted; true where there was one.
 *
 * @throws BundleError not_a_bundle, redo_foreign; file errors as Node gives them.
 */
export async function finishRewrite(path: string): Promise<boolean> {
  const redo = await readRedo(path);
  if (redo === null) return false;
  await assertRedoFits(path, redo);
  const sessionId = await withFile(path, readSessionId);
  return redoTrailer(nodeFileSystem, filePaths(path, sessionId));
}

/**
 * What stands behind the records. Changes nothing: where a replacement was interrupted, it is the new trailer that counts. The
 * records are not looked at; that is the verifier's work.
 *
 * @throws BundleError not_a_bundle, damaged, redo_foreign; file errors as Node gives them.
 */
export async function readBundleParts(path: string): Promise<BundleParts> {
  const redo = await readRedo(path);
  if (redo !== null) await assertRedoFits(path, redo);
  return withFile(path, async (file, sizeBytes) => {
    const sessionId = await readSessionId(file);
    return partsOf(redo ?? (await readTrailer(file, sizeBytes)), sessionId);
  });
}

/**
 * Replaces sections and footer, whole or not at all, whatever dies meanwhile. Only what the recorder did not sign may change:
 * manifest and index must be those of the bundle. One writer at a time.
 *
 * @throws BundleError not_a_bundle, damaged, other_session, redo_foreign; file errors as Node gives them.
 */
export async function rewriteTail(path: string, newTrailer: Uint8Array): Promise<void> {
  await finishRewrite(path);
  const current = await readBundleParts(path);
  const next = partsOf(newTrailer, current.sessionId);
  const same = (['MANI', 'INDX'] as const).every((tag) => {
    const [before, after] = [current.sections[tag], next.sections[tag]];
    return before !== undefined && after !== undefined && equalBytes(before, after);
  });
  if (!same || next.recordsEnd !== current.recordsEnd)
    throw new BundleError('other_session', 'manifest and index must stay as they are');
  await replaceTrailer(nodeFileSystem, filePaths(path, current.sessionId), newTrailer);
}

export interface TailChanges {
  readonly recipients?: Recipients;
  readonly anchor?: BundleAnchor;
}

/** Grants, revokes or anchors a standalone bundle: `rewriteTail` with these sections exchanged. */
export async function rewriteSections(path: string, { recipients, anchor }: TailChanges): Promise<void> {
  await finishRewrite(path);
  const { sections, recordsEnd, sessionId } = await readBundleParts(path);
  if (recipients !== undefined && recipients.sessionId !== sessionId)
    throw new BundleError('other_session', recipients.sessionId);
  const changed: Sections = {
    ...sections,
    ...(recipients === undefined ? {} : { KEYS: encodeDocument('recipients', recipients) }),
    ...(anchor === undefined ? {} : { ANCH: encodeDocument('anchor', anchor) }),
  };
  await rewriteTail(path, encodeTrailer(changed, recordsEnd));
}
