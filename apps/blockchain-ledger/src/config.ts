import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const LedgerConfig = Type.Object({
  LEDGER_DATA_DIR: Type.String({ minLength: 1, description: 'folder of the log' }),
  LEDGER_SIGNING_KEY: secret(
    Type.String({
      pattern: '^PRIVATE\\+KEY\\+',
      description: 'signer key of the log, in the form of Go’s note package; its name is the log’s origin',
    }),
  ),
  LEDGER_WITNESSES: Type.String({
    default: '',
    description: 'verifier keys of the witnesses whose cosignatures are taken, separated by spaces',
  }),
  LEDGER_HEAD_MARK: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'file that remembers the last head given out, best on another disk; default in the data folder',
    }),
  ),
});

export type LedgerConfig = Static<typeof LedgerConfig>;
