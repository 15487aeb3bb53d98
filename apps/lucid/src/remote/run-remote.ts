/** Runs one command's work against a host, and tells its failures in words. */
import { Output } from '../cli/output.ts';
import { toRemoteError } from './remote-error.ts';
import { openRemoteHost, type RemoteHost } from './remote-host.ts';

export interface RemoteOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Of --host. */
  readonly at?: string | undefined;
  /** It is about the login that is kept here, whatever LUCID_TOKEN says. */
  readonly ofLogin?: boolean;
}

export interface RemoteContext {
  readonly host: RemoteHost;
  readonly output: Output;
  readonly process: NodeJS.Process;
}

export async function runRemote(
  process: NodeJS.Process,
  options: RemoteOptions,
  work: (context: RemoteContext) => Promise<number>,
): Promise<number> {
  const output = new Output(process, options);
  const env = options.ofLogin ? { ...process.env, LUCID_TOKEN: '' } : process.env;
  const host = openRemoteHost(env, options.at);
  try {
    return await work({ host, output, process });
  } catch (error) {
    throw toRemoteError(error, { origin: host.origin, givenToken: host.givenToken !== undefined });
  } finally {
    await host.close();
  }
}
