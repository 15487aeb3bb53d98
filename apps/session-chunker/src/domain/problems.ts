import { sessionChunkerContract } from '@lucid/contracts';
import { isProblem, problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(sessionChunkerContract);

/** The encryptor will never again add a record to this session as things are. */
export const isEndOfSession = (error: unknown): boolean =>
  isProblem(error, 'key_forgotten', 'session_closed', 'session_unknown', 'record_damaged');

/** The encryptor has other records than we thought. */
export const isOutOfStep = (error: unknown): boolean =>
  isProblem(error, 'record_out_of_order', 'record_conflict');
