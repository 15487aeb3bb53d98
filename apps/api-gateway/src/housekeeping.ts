/** What passes through for long: streams and tunnels are looked at again, and the places of who is there are kept. */
import type { Clock, Log, SignedInAccount, Worker } from '@lucid/service-kit';
import type { AdmissionJudge } from './access/admission.ts';
import type { Places } from './access/places.ts';

export interface Passage {
  readonly account: SignedInAccount | undefined;
  /** It ends only when one of its ends wants to. */
  readonly isEndless: boolean;
  cut(): void;
}

/** The passages under way. */
export class Passing {
  readonly #all = new Set<Passage>();
  #emptied: (() => void)[] = [];

  add(passage: Passage): void {
    this.#all.add(passage);
  }

  remove(passage: Passage): void {
    this.#all.delete(passage);
    if (this.#all.size > 0 || this.#emptied.length === 0) return;
    for (const tell of this.#emptied.splice(0)) tell();
  }

  [Symbol.iterator](): Iterator<Passage> {
    return [...this.#all][Symbol.iterator]();
  }

  /** Cuts what is endless, waits `graceMs` for the rest, then cuts it, too. */
  async drain(graceMs: number): Promise<void> {
    for (const each of this) if (each.isEndless) each.cut();
    if (this.#all.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#emptied.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    for (const each of this) each.cut();
  }
}

/** A third of a lease. */
export const HOUSEKEEPING_EVERY_MS = 10_000;

export interface HousekeepingOptions {
  readonly passing: Passing;
  readonly places: Places;
  readonly admissions: AdmissionJudge;
  readonly clock: Clock;
  readonly log: Log;
}

export function createHousekeeping(options: HousekeepingOptions): Worker {
  const { passing, places, admissions, clock, log } = options;
  const sweep = async () => {
    const running = new Set<string>();
    for (const passage of passing) {
      const { account } = passage;
      if (!account) continue;
      running.add(account.loginId);
      // Its token expired or was revoked while it ran.
      if (!(await admissions.isStillAdmitted(account))) passage.cut();
    }
    await places.renew(running);
  };
  return {
    name: 'housekeeping',
    async run(signal) {
      for (;;) {
        await clock.sleep(HOUSEKEEPING_EVERY_MS, signal);
        await sweep().catch((error) => log.error({ err: error }, 'housekeeping failed'));
      }
    },
  };
}
