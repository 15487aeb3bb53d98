/** The suite that every adapter of the document store port passes. For tests under jest only. */
import { describe } from '@jest/globals';
import type { StoreFactory, SuiteOptions } from './harness.ts';
import { leasesAndExpiry, lifeCycle } from './leases.ts';
import { modelProperty } from './model.ts';
import { ranges } from './reads.ts';
import { batches, races, singleWrites } from './writes.ts';

export type { OpenedStore, StoreFactory, SuiteOptions } from './harness.ts';

export function describeDocumentStore(name: string, factory: StoreFactory, options: SuiteOptions = {}): void {
  describe(`${name} as a document store`, () => {
    describe('writes', () => singleWrites(factory));
    describe('batches', () => batches(factory));
    describe('races', () => races(factory, options));
    describe('ranges', () => ranges(factory));
    describe('leases and expiry', () => leasesAndExpiry(factory, options));
    describe('life cycle', () => lifeCycle(factory));
    describe('model', () => modelProperty(factory, options));
  });
}
