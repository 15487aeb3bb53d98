/**
 * Stands between an orchestrator and everything it calls: counts calls, fails some, and kills it at one. A killed orchestrator
 * hears no answer any more and can ask for nothing, but what it had asked for took place where the kill came after it.
 */
import type { Collection, DocumentStore } from '@lucid/document-store';
import { ProblemError } from '@lucid/service-kit';

/** Before the call takes place, or after it took place and before its answer is heard. */
type Moment = 'before' | 'after';

const never = new Promise<never>(() => {});

export class Gate {
  /** Moments seen so far, two for each call. */
  steps = 0;
  /** Kills the orchestrator at this moment. */
  killAt = Number.POSITIVE_INFINITY;
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  /** Throws to make a call fail. */
  fault: (name: string, moment: Moment) => void = () => {};
  #dead = false;
  #tellDead: () => void = () => {};
  /** Resolves when it was killed at its moment. */
  readonly died = new Promise<void>((resolve) => {
    this.#tellDead = resolve;
  });

  get isDead(): boolean {
    return this.#dead;
  }

  kill(): void {
    this.#dead = true;
    this.#tellDead();
  }

  /** The object that `target` gives at each call, through this gate. */
  around<T extends object>(target: () => T, only?: readonly string[]): T {
    return new Proxy({} as T, {
      get: (_nothing, name) => {
        const of = target();
        const value: unknown = Reflect.get(of, name, of);
        if (typeof value !== 'function') return value;
        if (only && !only.includes(String(name))) return value.bind(of);
        return (...args: unknown[]) => this.#pass(String(name), () => value.apply(of, args));
      },
    });
  }

  aroundStore(store: DocumentStore): DocumentStore {
    const calls = ['batch', 'acquireLease', 'renewLease', 'releaseLease'];
    const gated = this.around(() => store, calls);
    const collection = async (definition: never) => {
      const opened: Collection<object> = await store.collection(definition);
      return this.around(() => opened, ['get', 'find', 'upsert']);
    };
    return new Proxy(gated, {
      get: (of, name) => (name === 'collection' ? collection : Reflect.get(of, name)),
    });
  }

  async #pass(name: string, work: () => unknown): Promise<unknown> {
    if (this.#dead) return this.#refuse();
    this.calls.push(name);
    if (this.#step()) return this.#refuse();
    this.fault(name, 'before');
    const result = await work();
    if (this.#dead || this.#step()) return this.#refuse();
    this.fault(name, 'after');
    return result;
  }

  /** True where this is the moment to die. */
  #step(): boolean {
    this.steps++;
    if (this.steps === this.killAt) this.kill();
    return this.#dead;
  }

  /** A rejection, so that the test can close what is left; the code behind it can do nothing with it. */
  #refuse(): Promise<never> {
    return this.#dead ? Promise.reject(new ProblemError('unavailable')) : never;
  }
}
