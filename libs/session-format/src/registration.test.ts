import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { bytesToAddress } from '@lucid/tron-message';
import fc from 'fast-check';
import { encodeAbiParameters, encodeEventTopics, keccak256, parseAbi, toHex } from 'viem';
import {
  ownerAddress,
  parseRegistrationEvent,
  parseSessionLeaf,
  type Registration,
  sessionLeaf,
} from './registration.ts';

const abi = parseAbi([
  'event SessionRegistered(bytes32 indexed sessionId, bytes32 manifestHash, uint64 startedAt, address indexed owner, bytes32 merkleRoot, uint32 chunkCount)',
  'event SessionsRegistered(bytes32 indexed root, uint32 count)',
]);
const hex = (sizeBytes: number) =>
  fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes }).map((bytes) => bytesToHex(bytes));
const registrations: fc.Arbitrary<Registration> = fc.record({
  sessionId: hex(32),
  manifestHash: hex(32),
  startedAt: fc.maxSafeNat(),
  owner: hex(20),
  merkleRoot: hex(32),
  chunkCount: fc.nat(0xffff_ffff),
});
const FIELDS = ['bytes32', 'bytes32', 'uint64', 'address', 'bytes32', 'uint32'].map((type) => ({ type }));
const valuesOf = ({ sessionId, manifestHash, startedAt, owner, merkleRoot, chunkCount }: Registration) =>
  [
    `0x${sessionId}`,
    `0x${manifestHash}`,
    BigInt(startedAt),
    `0x${owner}`,
    `0x${merkleRoot}`,
    chunkCount,
  ] as const;
const own: Registration = {
  sessionId: '01'.repeat(32),
  manifestHash: '02'.repeat(32),
  startedAt: 1_763_683_200,
  owner: '03'.repeat(20),
  merkleRoot: '04'.repeat(32),
  chunkCount: 5,
};

describe('leaf', () => {
  test('is what viem encodes, and is read back', () => {
    fc.assert(
      fc.property(registrations, (registration) => {
        const leaf = sessionLeaf(registration);
        expect(`0x${bytesToHex(leaf)}`).toBe(encodeAbiParameters(FIELDS, valuesOf(registration)));
        expect(parseSessionLeaf(leaf)).toEqual(registration);
      }),
    );
  });

  test.each([
    ['sessionId', 'ab'],
    ['manifestHash', 'AB'.repeat(32)],
    ['owner', '00'.repeat(32)],
    ['owner', 'age1owner'],
    ['merkleRoot', `0x${'00'.repeat(31)}`],
    ['startedAt', -1],
    ['startedAt', 0.5],
    ['startedAt', 2 ** 53],
    ['chunkCount', -1],
    ['chunkCount', 2 ** 32],
    ['chunkCount', Number.NaN],
  ])('is not made of %s %s', (name, value) => {
    expect(() => sessionLeaf({ ...own, [name]: value })).toThrow(RangeError);
  });

  test('what is not written so is none', () => {
    const leaf = sessionLeaf(own);
    const changedAt = (at: number, byte: number) => leaf.map((each, index) => (index === at ? byte : each));
    // Beyond 64 bits, 2^53 seconds, 20 bytes of an address, 32 bits.
    for (const [at, byte] of [
      [64, 1],
      [88, 1],
      [89, 0x20],
      [96, 1],
      [107, 1],
      [160, 1],
      [187, 1],
    ] as const)
      expect([at, parseSessionLeaf(changedAt(at, byte))]).toEqual([at, null]);
    for (const bytes of [leaf.slice(1), concatBytes(leaf, new Uint8Array(1)), new Uint8Array()])
      expect(parseSessionLeaf(bytes)).toBeNull();
  });
});

describe('event', () => {
  const eventOf = (registration: Registration) => {
    const [sessionId, manifestHash, startedAt, owner, merkleRoot, chunkCount] = valuesOf(registration);
    const topics = encodeEventTopics({ abi, eventName: 'SessionRegistered', args: { sessionId, owner } });
    const types = ['bytes32', 'uint64', 'bytes32', 'uint32'].map((type) => ({ type }));
    const data = encodeAbiParameters(types, [manifestHash, startedAt, merkleRoot, chunkCount]);
    return {
      topics: topics.map((topic) => hexToBytes(String(topic).slice(2))),
      data: hexToBytes(data.slice(2)),
    };
  };
  const batchOf = (root: string, count: number) => {
    const topics = encodeEventTopics({ abi, eventName: 'SessionsRegistered', args: { root: `0x${root}` } });
    return {
      topics: topics.map((topic) => hexToBytes(String(topic).slice(2))),
      data: hexToBytes(toHex(count, { size: 32 }).slice(2)),
    };
  };

  test('is read as viem writes it', () => {
    fc.assert(
      fc.property(registrations, hex(32), fc.nat(0xffff_ffff), (registration, root, count) => {
        expect(parseRegistrationEvent(eventOf(registration))).toEqual({ kind: 'session', registration });
        expect(parseRegistrationEvent(batchOf(root, count))).toEqual({
          kind: 'batch',
          root: hexToBytes(root),
          count,
        });
      }),
    );
  });

  test('of another kind or shape is none', () => {
    const event = eventOf(own);
    const batch = batchOf('05'.repeat(32), 7);
    const [signature, id, owner] = event.topics;
    const word = new Uint8Array(32).fill(1);
    for (const other of [
      { topics: [], data: event.data },
      { topics: [signature!], data: event.data },
      { topics: [signature!, id!], data: event.data },
      { topics: [...event.topics, word], data: event.data },
      { topics: [word, id!, owner!], data: event.data },
      { topics: [signature!, id!, word], data: event.data },
      { topics: event.topics, data: event.data.slice(1) },
      { topics: event.topics, data: concatBytes(event.data, word) },
      { topics: event.topics, data: batch.data },
      { topics: [...batch.topics, word], data: batch.data },
      { topics: batch.topics, data: word },
      { topics: batch.topics, data: event.data },
    ])
      expect(parseRegistrationEvent(other)).toBeNull();
  });
});

describe('address of an owner', () => {
  test('of TRON is its 20 bytes', () => {
    fc.assert(
      fc.property(hex(20), (address) => {
        expect(ownerAddress(bytesToAddress(hexToBytes(address)))).toBe(address);
      }),
    );
  });

  test('of any other text is the end of its Keccak-256', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (owner) => {
        expect(ownerAddress(owner)).toBe(keccak256(toHex(utf8ToBytes(owner))).slice(-40));
      }),
    );
    // An address with one wrong character is a text.
    const address = bytesToAddress(new Uint8Array(20).fill(9));
    const mistyped = `${address.slice(0, -1)}${address.endsWith('1') ? '2' : '1'}`;
    expect(ownerAddress(mistyped)).toBe(keccak256(toHex(utf8ToBytes(mistyped))).slice(-40));
  });
});
