import { utf8ToBytes } from '@lucid/bytes';
import { parseCheckpoint, parseNote } from '@lucid/checkpoint';
import {
  type BundleAnchor,
  encodeDocument,
  encodeIndex,
  encodeTrailer,
  type IndexRow,
  type Manifest,
  type Recipients,
  sessionOrigin,
  tilingFault,
} from '@lucid/session-format';
import { BundleError } from './errors.ts';

export interface TrailerParts {
  readonly sessionId: string;
  readonly manifest: Manifest;
  /** The signed final checkpoint. */
  readonly checkpoint: string;
  /** By log index. */
  readonly rows: readonly IndexRow[];
  readonly recipients: Recipients;
  readonly anchor?: BundleAnchor;
  /** Offset behind the last record. */
  readonly recordsEnd: number;
}

function assertFitting({
  sessionId,
  manifest,
  checkpoint,
  rows,
  recipients,
  recordsEnd,
}: TrailerParts): void {
  const { origin, size } = parseCheckpoint(parseNote(checkpoint).text);
  const ids = [manifest.sessionId, recipients.sessionId].every((each) => each === sessionId);
  if (!ids || origin !== sessionOrigin(sessionId))
    throw new BundleError('other_session', `not all of ${sessionId}`);
  const sizes = [rows.length, manifest.treeSize, size];
  if (new Set(sizes).size > 1)
    throw new BundleError(
      'records_differ',
      `index, manifest and checkpoint have ${sizes.join(', ')} records`,
    );
  const gap = tilingFault(rows, recordsEnd);
  if (gap !== null) throw new BundleError('records_differ', gap);
}

/**
 * Sections and footer of a bundle (docs/evidence-format.md section 7).
 *
 * @throws BundleError other_session, records_differ where the parts do not belong together; TypeError where one does not have
 *   its shape; NoteError where the checkpoint is none.
 */
export function buildTrailer(parts: TrailerParts): Uint8Array {
  assertFitting(parts);
  const { manifest, checkpoint, rows, recipients, anchor, recordsEnd } = parts;
  return encodeTrailer(
    {
      MANI: encodeDocument('manifest', manifest),
      CKPT: utf8ToBytes(checkpoint),
      INDX: encodeIndex(rows),
      KEYS: encodeDocument('recipients', recipients),
      ...(anchor === undefined ? {} : { ANCH: encodeDocument('anchor', anchor) }),
    },
    recordsEnd,
  );
}
