/** What a restore writes into the database about itself, so that whoever comes after a kill knows what is there. */
import type { BackupDatabase } from '@lucid/store-mongo/backup';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';

const RestoreState = Type.Object({
  backup: Type.String(),
  /** SHA-256 of its manifest. */
  manifestHash: Type.String(),
  /** `loading`: into collections aside, nothing else was touched; `swapping`: collections are put in place, one after another. */
  phase: Type.Union([Type.Literal('loading'), Type.Literal('swapping')]),
  /** The database is partly that of this backup: of this restore, or of an earlier one that was cut off. */
  mixedWith: Type.Optional(Type.String()),
  /** In the order in which they are put in place. */
  collections: Type.Array(
    Type.Object({
      name: Type.String(),
      aside: Type.String(),
      documents: Type.Integer(),
      indexes: Type.Integer(),
    }),
  ),
  /** Collections that go. */
  drop: Type.Array(Type.String()),
});
export type RestoreState = Static<typeof RestoreState>;

/** Null where no restore is under way or was cut off. @throws RangeError where it cannot be read */
export async function readRestoreState(database: BackupDatabase): Promise<RestoreState | null> {
  const text = await database.readJournal();
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  if (!Check(RestoreState, value)) throw new RangeError('the state of a restore is of another version');
  return value as RestoreState;
}

export const writeRestoreState = (database: BackupDatabase, state: RestoreState): Promise<void> =>
  database.writeJournal(JSON.stringify(state));
