/** Whether each service runs, and with the document that this build has of it. */
import { defineContract } from '@lucid/contracts';
import { type Client, type Clock, isProblem, type Log } from '@lucid/service-kit';
import { Type } from 'typebox';
import type { Documents } from './documents.ts';

const askForMs = 1_500;

/** What every service answers beside its operations, as a contract, so that the kit's client can ask for it. */
export const documentContractOf = (service: string) =>
  defineContract({
    service,
    version: '1.0.0',
    summary: 'The document that a service answers of itself.',
    basePath: '',
    errors: {},
    operations: {
      'openapi.json': {
        method: 'GET',
        path: '/openapi.json',
        summary: 'The OpenAPI document of the running service.',
        callers: ['public'],
        response: Type.Object({ info: Type.Object({ version: Type.String({ maxLength: 64 }) }) }),
        deadlineMs: askForMs,
      },
    },
  });
export type DocumentContract = ReturnType<typeof documentContractOf>;

/** Null where the service cannot be asked. @throws where it does not answer */
export type DocumentOf = (service: string) => Promise<{ readonly info: { readonly version: string } } | null>;

export const documentOfClients =
  (clients: Readonly<Record<string, Client<DocumentContract>>>): DocumentOf =>
  async (service) => {
    try {
      return (await clients[service]?.['openapi.json']()) ?? null;
    } catch (error) {
      // It runs inside this process, where no document is served.
      if (isProblem(error, 'not_found')) return null;
      throw error;
    }
  };

export interface RunningState {
  readonly state: 'yes' | 'differs' | 'no' | 'unknown';
  readonly version?: string;
}

interface Options {
  readonly documents: Documents;
  /** Those that can be asked. */
  readonly services: readonly string[];
  /** Undefined: nobody is asked. */
  readonly documentOf: DocumentOf | undefined;
  readonly keptMs: number;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
}

const unknown: RunningState = { state: 'unknown' };

export class RunningStates {
  readonly #options: Options;
  #states: Promise<ReadonlyMap<string, RunningState>> | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: Options) {
    this.#options = options;
  }

  /** All are asked at once; who asks meanwhile, or soon after, shares the answers. */
  async of(services: readonly string[]): Promise<readonly RunningState[]> {
    const { clock, keptMs } = this.#options;
    if (!this.#states || clock.nowMs() - this.#askedAtMs >= keptMs) {
      this.#askedAtMs = clock.nowMs();
      this.#states = this.#askAll();
    }
    const states = await this.#states;
    return services.map((service) => states.get(service) ?? unknown);
  }

  async #askAll(): Promise<ReadonlyMap<string, RunningState>> {
    const { documentOf, services } = this.#options;
    if (!documentOf) return new Map();
    return new Map(
      await Promise.all(services.map(async (each) => [each, await this.#ask(each, documentOf)] as const)),
    );
  }

  async #ask(service: string, documentOf: DocumentOf): Promise<RunningState> {
    try {
      const document = await documentOf(service);
      if (!document) return unknown;
      const same = JSON.stringify(document) === this.#options.documents.get(service).json;
      return { state: same ? 'yes' : 'differs', version: document.info.version };
    } catch (error) {
      this.#options.log.debug({ asked: service, err: error }, 'service does not answer its document');
      return { state: 'no' };
    }
  }
}
