/** The body of a request on its way in: bounded in size, and in the time between two pieces of it. */
import { Transform, type TransformCallback } from 'node:stream';
import type { RawRequest } from '@lucid/service-kit';
import { problem } from '../problem.ts';

export interface IntakeOptions {
  readonly maxBytes: number;
  readonly idleMs: number;
}

export class Intake extends Transform {
  readonly #maxBytes: number;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;

  constructor({ maxBytes, idleMs }: IntakeOptions) {
    super();
    this.#maxBytes = maxBytes;
    this.#timer = setTimeout(() => this.#late(), idleMs).unref();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    this.#timer.refresh();
    if (this.#bytes > this.#maxBytes) done(problem('payload_too_large'));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    clearTimeout(this.#timer);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    done(error);
  }

  /** Where it is the service that does not take what came, the client is not to blame. */
  #late(): void {
    if (this.readableLength > 0 || this.writableLength > 0) this.#timer.refresh();
    else this.destroy(problem('request_timeout'));
  }
}

export function takeBody(request: RawRequest, options: IntakeOptions): Intake {
  const intake = new Intake(options);
  request.once('error', (error) => intake.destroy(error));
  request.once('aborted', () => intake.destroy(new Error('the client left')));
  request.pipe(intake);
  return intake;
}
