export { Delivery } from './delivery.ts';
export * from './errors.ts';
export { checkKey, checkTopic, checkTtl, MAX_PAYLOAD_BYTES, payloadToJson } from './event-form.ts';
export * from './events.ts';
export { createMemoryEvents, type MemoryEventsOptions } from './memory-events.ts';
