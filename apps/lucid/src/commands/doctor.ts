/** `lucid doctor`: is everything here sound, and what to do where it is not. Makes nothing and changes nothing. */
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output, type Style } from '../cli/output.ts';
import { type Home, requireHome } from '../host/home.ts';
import { assertStarted } from '../host/node-keys.ts';
import { checkFolder, checkNoFolder, FOLDER } from './doctor-folder.ts';
import { checkHost } from './doctor-host.ts';
import { type Check, type CheckStatus, checkMachine } from './doctor-machine.ts';

const styles: Readonly<Record<CheckStatus, Style>> = { ok: 'green', warn: 'yellow', fail: 'red' };

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

export async function doctor(
  process: NodeJS.Process,
  options: { readonly json: boolean; readonly quiet: boolean },
): Promise<number> {
  const output = new Output(process, options);
  const checks: Check[] = [];
  const add = (found: readonly Check[]) => {
    checks.push(...found);
    for (const { name, status, text, advice } of found) {
      if (options.quiet && status === 'ok') continue;
      output.line(`${output.style(styles[status], status.padEnd(4))}  ${name.padEnd(12)} ${text}`);
      if (advice) output.line(`      ${' '.repeat(12)} ${output.style('dim', '→')} ${advice}`);
    }
  };
  add(await checkMachine());
  const home = lookForHome(process.env);
  if (home instanceof CliError) add(checkNoFolder(home));
  else {
    add(await checkFolder(home));
    add(await checkHost(process, home));
  }
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const warned = checks.filter(({ status }) => status === 'warn').length;
  output.json({ ok: failed === 0, checks });
  output.line();
  output.line(
    failed > 0
      ? output.style('red', `${failed} of ${checks.length} checks failed`)
      : `all sound${warned > 0 ? `, ${warned} to look at` : ''}`,
  );
  if (failed === 0) return exitCodes.ok;
  return checks.some(({ name, status }) => name === FOLDER && status === 'fail')
    ? exitCodes.uncheckable
    : exitCodes.failed;
}
