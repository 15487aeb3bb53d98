/** As `runWithLucid`, with the services of a stack in containers. */
import type { CommandContext } from '../cli/command-context.ts';
import { Output } from '../cli/output.ts';
import { ENDING, type RunOptions } from '../cli/run-with-lucid.ts';
import { welcome } from '../cli/welcome.ts';
import { openHome } from '../host/home.ts';
import { type NodeKeys, openNodeKeys } from '../host/node-keys.ts';
import { openStackLucid } from './stack-lucid.ts';
import { toStackError } from './stack-services.ts';

async function ownKeys(env: NodeJS.ProcessEnv, output: Output): Promise<NodeKeys> {
  const home = openHome(env);
  const keys = await openNodeKeys(home);
  welcome(output, home, keys);
  return keys;
}

export async function runWithStack(
  process: NodeJS.Process,
  options: Pick<RunOptions, 'json' | 'quiet' | 'makes'>,
  work: (context: CommandContext) => Promise<number>,
): Promise<number> {
  const output = new Output(process, options);
  const { env } = process;
  // What has no keys yet gets them only where the stack is there to record with.
  const lucid = openStackLucid(env, { output });
  const abort = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => abort.abort(signal);
  for (const signal of ENDING) process.once(signal, onSignal);
  try {
    if (options.makes) await ownKeys(env, output);
    return await work({ lucid, output, process, abort: abort.signal });
  } catch (error) {
    throw toStackError(error);
  } finally {
    for (const signal of ENDING) process.off(signal, onSignal);
    await lucid.close();
  }
}
