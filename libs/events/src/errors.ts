/**
 * - `events_unavailable`: closed, or the server cannot be reached; whether it took place is unknown.
 * - `invalid_event`: a topic or key of the wrong form, a payload that is no JSON or too large, a lifetime that is not positive.
 */
export type EventsErrorCode = 'events_unavailable' | 'invalid_event';

export class EventsError extends Error {
  readonly code: EventsErrorCode;

  constructor(code: EventsErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EventsError';
    this.code = code;
  }
}
