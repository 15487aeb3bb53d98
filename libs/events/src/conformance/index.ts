/** The suite that every adapter of the event and cache port passes. For tests under jest only. */
import { describe } from '@jest/globals';
import { busSuite } from './bus.ts';
import { cacheSuite } from './cache.ts';
import type { EventsFactory } from './harness.ts';

export type { EventsFactory, OpenedEvents } from './harness.ts';
export { Recorder } from './recorder.ts';

export function describeEvents(name: string, factory: EventsFactory): void {
  describe(`${name} as event bus and cache`, () => {
    describe('bus', () => busSuite(factory));
    describe('cache', () => cacheSuite(factory));
  });
}
