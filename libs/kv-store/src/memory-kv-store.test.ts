import { expect, test } from '@jest/globals';
import { describeKvStore } from './conformance.ts';
import { createMemoryKvStore } from './index.ts';

describeKvStore('memory', { open: async () => createMemoryKvStore(), durable: false });

test('a copy shares nothing with the store it came from', async () => {
  const kv = createMemoryKvStore();
  const key = Uint8Array.of(1);
  await kv.batch([{ type: 'put', key, value: Uint8Array.of(1) }], { sync: true });
  const copy = kv.copy();
  await kv.batch([{ type: 'del', key }], { sync: true });
  expect(await copy.get(key)).toEqual(Uint8Array.of(1));
});
