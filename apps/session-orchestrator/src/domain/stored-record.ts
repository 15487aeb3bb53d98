/** Reading the control records of a session back: they, not this service's memory, say what the evidence says. */
import {
  type DocumentKind,
  type ParsedDocument,
  parseDocument,
  parseRecordHeader,
  RECORD_HEADER_BYTES,
} from '@lucid/session-format';
import type { Clients } from './dependencies.ts';
import { PermanentFailure } from './failure.ts';

type ControlKind = Extract<DocumentKind, 'sessionHeader' | 'sessionClose'>;
type Control<K extends ControlKind> = Extract<ParsedDocument<K>, { ok: true }>['value'];

const recordTypeOf = { sessionHeader: 'header', sessionClose: 'close' } as const;

/** @throws PermanentFailure where the record is not of this kind; ProblemError of the encryptor */
export async function readControl<K extends ControlKind>(
  encryptor: Clients['encryptor'],
  at: { readonly sessionId: string; readonly index: number },
  kind: K,
): Promise<Control<K>> {
  const bytes = await encryptor.getRecord({ params: at });
  const header = parseRecordHeader(bytes);
  if (!header.ok) throw new PermanentFailure(`record ${at.index} cannot be read: ${header.fault}`);
  if (header.header.type !== recordTypeOf[kind])
    throw new PermanentFailure(`record ${at.index} is not the ${recordTypeOf[kind]} record`);
  const parsed = parseDocument(kind, bytes.subarray(RECORD_HEADER_BYTES));
  if (!parsed.ok) throw new PermanentFailure(`record ${at.index} cannot be read: ${parsed.detail}`);
  return parsed.value as Control<K>;
}
