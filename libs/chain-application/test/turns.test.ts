/** Whatever burns gas, others have their turn: what yields is counted, no time is measured. */
import { createMemoryKvStore } from '@lucid/kv-store';
import { type Hex, lucidGenesis, openChainApplication } from '../src/index.ts';

const burner: Hex = '0x00000000000000000000000000000000000000bb';

async function turnsOf(code: Hex, gas: bigint): Promise<number> {
  let turns = 0;
  const application = await openChainApplication({
    genesis: lucidGenesis({ timestampSec: 1_704_067_200, alloc: { [burner]: { code } } }),
    store: createMemoryKvStore(),
    yieldTurn: async () => {
      turns += 1;
    },
  });
  const before = turns;
  await application.call({ transaction: { to: burner, gas } }).catch(() => {});
  await application.close();
  return turns - before;
}

test.each<[string, Hex]>([
  // JUMPDEST PUSH3 0fffff PUSH1 0 KECCAK256 POP PUSH1 0 JUMP
  ['hashes of a megabyte in a loop', '0x5b620fffff60002050600056'],
  // The same without a jump, 200 times.
  ['hashes of a megabyte, one behind the other', `0x${'620fffff60002050'.repeat(200)}`],
  // JUMPDEST GAS SLOAD POP PUSH1 0 JUMP
  ['reads of storage that was never read', '0x5b5a5450600056'],
  // JUMPDEST five zeros ADDRESS GAS CALL POP PUSH1 0 JUMP: calls itself
  ['calls', '0x5b6000600060006000600030 5af150600056'.replace(' ', '') as Hex],
])('%s', async (_what, code) => {
  const gas = 20_000_000n;
  expect(await turnsOf(code, gas)).toBeGreaterThan(20);
});

test('what is cheap goes through at once', async () => {
  expect(await turnsOf('0x602a5f5260205ff3', 1_000_000n)).toBeLessThanOrEqual(1);
});
