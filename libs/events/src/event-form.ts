/** The form of topics, keys and payloads, checked alike by all adapters. */
import { EventsError } from './errors.ts';

export const MAX_PAYLOAD_BYTES = 64 * 1024;
export const DEFAULT_MAX_QUEUED = 1000;
const MAX_KEY_BYTES = 512;
const TOPIC = /^[a-z][a-z0-9.-]{0,127}$/;

const invalid = (why: string, cause?: unknown) => new EventsError('invalid_event', why, { cause });

export function checkTopic(topic: string): void {
  if (!TOPIC.test(topic)) throw invalid(`${JSON.stringify(topic)} is not a topic`);
}

export function checkKey(key: string): void {
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes === 0 || sizeBytes > MAX_KEY_BYTES)
    throw invalid(`a key must have 1 to ${MAX_KEY_BYTES} bytes`);
}

export function checkTtl(ttlMs: number): void {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1)
    throw invalid('a lifetime must be whole milliseconds, at least 1');
}

function toJson(payload: unknown): string | undefined {
  try {
    return JSON.stringify(payload);
  } catch (cause) {
    throw invalid('the payload is not JSON', cause);
  }
}

export function payloadToJson(payload: unknown): string {
  const json = toJson(payload);
  if (json === undefined) throw invalid('the payload is not JSON');
  if (Buffer.byteLength(json) > MAX_PAYLOAD_BYTES)
    throw invalid(`a payload of ${Buffer.byteLength(json)} bytes is above ${MAX_PAYLOAD_BYTES}`);
  return json;
}
