/** `lucid down --compose`: ends the stack's containers; volumes stay. */
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { countText, Output } from '../cli/output.ts';
import type { Check } from '../commands/doctor-machine.ts';
import { checkEngine } from './check-engine.ts';
import { readContainers } from './containers.ts';
import { createDocker, reasonOf } from './docker.ts';
import { readModel } from './model.ts';
import { type ComposeOptions, findComposePlace } from './place.ts';

export interface ComposeDownOptions extends Pick<ComposeOptions, 'file'> {
  readonly json: boolean;
  readonly quiet: boolean;
}

const throwFirst = (checks: readonly Check[]): void => {
  const failed = checks.find(({ status }) => status === 'fail');
  if (failed) throw new CliError('docker_missing', `${failed.text}. ${failed.advice}`);
};

export async function composeDown(process: NodeJS.Process, options: ComposeDownOptions): Promise<number> {
  const output = new Output(process, options);
  const docker = createDocker(process.env);
  const place = findComposePlace(process.env, options);
  throwFirst(await checkEngine(docker));
  const model = await readModel(docker, place, {});
  const before = await readContainers(docker, model);
  const all = ['compose', '-f', model.file, '--profile', '*'];
  const ran = await docker.show(output.drawsOnTerminal, ...all, 'down');
  if (ran.status !== 0) throw new CliError('stack_failed', `the stack was not taken down: ${reasonOf(ran)}`);
  output.json({ stack: model.project, ended: before.length });
  output.line(
    before.length === 0
      ? `the stack ${model.project} did not run`
      : `${countText(before.length, 'container')} ended; what they keep stays. To delete it for good: docker compose -f ${model.file} --profile '*' down --volumes`,
  );
  return exitCodes.ok;
}
