/** A control connection that is opened when it is wanted, and again when it was lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TorControlError } from './control-error.ts';
import type { TorControl } from './tor-control.ts';

export interface ControlLinkOptions {
  readonly open: (signal: AbortSignal) => Promise<TorControl>;
  /** Pause after a first failure, doubled with each further one up to `retryCapMs`; defaults 250 and 5,000. */
  readonly retryBaseMs?: number;
  readonly retryCapMs?: number;
}

export class ControlLink {
  readonly #options: ControlLinkOptions;
  readonly #closing = new AbortController();
  #opening: Promise<TorControl> | undefined;
  #control: TorControl | undefined;

  constructor(options: ControlLinkOptions) {
    this.#options = options;
  }

  /** The connection there is, or a new one; those who ask at the same time share it. @throws what `open` throws */
  async control(): Promise<TorControl> {
    if (this.#closing.signal.aborted) throw new TorControlError('closed');
    if (this.#control?.isOpen) return this.#control;
    this.#opening ??= this.#options.open(this.#closing.signal).finally(() => {
      this.#opening = undefined;
    });
    this.#control = await this.#opening;
    return this.#control;
  }

  /**
   * Keeps a connection until the signal aborts. `onOpen` is called with each new one, and again where it failed; `onLost` hears why
   * there is none.
   */
  async keep(
    signal: AbortSignal,
    onOpen: (control: TorControl) => Promise<void>,
    onLost: (error: unknown) => void,
  ): Promise<void> {
    const { retryBaseMs = 250, retryCapMs = 5_000 } = this.#options;
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const control = await Promise.race([this.control(), aborted]);
        if (!control) return;
        await onOpen(control);
        failures = -1;
        const why = await Promise.race([control.closed, aborted]);
        if (why && !signal.aborted) onLost(why);
      } catch (error) {
        if (signal.aborted) return;
        onLost(error);
        const pauseMs = Math.min(retryCapMs, retryBaseMs * 2 ** Math.min(failures, 20));
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new TorControlError('closed'));
    await this.#opening?.catch(() => {});
    await this.#control?.close();
  }
}
