import { bytesToUtf8, utf8ToBytes } from '@lucid/bytes';
import type { LedgerContext } from '../context.ts';
import { asProblems, problem } from './problems.ts';

export const readCheckpoint = (context: LedgerContext): Uint8Array =>
  utf8ToBytes(context.log.reader.checkpoint());

export function readCosigned(context: LedgerContext): Uint8Array {
  const cosigned = context.log.reader.cosigned();
  if (!cosigned) throw problem('not_in_log', { detail: 'No witness cosigned a checkpoint of this log yet.' });
  return utf8ToBytes(cosigned.note);
}

export const addCosignature = (context: LedgerContext, body: Uint8Array): Promise<Uint8Array> =>
  asProblems(async () => utf8ToBytes((await context.log.reader.addCosignature(noteText(body))).note));

function noteText(body: Uint8Array): string {
  try {
    return bytesToUtf8(body);
  } catch (cause) {
    throw problem('cosignature_invalid', { detail: 'The note is not UTF-8.', cause });
  }
}
