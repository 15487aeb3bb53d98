/** How the containers of a stack are: running, healthy, ready, and what they lack. */
import type { Readiness } from '@lucid/service-kit';
import { type ServiceName, serviceAt, services } from '@lucid/topology';
import { type Check, fail, ok, warn } from '../commands/doctor-machine.ts';
import { readMemory, type StackContainer } from './containers.ts';
import type { Docker } from './docker.ts';
import type { StackModel } from './model.ts';
import { containerOrigin } from './stack-services.ts';

const PROBE_MS = 3_000;
const SAID_CHARS = 160;

/** They show who comes from outside whether they live, and no more. */
const FRONTS: readonly string[] = ['api-gateway', 'openapi-gateway'];

const isApp = (service: string): service is ServiceName =>
  Object.hasOwn(services, service) && serviceAt(service as ServiceName).image?.kind === 'node';

/** Names of what it lacks; null where it does not say. */
async function lacksOf(service: string): Promise<readonly string[] | null> {
  if (!isApp(service) || FRONTS.includes(service) || process.platform !== 'linux') return null;
  try {
    const answer = await fetch(`${containerOrigin(service)}/ready`, {
      signal: AbortSignal.timeout(PROBE_MS),
    });
    const { dependencies = {} } = (await answer.json()) as Readiness;
    return Object.entries(dependencies).flatMap(([name, { status }]) => (status === 'up' ? [] : [name]));
  } catch {
    return null;
  }
}

const timesText = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const sentence = (text: string): string => {
  const [line = ''] = text.split('\n');
  return line.length > SAID_CHARS ? `${line.slice(0, SAID_CHARS)}…` : line;
};

function judgeDown(service: string, { status, name, exitCode, outOfMemory }: StackContainer): Check {
  const why = outOfMemory ? ', it had used up its memory' : '';
  return fail(
    service,
    `${status}, ended with status ${exitCode}${why}`,
    `See why: docker logs --tail 20 ${name}; then: lucid up --compose`,
  );
}

interface Known {
  readonly memory: string | undefined;
  readonly lacks: readonly string[] | null;
  /** Services that the stack starts. */
  readonly started: readonly string[];
}

/** What it lacks is not at fault where that was not asked for: a service of a higher layer, of another profile. */
function judgeLacks(
  { service, name }: StackContainer,
  facts: string,
  { lacks, started }: { readonly lacks: readonly string[]; readonly started: readonly string[] },
): Check {
  const text = `${facts}; not ready, it lacks: ${lacks.join(', ')}`;
  return lacks.every((each) => Object.hasOwn(services, each) && !started.includes(each))
    ? warn(service, text, 'That is of another layer or profile; start it, too, where it is needed.')
    : fail(
        service,
        text,
        `Look after what it lacks; it goes on by itself then. Its log: docker logs --tail 20 ${name}`,
      );
}

export function judgeContainer(container: StackContainer, { memory, lacks, started }: Known): Check {
  const { service, name, status, health, said, restarts, memoryLimitBytes } = container;
  if (status !== 'running') return judgeDown(service, container);
  const limit = memoryLimitBytes > 0 ? ` of ${Math.round(memoryLimitBytes / 1_048_576)} MiB` : '';
  const facts = [health ?? 'running', ...(memory ? [`${memory}${limit}`] : [])].join(', ');
  if (lacks !== null && lacks.length > 0) return judgeLacks(container, facts, { lacks, started });
  if (health === 'unhealthy')
    return fail(service, `${facts}: ${sentence(said)}`, `See why: docker logs --tail 20 ${name}`);
  if (health === 'starting') return warn(service, facts, 'Look again in a moment.');
  if (restarts > 0)
    return warn(
      service,
      `${facts}, was started again ${timesText(restarts)}`,
      `See why it ended: docker logs ${name}`,
    );
  return ok(service, facts);
}

/** Which database stands behind `mongodb`: its image says it. */
export async function databaseOf(
  docker: Docker,
  containers: readonly StackContainer[],
): Promise<string | undefined> {
  const container = containers.find(({ service }) => service === 'mongodb');
  if (!container) return undefined;
  const format = '{{index .Config.Labels "org.lucid.mongodb"}}';
  const { stdout, status } = await docker.run('image', 'inspect', '--format', format, container.image);
  const named = stdout.trim();
  return status === 0 && named !== '' && named !== '<no value>' ? named : undefined;
}

const OFFICIAL = /^mongo:/;

const judgeDatabase = (name: string): Check =>
  OFFICIAL.test(name)
    ? ok('database', name)
    : warn(
        'database',
        `${name}, in place of mongo:7`,
        'Good for trying out; where a registry is in reach, build mongodb again on mongo:7.',
      );

/** One check for each service of the stack. */
export async function checkContainers(
  docker: Docker,
  { model, containers }: { readonly model: StackModel; readonly containers: readonly StackContainer[] },
): Promise<Check[]> {
  const names = Object.keys(model.services);
  if (!containers.some(({ service }) => names.includes(service)))
    return [warn('stack', 'does not run', 'Start it: lucid up --compose')];
  const memory = await readMemory(docker, containers);
  const checks = names.map(async (service) => {
    const container = containers.find((each) => each.service === service);
    if (!container) return fail(service, 'has no container', 'Start what is missing: lucid up --compose');
    const lacks = container.status === 'running' ? await lacksOf(service) : null;
    return judgeContainer(container, { memory: memory.get(container.id), lacks, started: names });
  });
  const database = await databaseOf(docker, containers);
  return [...(await Promise.all(checks)), ...(database ? [judgeDatabase(database)] : [])];
}
