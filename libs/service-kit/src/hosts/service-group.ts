/** Services of a stack that start together. */
import type { Environment } from '../config.ts';
import type { AnyServiceDefinition } from '../definition.ts';
import type { Running } from './stop.ts';

export interface ServiceGroup {
  /** In order of start; a service comes after those it needs to be open. Closed in reverse. */
  readonly definitions: readonly AnyServiceDefinition[];
  readonly environment: Environment;
  /** By service: variables that it has otherwise than the rest. */
  readonly ownEnvironment?: Readonly<Record<string, Environment>> | undefined;
}

interface Host {
  start(definition: AnyServiceDefinition, environment: Environment): Promise<Running>;
  readonly running: Running[];
  /** Hears of a worker that failed. */
  onFatal(error: unknown): void;
}

/** All or none. Resolves to what begins their work. @throws what kept one of them from starting */
export async function startGroup(
  { definitions, environment, ownEnvironment }: ServiceGroup,
  host: Host,
): Promise<() => void> {
  const { running } = host;
  const started: Running[] = [];
  try {
    for (const definition of definitions) {
      const own = ownEnvironment?.[definition.contract.service];
      const service = await host.start(definition, own ? { ...environment, ...own } : environment);
      started.push(service);
      running.push(service);
    }
  } catch (error) {
    for (const service of started.reverse()) {
      running.splice(running.indexOf(service), 1);
      await service.server?.close().catch(() => {});
      await service.instance.close().catch(() => {});
    }
    throw error;
  }
  return () => {
    for (const { instance } of started) instance.startWorkers((error) => host.onFatal(error));
  };
}
