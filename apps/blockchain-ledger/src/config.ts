import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const LedgerConfig = Type.Object({
  LEDGER_DATA_DIR: Type.String({ minLength: 1, description: 'folder of the log' }),
  LEDGER_SIGNING_KEY: secret(
    Type.String({
      pattern: '^[0-9a-f]{64}$',
      description: 'Ed25519 seed that signs the heads, 32 bytes in hex',
    }),
  ),
  LEDGER_ORIGIN: Type.String({
    minLength: 1,
    pattern: '^[^ +]+$',
    default: 'lucid.invalid/ledger',
    description: 'name of the log in its checkpoints and of its key',
  }),
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
