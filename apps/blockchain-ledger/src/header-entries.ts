import type { HeaderLog } from './chain/header-log.ts';
import { LedgerError } from './domain/ledger-error.ts';
import type { ReopeningLog } from './reopening-log.ts';

/** Keys that begin so are the chain's own. */
export const BLOCK_KEY_PREFIX = 'block/';

export const blockEntryKey = (height: number): string => `${BLOCK_KEY_PREFIX}${height}`;

/** Headers of blocks as entries of the transparency log. */
export function headerEntriesOf(log: ReopeningLog): HeaderLog {
  return {
    async find(height) {
      try {
        return (await log.reader.entryByKey(blockEntryKey(height))).data;
      } catch (error) {
        if (error instanceof LedgerError && error.code === 'not_in_log') return undefined;
        throw error;
      }
    },
    async append(height, headerRlp) {
      await (await log.writer()).append(headerRlp, { key: blockEntryKey(height) });
    },
    stop(detail) {
      log.reader.stop(new LedgerError('ledger_rolled_back', { detail }));
    },
  };
}
