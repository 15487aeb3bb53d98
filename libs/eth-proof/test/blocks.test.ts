import { createBlockHeader } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { Bloom, encodeReceipt } from '@ethereumjs/vm';
import { bytesToHex, concatBytes, hexToBytes } from '@lucid/bytes';
import { Transaction as EthersTransaction } from 'ethers';
import fc from 'fast-check';
import {
  decodeEventLog,
  parseAbi,
  parseTransaction,
  serializeTransaction,
  type TransactionSerializable,
} from 'viem';
import {
  blockHash,
  bloomOf,
  decodeAccount,
  decodeHeader,
  decodeReceipt,
  decodeRlp,
  decodeTransaction,
  EthProofError,
  encodeHeader,
  encodeRlp,
  type RlpItem,
} from '../src/index.ts';
import { gethBlocks } from './geth-vectors.ts';
import { fromHex } from './judges.ts';

const bytes = (sizeBytes: number) => fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes });
const faultOf = (run: () => unknown): string => {
  try {
    run();
    return 'taken';
  } catch (error) {
    if (error instanceof EthProofError) return `${error.code} ${error.at}`;
    throw error;
  }
};
const members = (encoded: Uint8Array): RlpItem[] => [...(decodeRlp(encoded) as readonly RlpItem[])];
const withMember = (encoded: Uint8Array, at: number, item: RlpItem): Uint8Array => {
  const items = members(encoded);
  items[at] = item;
  return encodeRlp(items);
};

describe('headers', () => {
  const zeros = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes);
  const empty = hexToBytes('56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421');

  test('the first block of Ethereum', () => {
    const genesis = encodeHeader({
      parentHash: zeros(32),
      ommersHash: hexToBytes('1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'),
      coinbase: zeros(20),
      stateRoot: hexToBytes('d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544'),
      transactionsRoot: empty,
      receiptsRoot: empty,
      logsBloom: zeros(256),
      difficulty: 0x400000000n,
      number: 0n,
      gasLimit: 5000n,
      gasUsed: 0n,
      timestamp: 0n,
      extraData: hexToBytes('11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa'),
      mixHash: zeros(32),
      nonce: hexToBytes('0000000000000042'),
    });
    expect(bytesToHex(blockHash(genesis))).toBe(
      'd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
    );
  });

  const forks = [
    [Hardfork.Chainstart, 15],
    [Hardfork.Byzantium, 15],
    [Hardfork.Berlin, 15],
    [Hardfork.London, 16],
    [Hardfork.Paris, 16],
    [Hardfork.Shanghai, 17],
    [Hardfork.Cancun, 20],
    [Hardfork.Prague, 21],
    [Hardfork.Osaka, 21],
    [Hardfork.Amsterdam, 23],
  ] as const;
  test.each(forks)('of %s have %i members, as @ethereumjs/block writes them', (hardfork, count) => {
    const common = new Common({ chain: Mainnet, hardfork });
    const merged = common.gteHardfork(Hardfork.Paris);
    const given = {
      number: 12n,
      timestamp: 1_763_683_200n,
      gasLimit: 60_000_000n,
      gasUsed: 21_000n,
      coinbase: zeros(20).fill(3),
      extraData: hexToBytes('6c75636964'),
    };
    const foreign = createBlockHeader(merged ? given : { ...given, difficulty: 131_072n }, {
      common,
      skipConsensusFormatValidation: true,
    });
    const encoded = foreign.serialize();
    const header = decodeHeader(encoded);
    expect(members(encoded)).toHaveLength(count);
    expect(header).toMatchObject({ number: 12n, timestamp: given.timestamp, gasUsed: 21_000n });
    expect(header.coinbase).toEqual(given.coinbase);
    expect(header.baseFeePerGas).toBe(foreign.baseFeePerGas);
    expect(header.excessBlobGas).toBe(foreign.excessBlobGas);
    expect(header.requestsHash).toEqual(foreign.requestsHash);
    expect(bytesToHex(encodeHeader(header))).toBe(bytesToHex(encoded));
    expect(blockHash(encoded)).toEqual(foreign.hash());
  });

  test.each(gethBlocks)(
    'block $number of go-ethereum has the hash that it says',
    ({ headerRlp, header, hash, number }) => {
      expect(`0x${bytesToHex(blockHash(headerRlp))}`).toBe(hash);
      expect(header.number).toBe(BigInt(number));
      expect(bytesToHex(encodeHeader(header))).toBe(bytesToHex(headerRlp));
    },
  );

  const { headerRlp } = gethBlocks[0]!;
  test.each<[string, Uint8Array, string]>([
    ['a short hash', withMember(headerRlp, 3, zeros(31)), 'wrong_size header.stateRoot'],
    ['a list', withMember(headerRlp, 12, []), 'not_bytes header.extraData'],
    [
      'a number with zeros before',
      withMember(headerRlp, 8, Uint8Array.of(0, 1)),
      'not_an_integer header.number',
    ],
    ['a time above 64 bits', withMember(headerRlp, 11, zeros(9).fill(1)), 'not_an_integer header.timestamp'],
    ['18 members', encodeRlp(members(headerRlp).slice(0, 18)), 'wrong_count header'],
    ['14 members', encodeRlp(members(headerRlp).slice(0, 14)), 'wrong_count header'],
    [
      '24 members',
      encodeRlp([...members(headerRlp), ...members(headerRlp)].slice(0, 24)),
      'wrong_count header',
    ],
    ['a string', Uint8Array.of(0x80), 'not_a_list header'],
    ['a byte behind', concatBytes(headerRlp, zeros(1)), 'rlp_trailing header'],
  ])('refuse %s', (_, encoded, fault) => {
    expect(faultOf(() => decodeHeader(encoded))).toBe(fault);
  });

  test('a flipped bit gives an error or another hash', () => {
    for (let bit = 0; bit < headerRlp.length * 8; bit++) {
      const changed = headerRlp.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(blockHash(changed)).not.toEqual(blockHash(headerRlp));
      if (faultOf(() => decodeHeader(changed)) === 'taken')
        expect(bytesToHex(encodeHeader(decodeHeader(changed)))).toBe(bytesToHex(changed));
    }
    expect(() => encodeHeader({ ...decodeHeader(headerRlp), baseFeePerGas: undefined })).toThrow(RangeError);
  });
});

