/** Step 3: the manifest, from record 0, the counts of the log and the final root (evidence-format.md section 5). */
import { bytesToHex } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { encodeDocument, type Manifest, type SessionHeader } from '@lucid/session-format';
import type { SessionRow } from '../../store/session-row.ts';
import type { StepWork } from '../dependencies.ts';
import { PermanentFailure } from '../failure.ts';
import { readControl } from '../stored-record.ts';

/** The value of a step before this one, which was stored before this one began. */
function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new PermanentFailure(`${name} is not known; an earlier step did not finish`);
  return value;
}

function manifestOf(
  row: SessionRow,
  header: SessionHeader,
  counts: readonly { track: number; chunks: number; plainBytes: number }[],
): Manifest {
  const countsOf = (track: number) => counts.find((each) => each.track === track);
  return {
    format: 'lucid-manifest/1',
    sessionId: row.sessionId,
    owner: header.owner,
    recorder: header.recorder,
    ...(header.policyHash === undefined ? {} : { policyHash: header.policyHash }),
    startedAtUs: header.startedAtUs,
    endedAtUs: known(row.endedAtUs, 'the end'),
    closed: known(row.closed, 'how it was closed'),
    ...(row.closeReason === undefined ? {} : { reason: row.closeReason }),
    treeSize: known(row.records, 'the number of records'),
    merkleRoot: known(row.merkleRoot, 'the root'),
    chunkCount: known(row.chunks, 'the number of chunks'),
    plainBytes: known(row.plainBytes, 'the number of bytes'),
    storedBytes: known(row.storedBytes, 'the number of stored bytes'),
    tracks: header.tracks.map((track) => ({
      ...track,
      chunks: countsOf(track.track)?.chunks ?? 0,
      plainBytes: countsOf(track.track)?.plainBytes ?? 0,
    })),
  };
}

export const manifestStep: StepWork = async (row, { encryptor, store }) => {
  const { sessionId } = row;
  const header = await readControl(encryptor, { sessionId, index: 0 }, 'sessionHeader');
  const { tracks } = await encryptor.recordsHead({ params: { sessionId } });
  const manifest = encodeDocument('manifest', manifestOf(row, header, tracks));
  return {
    change: { manifestHash: bytesToHex(sha256(manifest)) },
    evidence: { ...(await store.evidence(sessionId)), manifest },
  };
};
