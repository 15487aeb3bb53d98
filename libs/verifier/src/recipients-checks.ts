import { base64ToBytes, equalBytes, utf8ToBytes } from '@lucid/bytes';
import { parseDocument, type Recipients } from '@lucid/session-format';
import type { FaultList } from './fault.ts';

const AGE_INTRO = utf8ToBytes('age-encryption.org/v1\n');

/** Null where the section is absent, malformed or of another session. */
export function readRecipients(
  bytes: Uint8Array | undefined,
  sessionId: string,
  faults: FaultList,
): Recipients | null {
  if (bytes === undefined) return null;
  const parsed = parseDocument('recipients', bytes);
  if (!parsed.ok) {
    faults.addDetail('recipients_malformed', parsed.detail);
    return null;
  }
  if (parsed.value.sessionId !== sessionId) {
    faults.add('foreign_recipients', `session ${sessionId}`, `session ${parsed.value.sessionId}`);
    return null;
  }
  const odd = parsed.value.wraps.findIndex(
    ({ age }) => !equalBytes(base64ToBytes(age).subarray(0, AGE_INTRO.length), AGE_INTRO),
  );
  if (odd >= 0) faults.addDetail('recipients_malformed', `wraps[${odd}].age is no age file`);
  return parsed.value;
}
