/** `lucid doctor --compose`: can the stack start here, and how is it where it runs? Makes nothing and changes nothing. */
import { exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { createReport } from '../commands/doctor-report.ts';
import { checkFirewall } from './check-firewall.ts';
import { checkStack } from './checks.ts';
import { createDocker } from './docker.ts';
import { type ComposeOptions, findComposePlace } from './place.ts';
import { checkContainers } from './stack-state.ts';

const NAME_CHARS = 22;

export async function composeDoctor(
  process: NodeJS.Process,
  options: ComposeOptions & { readonly json: boolean; readonly quiet: boolean },
): Promise<number> {
  const report = createReport(new Output(process, options), NAME_CHARS);
  const docker = createDocker(process.env);
  const { checks, stack } = await checkStack(docker, findComposePlace(process.env, options), options);
  report.add(checks);
  if (stack) {
    report.add([checkFirewall()]);
    report.add(await checkContainers(docker, stack));
  }
  if (report.end()) return exitCodes.ok;
  return stack ? exitCodes.failed : exitCodes.uncheckable;
}
