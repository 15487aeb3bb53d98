import type { Home } from '../host/home.ts';
import { type NodeKeys, ownerIdentityPath, recoveryIdentityPath } from '../host/node-keys.ts';
import type { Output } from './output.ts';

/** What the first run says: where the keys are and what to do with them. */
export function welcome(output: Output, home: Home, keys: NodeKeys): void {
  if (!keys.made.includes(ownerIdentityPath(home))) return;
  output.note(
    [
      `First run: made the data folder ${home.root} and your keys.`,
      `  owner key     ${ownerIdentityPath(home)}`,
      '                opens everything recorded here; back it up, show it to nobody',
      `  recovery key  ${recoveryIdentityPath(home)}`,
      '                opens it too; move it to another place (paper, a USB stick in a safe) and delete it here',
      'Whoever has neither can verify your evidence but never read it; without both nobody can.',
      '',
    ].join('\n'),
  );
}
