/** `lucid doctor`: is everything here sound, and what to do where it is not. Makes nothing and changes nothing. */
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { type Home, requireHome } from '../host/home.ts';
import { assertStarted } from '../host/node-keys.ts';
import { checkFolder, checkNoFolder, FOLDER } from './doctor-folder.ts';
import { checkHost } from './doctor-host.ts';
import { checkMachine } from './doctor-machine.ts';
import { createReport } from './doctor-report.ts';

function lookForHome(env: NodeJS.ProcessEnv): Home | CliError {
  try {
    const home = requireHome(env);
    assertStarted(home);
    return home;
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}

const NAME_CHARS = 12;

export async function doctor(
  process: NodeJS.Process,
  options: { readonly json: boolean; readonly quiet: boolean },
): Promise<number> {
  const report = createReport(new Output(process, options), NAME_CHARS);
  report.add(await checkMachine());
  const home = lookForHome(process.env);
  if (home instanceof CliError) report.add(checkNoFolder(home));
  else {
    report.add(await checkFolder(home));
    report.add(await checkHost(process, home));
  }
  if (report.end()) return exitCodes.ok;
  return report.checks.some(({ name, status }) => name === FOLDER && status === 'fail')
    ? exitCodes.uncheckable
    : exitCodes.failed;
}
