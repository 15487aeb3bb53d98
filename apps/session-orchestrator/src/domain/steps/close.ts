/** Step 1: the recorder flushes and closes the log; what it closed as is read back from the closing record. */
import { isProblem } from '@lucid/service-kit';
import type { Closing, SessionRow } from '../../store/session-row.ts';
import { nowUs } from '../clock-us.ts';
import type { Clients, StepWork } from '../dependencies.ts';
import { retainUntilUs } from '../retention.ts';
import { readControl } from '../stored-record.ts';

/** Bytes that were taken but can not be stored any more: the evidence must not say that it ended well. */
const cutShort = (closing: Closing): Closing => ({
  closed: 'interrupted',
  atUs: closing.atUs,
  reason: 'bytes that were captured could not be stored; the session was closed at its last durable record',
});

async function stopRecording(recorder: Clients['recorder'], row: SessionRow, closing: Closing) {
  const { closed, atUs, reason } = closing;
  const body = { closed, atUs, ...(reason === undefined ? {} : { reason }) };
  await recorder.stopRecording({ params: { sessionId: row.sessionId }, body });
}

async function closeLog(recorder: Clients['recorder'], row: SessionRow, closing: Closing): Promise<void> {
  try {
    await stopRecording(recorder, row, closing);
  } catch (error) {
    const lost = isProblem(error, 'session_lost', 'bytes_missing');
    if (!lost || closing.closed === 'interrupted') throw error;
    await stopRecording(recorder, row, cutShort(closing));
  }
}

export const closeStep: StepWork = async (row, { recorder, encryptor, clock, retentionDays }) => {
  const { sessionId } = row;
  const params = { sessionId };
  const closing: Closing = row.closing ?? { closed: 'ended', atUs: nowUs(clock) };
  const before = await encryptor.recordsHead({ params });
  if (!before.closed) await closeLog(recorder, row, closing);
  const head = before.closed ? before : await encryptor.recordsHead({ params });
  // The recorder answered, so this is between two services: trying again settles it.
  if (!head.closed) throw new Error('the log has no closing record yet');
  const close = await readControl(encryptor, { sessionId, index: head.records - 1 }, 'sessionClose');
  await encryptor.forgetKey({ params });
  const { records, chunks, plainBytes, storedBytes } = head;
  return {
    change: {
      ...{ records, chunks, plainBytes, storedBytes },
      closed: close.closed,
      closeReason: close.reason,
      endedAtUs: close.atUs,
      retainUntilUs: retainUntilUs(close.atUs, row.retentionDays ?? retentionDays),
    },
  };
};
