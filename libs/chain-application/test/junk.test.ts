/** Whatever is proposed or asked to be checked: nothing throws, and the block that comes out is one that everybody imports. */
import { expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import fc from 'fast-check';
import { accounts, contracts, openChain, propose, storeCall, transaction } from './test-chain.ts';

const sender = fc.integer({ min: 0, max: 3 });
const sound = fc
  .record({
    sender,
    nonce: fc.integer({ min: 0, max: 3 }),
    to: fc.constantFrom(...Object.values(contracts), accounts[1]!, null),
    data: fc.uint8Array({ maxLength: 70 }),
    gasLimit: fc.integer({ min: 20_000, max: 120_000 }),
    value: fc.bigInt({ min: 0n, max: 10n ** 19n }),
    type: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
  })
  .map(({ sender: from, data, ...rest }) =>
    transaction(from, { ...rest, data: `0x${Buffer.from(data).toString('hex')}` }),
  );
const mutated = fc.tuple(sound, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([raw, at, mask]) => {
  const changed = Uint8Array.from(raw);
  changed[at % changed.length]! ^= mask;
  return changed;
});
const cut = fc.tuple(sound, fc.nat()).map(([raw, at]) => raw.slice(0, at % raw.length));
const noise = fc.uint8Array({ maxLength: 200 });
const stored = fc
  .tuple(sender, fc.nat(4), fc.nat(2))
  .map(([from, slot, value]) => storeCall(from, 0, slot, value));
const proposed = fc.array(fc.oneof(sound, sound, stored, mutated, cut, noise), { maxLength: 12 });

test('junk is left out, the rest becomes a block that another one imports with equal results', async () => {
  await fc.assert(
    fc.asyncProperty(proposed, proposed, async (first, second) => {
      const [made, other] = [await openChain(createMemoryKvStore()), await openChain(createMemoryKvStore())];
      for (const transactions of [first, second]) {
        for (const raw of transactions) {
          const result = await made.checkTransaction(raw);
          expect(result.ok || (result.code === -32_000 && result.message.length > 0)).toBe(true);
        }
        const executed = await propose(made, transactions);
        expect(executed.results.length + executed.leftOut.length).toBe(transactions.length);
        const imported = await other.importBlock(executed.blockRlp);
        expect(imported).toEqual({ ...executed, leftOut: [] });
        await made.commit();
        await other.commit();
      }
      expect((await made.checkIntegrity()).faults).toEqual([]);
    }),
    { numRuns: 40 },
  );
}, 180_000);
