/**
 * A service that a test can kill: at that moment nothing of it runs on. What it had asked of stores and services before may
 * still take place (as with a real kill), but its own code sees no answer and can ask for nothing more.
 */
import { type Clock, ProblemError } from '@lucid/service-kit';

export class Life {
  alive = true;
  readonly #deaths: (() => void)[] = [];

  kill(): void {
    this.alive = false;
    for (const tell of this.#deaths.splice(0)) tell();
  }

  /** Work's outcome, or the broken connection that a caller sees when the process dies meanwhile. */
  during<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.alive) reject(new ProblemError('unavailable'));
      this.#deaths.push(() => reject(new ProblemError('unavailable')));
      work.then(resolve, reject);
    });
  }

  /** The object as seen by the mortal code: its calls never return once it is dead. */
  guard<T extends object>(target: T): T {
    // Not a proxy of the target itself: frozen clients would not let their functions be wrapped.
    return new Proxy({} as T, {
      get: (_target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => this.#call(() => value.apply(target, args));
      },
    });
  }

  /** A clock that rings for the dead no more, and keeps no timer for them. */
  clock(clock: Clock): Clock {
    const after: Clock['after'] = (delayMs, work) => {
      if (!this.alive) return () => {};
      const cancel = clock.after(delayMs, work);
      this.#deaths.push(cancel);
      return cancel;
    };
    const sleep: Clock['sleep'] = (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const cancel = after(delayMs, () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        });
        const leave = () => {
          cancel();
          reject(signal?.reason);
        };
        if (signal?.aborted) leave();
        else signal?.addEventListener('abort', leave, { once: true });
      });
    return { nowMs: () => clock.nowMs(), after, sleep };
  }

  #call(work: () => unknown): unknown {
    if (!this.alive) return new Promise(() => {});
    const result = work();
    if (!(result instanceof Promise)) return result;
    return new Promise((resolve, reject) => {
      result.then(
        (value) => this.alive && resolve(isCollection(value) ? this.guard(value) : value),
        (error) => this.alive && reject(error),
      );
    });
  }
}

const isCollection = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && 'definition' in value;