describe('receipts', () => {
  const logs = fc.array(
    fc.tuple(bytes(20), fc.array(bytes(32), { maxLength: 4 }), fc.uint8Array({ maxLength: 100 })),
    { maxLength: 5 },
  );
  const outcomes = fc.oneof(
    fc.constantFrom(0 as const, 1 as const).map((status) => ({ status })),
    bytes(32).map((stateRoot) => ({ stateRoot })),
  );
  const bloomBy = (written: readonly (readonly [Uint8Array, Uint8Array[], Uint8Array])[]): Uint8Array => {
    const bloom = new Bloom();
    for (const [address, topics] of written) for (const each of [address, ...topics]) bloom.add(each);
    return bloom.bitvector;
  };

  test('are read as @ethereumjs/vm writes them, their bloom filters are the same', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 2, 3, 4),
        outcomes,
        fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
        logs,
        (drawn, outcome, gas, written) => {
          const type = 'stateRoot' in outcome ? 0 : drawn;
          const bitvector = bloomBy(written);
          const encoded = encodeReceipt(
            { ...outcome, cumulativeBlockGasUsed: gas, bitvector, logs: written } as Parameters<
              typeof encodeReceipt
            >[0],
            type,
          );
          const receipt = decodeReceipt(encoded);
          expect(receipt.type).toBe(type);
          expect(receipt.succeeded).toBe('status' in outcome ? outcome.status === 1 : null);
          expect(receipt.postState).toEqual('stateRoot' in outcome ? outcome.stateRoot : null);
          expect(receipt.cumulativeGasUsed).toBe(gas);
          expect(receipt.logs.map(({ address, topics, data }) => [address, topics, data])).toEqual(written);
          expect(bytesToHex(bloomOf(receipt.logs))).toBe(bytesToHex(bitvector));
        },
      ),
      { numRuns: 200 },
    );
  });

  const abi = parseAbi([
    'event SessionRegistered(bytes32 indexed sessionId, bytes32 manifestHash, uint64 startedAt, address indexed owner, bytes32 merkleRoot, uint32 chunkCount)',
    'event SessionsRegistered(bytes32 indexed root, uint32 count)',
  ]);
  test('of go-ethereum hold what the contract wrote', () => {
    const [first] = gethBlocks;
    const receipts = first!.proofs
      .filter(({ receipt }) => receipt.value !== null)
      .map(({ receipt }) => decodeReceipt(hexToBytes(receipt.value!)));
    expect(receipts.map(({ type }) => type)).toEqual([0, 1, 2, 2, 4]);
    expect(receipts.map(({ succeeded }) => succeeded)).toEqual([true, true, true, false, true]);
    const events = receipts.map((receipt) =>
      receipt.logs.map(({ topics, data }) => {
        const hex = topics.map((topic) => `0x${bytesToHex(topic)}` as const);
        return decodeEventLog({ abi, topics: hex as [`0x${string}`], data: `0x${bytesToHex(data)}` })
          .eventName;
      }),
    );
    const both = ['SessionRegistered', 'SessionsRegistered'];
    expect(events).toEqual([both, ['SessionsRegistered'], both, [], ['SessionsRegistered']]);
  });

  const whole = gethBlocks[0]!.proofs[0]!.receipt.value!;
  const legacy = hexToBytes(whole);
  const log = (members(legacy)[3] as readonly RlpItem[])[0] as readonly RlpItem[];
  const logsWith = (at: number, item: RlpItem): Uint8Array =>
    withMember(legacy, 3, [log.map((each, index) => (index === at ? item : each))]);
  const zero = new Uint8Array(32);
  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'rlp_truncated receipt'],
    ['type 0', concatBytes(Uint8Array.of(0), legacy), 'unknown_type receipt'],
    ['type 5', concatBytes(Uint8Array.of(5), legacy), 'unknown_type receipt'],
    ['a type without a receipt', Uint8Array.of(2), 'rlp_truncated receipt'],
    ['status 2', withMember(legacy, 0, Uint8Array.of(2)), 'wrong_value receipt.status'],
    ['a status with a zero before', withMember(legacy, 0, Uint8Array.of(0)), 'not_an_integer receipt.status'],
    [
      'a state root in a typed one',
      concatBytes(Uint8Array.of(2), withMember(legacy, 0, zero)),
      'wrong_value receipt.status',
    ],
    [
      'a bloom filter of 255 bytes',
      withMember(legacy, 2, new Uint8Array(255)),
      'wrong_size receipt.logsBloom',
    ],
    ['an empty bloom filter', withMember(legacy, 2, new Uint8Array(256)), 'bloom_differs receipt.logsBloom'],
    ['logs that are none', withMember(legacy, 3, zero), 'not_a_list receipt.logs'],
    ['no logs', withMember(legacy, 3, []), 'bloom_differs receipt.logsBloom'],
    ['five topics', logsWith(1, Array(5).fill(zero)), 'wrong_count receipt.logs[0].topics'],
    ['a short topic', logsWith(1, [zero.slice(1)]), 'wrong_size receipt.logs[0].topics[0]'],
    ['a short address', logsWith(0, zero.slice(13)), 'wrong_size receipt.logs[0].address'],
    ['data that are a list', logsWith(2, []), 'not_bytes receipt.logs[0].data'],
    ['five members', encodeRlp([...members(legacy), zero]), 'wrong_count receipt'],
  ])('refuse %s', (_, encoded, fault) => {
    expect(faultOf(() => decodeReceipt(encoded))).toBe(fault);
  });
});

