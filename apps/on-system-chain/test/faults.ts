/** Puts failures between the node and the services that it calls: the call is not done, or it is done and its answer lost. */
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { type AnyServiceDefinition, ProblemError } from '@lucid/service-kit';
import { onSystemChain } from '../src/index.ts';

export type Moment = 'before' | 'after';

export class Faults {
  readonly #armed = new Map<string, { moment: Moment; times: number }>();
  readonly met: string[] = [];

  /** The next `times` calls of `service.operation` fail. */
  arm(operation: string, moment: Moment, times = 1): void {
    this.#armed.set(operation, { moment, times });
  }

  /** Every call fails until it is called back. */
  away(service: string): void {
    this.arm(`${service}.*`, 'before', Number.POSITIVE_INFINITY);
  }

  back(service: string): void {
    this.#armed.delete(`${service}.*`);
  }

  take(service: string, operation: string): Moment | null {
    const name = [`${service}.${operation}`, `${service}.*`].find((each) => this.#armed.has(each));
    const fault = name === undefined ? undefined : this.#armed.get(name);
    if (name === undefined || !fault) return null;
    fault.times -= 1;
    if (fault.times <= 0) this.#armed.delete(name);
    this.met.push(`${service}.${operation} ${fault.moment}`);
    return fault.moment;
  }

  #wrap(definition: AnyServiceDefinition): AnyServiceDefinition {
    const { service } = definition.contract;
    const handlers = Object.entries(definition.handlers).map(([operation, handler]) => [
      operation,
      async (...args: Parameters<typeof handler>) => {
        const moment = this.take(service, operation);
        if (moment === 'before') throw new ProblemError('internal');
        const answer = await handler(...args);
        if (moment === 'after') throw new ProblemError('internal');
        return answer;
      },
    ]);
    return { ...definition, handlers: Object.fromEntries(handlers) };
  }

  definitions(): AnyServiceDefinition[] {
    return [this.#wrap(blockchainLedger), this.#wrap(blockchainVm), onSystemChain];
  }
}
