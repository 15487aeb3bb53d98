import type { Lucid } from '../host/lucid.ts';
import type { Output } from './output.ts';

/** What a command that works with sessions is given. */
export interface CommandContext {
  readonly lucid: Lucid;
  readonly output: Output;
  readonly process: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>;
  /** Aborts when a signal asks the command to end; the reason is its name. */
  readonly abort: AbortSignal;
}
