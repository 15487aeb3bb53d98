/** The header and the policy events of a bundle, read as a stranger reads them. */
import type { PolicyEventDetail } from '@lucid/control-policy';
import {
  type ParsedDocument,
  parseDocument,
  parseRecordHeader,
  RECORD_HEADER_BYTES,
  type SessionHeader,
} from '@lucid/session-format';

const PREAMBLE_BYTES = 64;

function sound<T>(parsed: { ok: true; value: T } | { ok: false; detail: string }): T {
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}

export function policyDetailsOf(file: Uint8Array): { header: SessionHeader; details: PolicyEventDetail[] } {
  let header: SessionHeader | null = null;
  const details: PolicyEventDetail[] = [];
  for (let at = PREAMBLE_BYTES; ; ) {
    const head = parseRecordHeader(file.subarray(at));
    if (!head.ok) break;
    const { type, payloadSizeBytes, sealed } = head.header;
    const from = at + RECORD_HEADER_BYTES;
    const payload = file.subarray(from, from + payloadSizeBytes);
    if (type === 'header')
      header = sound(parseDocument('sessionHeader', payload) as ParsedDocument<'sessionHeader'>);
    if (type === 'event') {
      const event = sound(parseDocument('sessionEvent', payload));
      if (event.event === 'policy' && event.detail) details.push(event.detail);
    }
    at = from + payloadSizeBytes;
    if (type === 'close') break;
    if (sealed && payloadSizeBytes === 0) break;
  }
  if (!header) throw new Error('there is no header record');
  return { header, details };
}
