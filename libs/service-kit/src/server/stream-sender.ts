/** Answers that are sent as they arise: back-pressure reaches their source, a failure in mid-body cuts the connection. */
import type { ServerResponse } from 'node:http';
import type { ByteStream } from '@lucid/contracts';

const DEFAULT_STALL_MS = 60_000;

interface Sending {
  readonly raw: ServerResponse;
  /** Tells the source that nobody reads any more; present where the answer has no end of its own. */
  readonly leave: (() => void) | undefined;
  ended: boolean;
}

export class StreamSender {
  readonly #sending = new Set<Sending>();

  /** Headers are sent already. Never rejects: `onFailure` hears of a source that failed. */
  async send(
    raw: ServerResponse,
    { bytes }: ByteStream,
    {
      leave,
      stallMs = DEFAULT_STALL_MS,
      onFailure,
    }: {
      leave?: (() => void) | undefined;
      stallMs?: number | undefined;
      onFailure: (error: unknown) => void;
    },
  ): Promise<void> {
    const sending: Sending = { leave, raw, ended: false };
    this.#sending.add(sending);
    try {
      for await (const part of bytes) {
        if (sending.ended || raw.destroyed) break;
        if (!raw.write(part)) await drained(raw, stallMs);
      }
      raw.end();
    } catch (error) {
      if (sending.ended) return;
      // Cut, not ended: who reads must not take the part for the whole.
      if (!raw.destroyed) onFailure(error);
      raw.destroy();
    } finally {
      this.#sending.delete(sending);
    }
  }

  /** Ends the answers that have no end of their own; the others go on. */
  endEndless(): void {
    for (const each of this.#sending)
      if (each.leave) {
        each.ended = true;
        each.raw.end();
        each.leave();
      }
  }

  abort(): void {
    for (const { raw } of this.#sending) raw.destroy();
  }
}

/** Cuts a reader that takes nothing for `stallMs`. */
const drained = (raw: ServerResponse, stallMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => raw.destroy(), stallMs);
    const done = () => {
      clearTimeout(timer);
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.on('drain', done);
    raw.on('close', done);
    if (raw.destroyed) done();
  });
