import { expect, test } from '@jest/globals';
import { fromHex } from '@lucid/chain-wire';
import { checksumAddress } from '@lucid/eth-proof';
import fc from 'fast-check';
import { getAddress, hexToBytes, keccak256, parseTransaction } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { hashOf } from './keccak.ts';
import { RlpFault, splitList, stringOf } from './rlp-slices.ts';
import { describeTransaction, nowhere } from './transaction.ts';

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`);
const hex = (sizeBytes: { min: number; max: number }) =>
  fc
    .uint8Array({ minLength: sizeBytes.min, maxLength: sizeBytes.max })
    .map((bytes): `0x${string}` => `0x${Buffer.from(bytes).toString('hex')}`);
const address = hex({ min: 20, max: 20 });
const common = {
  chainId: fc.integer({ min: 1, max: 2 ** 40 }),
  nonce: fc.nat(),
  gas: fc.bigInt({ min: 0n, max: 2n ** 63n }),
  value: fc.bigInt({ min: 0n, max: 2n ** 200n }),
  data: hex({ min: 0, max: 80 }),
  to: fc.option(address, { nil: undefined }),
};
const accessList = fc.array(
  fc.record({ address, storageKeys: fc.array(hex({ min: 32, max: 32 }), { maxLength: 3 }) }),
  { maxLength: 3 },
);
const fee = fc.bigInt({ min: 1n, max: 2n ** 80n });
const transactions = fc.oneof(
  fc.record({ ...common, type: fc.constant('legacy' as const), gasPrice: fee }),
  fc.record({ ...common, type: fc.constant('eip2930' as const), gasPrice: fee, accessList }),
  fc.record({
    ...common,
    type: fc.constant('eip1559' as const),
    maxFeePerGas: fc.constant(2n ** 81n),
    maxPriorityFeePerGas: fee,
    accessList,
  }),
);
const quantity = (value: bigint | number | undefined) => `0x${BigInt(value ?? 0).toString(16)}`;

test('a transaction of any type is shown as viem reads it', async () => {
  await fc.assert(
    fc.asyncProperty(transactions, fc.bigInt({ min: 0n, max: 2n ** 80n }), async (fields, baseFee) => {
      const raw = await account.signTransaction(fields as never);
      const read = parseTransaction(raw) as Record<string, never>;
      const shown = describeTransaction(hexToBytes(raw), {
        hash: hashOf(hexToBytes(raw)),
        sender: account.address.toLowerCase(),
        place: nowhere,
        baseFee,
      });
      expect(shown.hash).toBe(keccak256(raw));
      expect(shown).toMatchObject({
        nonce: quantity(read.nonce),
        gas: quantity(read.gas),
        value: quantity(read.value),
        input: read.data ?? '0x',
        to: (read.to as string | undefined)?.toLowerCase() ?? null,
        chainId: quantity(read.chainId),
        r: quantity(read.r),
        s: quantity(read.s),
      });
      if (fields.type === 'legacy') expect(shown).not.toHaveProperty('yParity');
      else {
        expect(shown.yParity).toBe(quantity(read.yParity));
        expect(shown.accessList).toEqual(
          fields.accessList.map((each) => ({ ...each, address: each.address.toLowerCase() })),
        );
      }
      if (fields.type !== 'eip1559') expect(shown.gasPrice).toBe(quantity(fields.gasPrice));
      else expect(BigInt(shown.gasPrice)).toBe(baseFee + fields.maxPriorityFeePerGas);
    }),
    { numRuns: 60 },
  );
});

test.each([
  [undefined, undefined],
  [1, '0x1'],
])('a legacy transaction that names chain %s shows chain %s', async (chainId, shown) => {
  const raw = await account.signTransaction({
    type: 'legacy',
    chainId,
    gasPrice: 1n,
    gas: 1n,
    nonce: 0,
  } as never);
  const options = { hash: '0x', sender: '0x', place: nowhere, baseFee: undefined };
  expect(describeTransaction(hexToBytes(raw), options).chainId).toBe(shown);
});

test('addresses have the checksum of EIP-55', () => {
  fc.assert(fc.property(address, (each) => expect(checksumAddress(fromHex(each))).toBe(getAddress(each))));
});

test('foreign bytes are cut into members, or an RlpFault says that they cannot', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(255), (bytes, first) => {
      const input = Uint8Array.of(first, ...bytes);
      for (const read of [splitList, stringOf])
        try {
          read(input);
        } catch (error) {
          expect(error).toBeInstanceOf(RlpFault);
        }
    }),
    { numRuns: 2_000 },
  );
});
