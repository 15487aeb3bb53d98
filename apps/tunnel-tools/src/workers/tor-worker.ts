/** Keeps Tor at what the registry says: at the start, when Tor comes back, after each change, and now and then. */
import type { CreateOnion } from '@lucid/contracts';
import type { Clock, Log, Worker } from '@lucid/service-kit';
import { type ControlLink, isTorControlError, type TorControl } from '@lucid/tor-control';
import type { Static } from 'typebox';
import type { Onions } from '../domain/onions.ts';
import type { Publisher } from '../domain/publisher.ts';
import type { Tunnels } from '../domain/tunnels.ts';
import type { DurableFolder } from '../store/durable-folder.ts';

/** What another process changed is found this late. */
const ROUND_MS = 30_000;

export interface TorWorkerOptions {
  readonly folder: DurableFolder;
  readonly link: ControlLink;
  readonly publisher: Publisher;
  readonly onions: Onions;
  readonly tunnels: Tunnels;
  /** Onion services that there are to be from the start. */
  readonly wanted: readonly Static<typeof CreateOnion>[];
  readonly clock: Clock;
  readonly log: Log;
}

export function createTorWorker(options: TorWorkerOptions): Worker {
  const { folder, link, publisher, onions, tunnels, wanted, clock, log } = options;
  const followed = new WeakSet<TorControl>();
  const failed = (what: string) => (error: unknown) => log.error({ err: error }, what);

  const opened = async (control: TorControl): Promise<void> => {
    if (!followed.has(control)) {
      followed.add(control);
      await control.onDescriptor((event) => publisher.heard(event));
      log.info({ version: await control.info('version') }, 'Tor answers');
      isAway = false;
    }
    await publisher.publish().catch((error) => {
      if (isTorControlError(error)) throw error;
      failed('what is published cannot be brought up to date')(error);
    });
  };
  let isAway = false;
  const lost = (error: unknown): void => {
    publisher.forget();
    if (!isAway) log.warn({ err: error }, 'there is no way to the control port of Tor; tried until there is');
    isAway = true;
  };
  const round = async (): Promise<void> => {
    const tidied = folder.tidy(clock.nowMs()).then(() => tunnels.tidy(clock.nowMs()));
    await tidied.catch(failed('leftovers cannot be removed'));
    for (const each of wanted) await onions.ensure(each).catch(failed('an onion service is missing'));
    await publisher.tryPublish().catch(failed('what is published cannot be brought up to date'));
    await tunnels.apply().catch(failed('tunnels cannot be brought up to date'));
  };

  return {
    name: 'tor',
    async run(signal) {
      await tunnels.start().catch(failed('tunnels cannot be opened'));
      const keeping = link.keep(signal, opened, lost);
      while (!signal.aborted) {
        await round();
        await clock.sleep(ROUND_MS, signal).catch(() => {});
      }
      await keeping;
      await tunnels.stop();
    },
    idle: () => publisher.tryPublish(),
  };
}
