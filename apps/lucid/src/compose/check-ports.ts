/** Are the ports that the stack publishes free, or published by it already? */
import { createServer } from 'node:net';
import { plainReason } from '../cli/plain-reason.ts';
import { type Check, fail, ok } from '../commands/doctor-machine.ts';
import type { StackContainer } from './containers.ts';
import { type Docker, parseLines } from './docker.ts';
import type { StackModel } from './model.ts';

interface Published {
  readonly service: string;
  readonly host: string;
  readonly port: number;
}

export const publishedPorts = ({ services }: Pick<StackModel, 'services'>): Published[] =>
  Object.entries(services).flatMap(([service, { ports }]) =>
    (ports ?? []).flatMap(({ host_ip: host = '0.0.0.0', published }) =>
      published === undefined ? [] : [{ service, host, port: Number(published) }],
    ),
  );

/** Why it cannot be listened on, or null. A port below 1024 that this user may not open is no fault: Docker's daemon opens it. */
export const whyNot = (host: string, port: number): Promise<NodeJS.ErrnoException | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EACCES' ? null : error));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });

const variableOf = (service: string): string => `LUCID_${service.toUpperCase().replaceAll('-', '_')}_PORT`;

function judge({ service, host, port }: Published, error: NodeJS.ErrnoException): Check {
  const place = `${host}:${port}`;
  if (error.code === 'EADDRNOTAVAIL')
    return fail(
      'ports',
      `${host} is no address of this machine, so ${service} cannot be published there`,
      'Correct LUCID_PUBLISH in compose/.env: 127.0.0.1 for this machine only, 0.0.0.0 for everybody.',
    );
  return fail(
    'ports',
    `${place} for ${service} cannot be had: ${plainReason(error)}`,
    `Stop that program, or set another port in compose/.env: ${variableOf(service)}=${port + 1}`,
  );
}

interface Listed {
  readonly Names: string;
  /** `127.0.0.1:8080->8080/tcp, …` */
  readonly Ports: string;
}

/** Which container publishes the port: without Docker's proxy no program of the machine listens there. */
async function readPublishers(docker: Docker): Promise<(at: Published) => string | undefined> {
  const listed = parseLines<Listed>((await docker.run('ps', '--format', '{{json .}}')).stdout);
  const taken = listed.flatMap(({ Names, Ports }) =>
    [...Ports.matchAll(/([\d.]+):(\d+)->/g)].map(([, host, port]) => ({ Names, host, port: Number(port) })),
  );
  const meet = (one: string, other: string | undefined) =>
    one === other || one === '0.0.0.0' || other === '0.0.0.0';
  return ({ host, port }) => taken.find((each) => each.port === port && meet(host, each.host))?.Names;
}

const byContainer = ({ service, host, port }: Published, container: string): Check =>
  fail(
    'ports',
    `${host}:${port} for ${service} is published by the container ${container}`,
    `Stop that container, or set another port in compose/.env: ${variableOf(service)}=${port + 1}`,
  );

/** Of a daemon on another machine only its containers are known. */
const isElsewhere = ({ env }: Docker): boolean => /^(tcp|ssh|https?):/.test(env.DOCKER_HOST ?? '');

export async function checkPorts(
  docker: Docker,
  { model, containers }: { readonly model: StackModel; readonly containers: readonly StackContainer[] },
): Promise<Check[]> {
  const running = new Set(
    containers.filter(({ status }) => status === 'running').map((each) => each.service),
  );
  const wanted = publishedPorts(model);
  const publisherOf = await readPublishers(docker);
  const bad: Check[] = [];
  for (const each of wanted.filter(({ service }) => !running.has(service))) {
    const container = publisherOf(each);
    const error = container || isElsewhere(docker) ? null : await whyNot(each.host, each.port);
    if (container) bad.push(byContainer(each, container));
    else if (error) bad.push(judge(each, error));
  }
  if (bad.length > 0) return bad;
  return [
    ok('ports', wanted.map(({ service, host, port }) => `${host}:${port} ${service}`).join(', ') || 'none'),
  ];
}
