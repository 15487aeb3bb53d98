import { everyContract } from './every.ts';
import * as exported from './index.ts';

test('every contract that the package exports is among them, each once', () => {
  const contracts = Object.values<unknown>(exported).filter(
    (each) => typeof each === 'object' && each !== null && 'service' in each && 'operations' in each,
  );
  expect(new Set(everyContract)).toEqual(new Set(contracts));
  expect(new Set(everyContract.map(({ service }) => service)).size).toBe(everyContract.length);
});
