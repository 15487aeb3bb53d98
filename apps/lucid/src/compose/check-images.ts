/** Is every image of the stack here? */
import { type Check, fail, ok } from '../commands/doctor-machine.ts';
import type { Docker } from './docker.ts';
import type { StackModel } from './model.ts';

/** Names beyond these are counted. */
const NAMED = 4;

export async function checkImages(docker: Docker, { services, file }: StackModel): Promise<Check> {
  const images = [...new Set(Object.values(services).flatMap(({ image }) => image ?? []))];
  const found = await Promise.all(
    images.map((image) => docker.run('image', 'inspect', '--format', '{{.Id}}', image)),
  );
  const missing = images.filter((_, at) => found[at]?.status !== 0);
  if (missing.length === 0) return ok('images', `${images.length} here`);
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
  return fail(
    'images',
    `${missing.length} of ${images.length} are not on this machine: ${missing.slice(0, NAMED).join(', ')}${more}`,
    `Build them: npx nx run-many -t docker-build; or fetch them from a registry: docker compose -f ${file} pull`,
  );
}