describe('transactions', () => {
  test('of go-ethereum have the hashes that it says', () => {
    for (const { proofs } of gethBlocks)
      for (const { transaction, transactionHash } of proofs) {
        if (transaction.value === null) continue;
        const read = decodeTransaction(hexToBytes(transaction.value));
        expect(`0x${bytesToHex(read.hash)}`).toBe(transactionHash);
        expect(read.chainId).toBe(1337n);
      }
  });

  const hexOf = (sizeBytes: number) => bytes(sizeBytes).map((each) => `0x${bytesToHex(each)}` as const);
  const data = fc.uint8Array({ maxLength: 300 }).map((each) => `0x${bytesToHex(each)}` as const);
  const signature = fc.record({ r: hexOf(32), s: hexOf(32), yParity: fc.nat(1) });
  const common = fc.record({
    chainId: fc.integer({ min: 1, max: 2 ** 40 }),
    nonce: fc.nat(),
    value: fc.bigInt({ min: 0n, max: 2n ** 200n }),
    data,
    to: hexOf(20),
  });
  const fee = { maxFeePerGas: 9n, maxPriorityFeePerGas: 3n };
  const accessList = [
    { address: `0x${'11'.repeat(20)}` as const, storageKeys: [`0x${'22'.repeat(32)}` as const] },
  ];
  const authorizationList = [
    {
      address: `0x${'33'.repeat(20)}` as const,
      chainId: 1,
      nonce: 0,
      r: `0x${'44'.repeat(32)}` as const,
      s: `0x${'55'.repeat(32)}` as const,
      yParity: 1,
    },
  ];
  const kinds: readonly object[] = [
    { type: 'legacy', gasPrice: 5n },
    { type: 'eip2930', gasPrice: 5n, accessList },
    { type: 'eip1559', ...fee, accessList },
    { type: 'eip4844', ...fee, maxFeePerBlobGas: 4n, blobVersionedHashes: [`0x01${'66'.repeat(31)}`] },
    { type: 'eip7702', ...fee, authorizationList },
  ];
  test('are read as viem writes them, and as ethers reads them', () => {
    fc.assert(
      fc.property(fc.nat(4), common, signature, (type, given, signed) => {
        const request = { ...given, ...kinds[type], gas: 21_000n } as TransactionSerializable;
        const encoded = serializeTransaction(request, {
          ...signed,
          v: type === 0 ? BigInt(27 + signed.yParity) : undefined,
        } as Parameters<typeof serializeTransaction>[1]);
        const read = decodeTransaction(fromHex(encoded));
        expect({ ...read, hash: 0 }).toEqual({
          type,
          hash: 0,
          chainId: BigInt(given.chainId),
          nonce: BigInt(given.nonce),
          value: given.value,
          to: fromHex(given.to),
          data: fromHex(given.data),
        });
        expect(parseTransaction(encoded).chainId).toBe(given.chainId);
        // ethers wants a signature that is one; without it, the rest is judged.
        const bare = EthersTransaction.from(serializeTransaction(request));
        expect([bare.chainId, bare.value, bare.to?.toLowerCase()]).toEqual([
          read.chainId,
          given.value,
          given.to,
        ]);
      }),
      { numRuns: 150 },
    );
  });

  test('before EIP-155, and one that makes a contract', () => {
    const items: RlpItem[] = [[], [], [], [], [], [], [], [], []].map(() => new Uint8Array());
    const signedBy = (v: number): Uint8Array =>
      encodeRlp(items.map((item, at) => (at === 6 ? Uint8Array.of(v) : item)));
    expect(decodeTransaction(signedBy(28))).toMatchObject({ type: 0, chainId: null, to: null });
    expect(decodeTransaction(signedBy(37)).chainId).toBe(1n);
    expect(faultOf(() => decodeTransaction(signedBy(29)))).toBe('wrong_value transaction.v');
    expect(faultOf(() => decodeTransaction(encodeRlp(items.slice(1))))).toBe('wrong_count transaction');
    expect(faultOf(() => decodeTransaction(withMember(signedBy(27), 3, new Uint8Array(19))))).toBe(
      'wrong_size transaction.to',
    );
    const typed = concatBytes(
      Uint8Array.of(1),
      encodeRlp([...Array(8).fill(new Uint8Array()), Uint8Array.of(2), new Uint8Array(), new Uint8Array()]),
    );
    expect(faultOf(() => decodeTransaction(typed))).toBe('wrong_value transaction.yParity');
  });
});

test('hostile bytes give an error of ours and no other', () => {
  const sources = gethBlocks.flatMap(({ headerRlp, proofs }) => [
    headerRlp,
    ...proofs.flatMap(({ receipt, transaction }) =>
      [receipt.value, transaction.value].filter((each) => each !== null).map(hexToBytes),
    ),
  ]);
  const changed = fc
    .tuple(
      fc.constantFrom(...sources),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(9),
    )
    .map(([source, edits, cut]) => {
      const copy = cut === 0 ? source.slice(0, edits[0]![0] % source.length) : source.slice();
      for (const [at, byte] of edits) if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 300 })), (hostile) => {
      for (const decode of [decodeHeader, decodeReceipt, decodeTransaction, decodeAccount])
        expect(typeof faultOf(() => decode(hostile))).toBe('string');
    }),
    { numRuns: 3000 },
  );
});
