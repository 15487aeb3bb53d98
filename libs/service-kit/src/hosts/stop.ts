/** The graceful stop that every host shares. */
import type { Instance } from '../instance.ts';
import type { Log } from '../log.ts';
import type { HttpServer } from '../server/http-server.ts';
import type { Tracing } from '../tracing.ts';

export interface Running {
  readonly instance: Instance;
  /** Absent where calls come over the local transport. */
  readonly server?: HttpServer | undefined;
}

/**
 * Workers first, because finishing their work may need the other services; then each service in reverse order of its
 * start: no new requests, running ones finish, its context closes. After `graceMs` whatever still runs is told to
 * abort. One failing close does not keep the others from closing; the first failure is thrown at the end.
 */
export async function stopServices(options: {
  running: readonly Running[];
  graceMs: number;
  tracing: Tracing;
  log: Log;
}): Promise<void> {
  const { running, graceMs, tracing, log } = options;
  const failures: unknown[] = [];
  const attempt = async (service: string, step: () => Promise<void> | undefined) => {
    try {
      await step();
    } catch (error) {
      log.error({ service, err: error }, 'could not stop cleanly');
      failures.push(error);
    }
  };
  const timer = setTimeout(() => {
    for (const { instance, server } of running) {
      instance.dispatcher.abortAll();
      server?.abort();
    }
  }, graceMs);
  try {
    await Promise.all(running.map(({ instance }) => attempt(instance.service, () => instance.stopWorkers())));
    for (const { instance, server } of [...running].reverse()) {
      await attempt(instance.service, () => server?.close());
      await attempt(instance.service, () => instance.close());
    }
    await tracing.close();
  } finally {
    clearTimeout(timer);
  }
  if (failures.length > 0) throw failures[0];
}
