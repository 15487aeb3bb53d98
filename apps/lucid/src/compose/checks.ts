/** Everything that must hold before a stack can start, in the order in which it would fail. */
import { existsSync } from 'node:fs';
import { CliError } from '../cli/cli-error.ts';
import { type Check, fail, ok } from '../commands/doctor-machine.ts';
import { checkData } from './check-data.ts';
import { checkEngine } from './check-engine.ts';
import { checkImages } from './check-images.ts';
import { checkNetworks } from './check-networks.ts';
import { checkPorts } from './check-ports.ts';
import { checkSecrets } from './check-secrets.ts';
import { readContainers, type StackContainer } from './containers.ts';
import type { Docker } from './docker.ts';
import { readModel, type StackModel } from './model.ts';
import type { ComposeOptions, ComposePlace } from './place.ts';

export interface Checked {
  readonly checks: readonly Check[];
  /** Null where nothing can be said of the stack: no Docker, or a file that compose refuses. */
  readonly stack: { readonly model: StackModel; readonly containers: readonly StackContainer[] } | null;
}

const isFailed = ({ status }: Check): boolean => status === 'fail';

/** @throws CliError usage where a profile is none */
export async function checkStack(
  docker: Docker,
  place: ComposePlace,
  options: Pick<ComposeOptions, 'profile'>,
): Promise<Checked> {
  const engine = await checkEngine(docker);
  if (engine.some(isFailed)) return { checks: engine, stack: null };
  if (place.ours && !existsSync(place.secrets)) {
    const none = fail(
      'secrets',
      `there are none in ${place.secrets}`,
      'Make them: node tools/make-secrets.mjs',
    );
    return { checks: [...engine, none], stack: null };
  }
  let model: StackModel;
  try {
    model = await readModel(docker, place, options);
  } catch (error) {
    if (!(error instanceof CliError) || error.code === 'usage') throw error;
    return {
      checks: [...engine, fail('file', error.message, 'Correct it, or its settings in .env.')],
      stack: null,
    };
  }
  const containers = await readContainers(docker, model);
  return {
    checks: [
      ...engine,
      ok('file', `${place.file}, ${Object.keys(model.services).length} services, stack ${model.project}`),
      ...checkSecrets(model),
      await checkImages(docker, model),
      ...(await checkNetworks(docker, model)),
      ...(await checkPorts(docker, { model, containers })),
      ...checkData(model),
    ],
    stack: { model, containers },
  };
}
