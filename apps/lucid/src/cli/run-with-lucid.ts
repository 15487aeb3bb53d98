/** Runs one command's work with an open host, and ends both in order. */
import { createLog, logDestination, silentLog } from '@lucid/service-kit';
import type { CodecChoice } from '@lucid/zstd';
import { openHome, requireHome } from '../host/home.ts';
import type { OpenLucidOptions } from '../host/lucid.ts';
import { openNodeKeys, readNodeKeys } from '../host/node-keys.ts';
import { openLucid } from '../host/open-lucid.ts';
import { settleSessions } from '../host/settle-sessions.ts';
import type { CommandContext } from './command-context.ts';
import { Output } from './output.ts';
import { toCliError } from './to-cli-error.ts';
import { welcome } from './welcome.ts';

/** The first of these ends the work in order (`abort` has its name as reason); the second of a kind ends the process. */
export const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface RunOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly serve?: boolean;
  /** Makes the data folder and its keys where there are none; else that is told. */
  readonly makes?: boolean;
  /** What a killed host left is finished before the work begins, not only after it: for commands that tell of sessions. */
  readonly settled?: boolean;
  readonly codec?: CodecChoice;
  /** As `openLucid` takes it. */
  readonly chain?: OpenLucidOptions['chain'];
}

/** Logs of a host inside a command go to standard error, and only where asked for. */
export const commandLog = (env: NodeJS.ProcessEnv) =>
  env.LUCID_LOG
    ? createLog({
        level: env.LUCID_LOG === '1' ? 'info' : (env.LUCID_LOG as 'info'),
        destination: logDestination(2),
        fields: {},
      })
    : silentLog;

export async function runWithLucid(
  process: NodeJS.Process,
  options: RunOptions,
  work: (context: CommandContext) => Promise<number>,
): Promise<number> {
  const output = new Output(process, options);
  if (!options.makes) requireHome(process.env);
  const home = openHome(process.env);
  const keys = options.makes ? await openNodeKeys(home) : readNodeKeys(home);
  welcome(output, home, keys);
  const lucid = await openLucid({
    home,
    keys,
    env: process.env,
    log: commandLog(process.env),
    codec: options.codec ?? 'auto',
    serve: options.serve ?? false,
    ...(options.chain ? { chain: options.chain } : {}),
  }).catch((error: unknown) => {
    throw toCliError(error);
  });
  const abort = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => abort.abort(signal);
  for (const signal of ENDING) process.once(signal, onSignal);
  try {
    if (options.settled) await settleSessions(lucid);
    return await work({ lucid, output, process, abort: abort.signal });
  } catch (error) {
    throw toCliError(error);
  } finally {
    for (const signal of ENDING) process.off(signal, onSignal);
    if (!abort.signal.aborted) await settleSessions(lucid).catch(() => false);
    await lucid.close();
  }
}
