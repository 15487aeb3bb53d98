/** Services of a stack that start when one of them is called for the first time, or when the host says so. */
import type { Instance } from '../instance.ts';
import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import type { ServiceGroup } from './service-group.ts';

export interface LateServices {
  readonly services: readonly string[];
  /** In order of start; what their environment lacks is that of the others. Called again where it, or their start, failed. */
  open(): Promise<ServiceGroup>;
}

interface Host {
  /** Starts them; what it resolves to begins their work. */
  start(group: ServiceGroup): Promise<() => void>;
  instanceOf(service: string): Instance | undefined;
  readonly log: Log;
}

export interface LateGroup {
  /** Undefined for a service that is none of these. @throws ProblemError unavailable */
  instance(service: string): Promise<Instance | undefined> | undefined;
  /** @throws what kept them from starting */
  wake(): Promise<void>;
  /** None starts from now on; resolves when none is about to. */
  end(): Promise<void>;
}

export function createLateGroup({ services, open }: LateServices, host: Host): LateGroup {
  let waking: Promise<void> | undefined;
  let ended = false;
  const begin = async () => {
    const startWorkers = await host.start(await open());
    if (!ended) startWorkers();
  };
  const wake = async () => {
    if (ended) throw new Error('the host stops');
    waking ??= begin().catch((error: unknown) => {
      waking = undefined;
      throw error;
    });
    await waking;
  };
  return {
    wake,
    instance(service) {
      if (!services.includes(service)) return undefined;
      return wake().then(
        () => host.instanceOf(service),
        (error: unknown) => {
          host.log.warn({ service, err: error }, 'could not start it');
          throw new ProblemError('unavailable', { remote: service, cause: error });
        },
      );
    },
    async end() {
      ended = true;
      await waking?.catch(() => {});
    },
  };
}
