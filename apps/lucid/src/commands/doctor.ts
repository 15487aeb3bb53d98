/** `lucid doctor`: is everything here sound, and what to do where it is not. Makes nothing and changes nothing. */
import { exitCodes } from '../cli/cli-error.ts';
import { Output, type Style } from '../cli/output.ts';
import { checkFolder } from './doctor-folder.ts';
import { checkHost } from './doctor-host.ts';
import { type Check, type CheckStatus, checkMachine } from './doctor-machine.ts';
import { findHome } from './open-target.ts';

const styles: Readonly<Record<CheckStatus, Style>> = { ok: 'green', warn: 'yellow', fail: 'red' };

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
  const home = findHome(process.env);
  add(await checkMachine());
  add(await checkFolder(process.env, home));
  if (home) add(await checkHost(process, home));
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const warned = checks.filter(({ status }) => status === 'warn').length;
  output.json({ ok: failed === 0, checks });
  output.line();
  output.line(
    failed > 0
      ? output.style('red', `${failed} of ${checks.length} checks failed`)
      : `all sound${warned > 0 ? `, ${warned} to look at` : ''}`,
  );
  return failed > 0 ? exitCodes.failed : exitCodes.ok;
}
