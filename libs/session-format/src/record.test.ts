import { hexToBytes } from '@lucid/bytes';
import fc from 'fast-check';
import {
  encodeControlRecord,
  encodeRecordHeader,
  MAX_CHUNK_BYTES,
  MAX_CONTROL_BYTES,
  parseRecordHeader,
  type RecordFault,
  type RecordHeader,
  recordFaults,
} from './record.ts';

const sessionId = 'ab'.repeat(32);
const chunk: RecordHeader = {
  type: 'chunk',
  compressed: true,
  sealed: true,
  sessionId,
  index: 7,
  track: 3,
  payloadSizeBytes: 116,
  capturedFromUs: 1_763_683_200_000_001,
  capturedUntilUs: 1_763_683_200_900_000,
  plainOffset: 5_000_000_000,
  plainSizeBytes: 4096,
  packedSizeBytes: 100,
  nonce: new Uint8Array(24).fill(9),
};
const event: RecordHeader = {
  ...chunk,
  type: 'event',
  compressed: false,
  sealed: false,
  track: 0,
  payloadSizeBytes: 50,
  plainOffset: 0,
  plainSizeBytes: 50,
  packedSizeBytes: 50,
  nonce: new Uint8Array(24),
};

const u53 = fc.maxSafeNat();
const chunks = fc
  .record({
    sessionId: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('hex')),
    index: u53,
    track: fc.nat(65_535),
    plainOffset: u53,
    plainSizeBytes: fc.integer({ min: 2, max: MAX_CHUNK_BYTES }),
    saved: fc.nat(),
    times: fc.tuple(u53, u53),
    nonce: fc.uint8Array({ minLength: 24, maxLength: 24 }),
  })
  .map(({ saved, times, ...fields }): RecordHeader => {
    const packedSizeBytes = fields.plainSizeBytes - (saved % fields.plainSizeBytes);
    return {
      ...fields,
      type: 'chunk',
      sealed: true,
      compressed: packedSizeBytes < fields.plainSizeBytes,
      packedSizeBytes,
      payloadSizeBytes: packedSizeBytes + 16,
      capturedFromUs: Math.min(...times),
      capturedUntilUs: Math.max(...times),
    };
  });

test('the layout is that of the format page', () => {
  const bytes = encodeRecordHeader(chunk);
  expect(Buffer.from(bytes).toString('hex')).toBe(
    [
      '4c524543',
      '01',
      '02',
      '0003',
      sessionId,
      '0000000000000007',
      '0003',
      '0000',
      '00000074',
      '0006440f7ea1e001',
      '0006440f7eaf9ba0',
      '000000012a05f200',
      '00001000',
      '00000064',
      '09'.repeat(24),
      '00'.repeat(16),
    ].join(''),
  );
});

test('what is written is read', () => {
  fc.assert(
    fc.property(chunks, (header) => {
      expect(parseRecordHeader(encodeRecordHeader(header))).toEqual({ ok: true, header });
    }),
  );
});

test('a control record is its header and its payload', () => {
  const payload = new Uint8Array(77).fill(0x7b);
  const [header, body] = encodeControlRecord({ type: 'close', sessionId, index: 9, atUs: 5, payload });
  expect(body).toBe(payload);
  expect(parseRecordHeader(header)).toMatchObject({
    ok: true,
    header: {
      type: 'close',
      index: 9,
      payloadSizeBytes: 77,
      plainSizeBytes: 77,
      capturedFromUs: 5,
      capturedUntilUs: 5,
    },
  });
  const tooLong = new Uint8Array(MAX_CONTROL_BYTES + 1);
  expect(() =>
    encodeControlRecord({ type: 'event', sessionId, index: 1, atUs: 5, payload: tooLong }),
  ).toThrow(RangeError);
});

/** Bytes of a valid header with some of them replaced. */
const patched = (header: RecordHeader, at: number, hex: string): Uint8Array => {
  const bytes = encodeRecordHeader(header);
  bytes.set(hexToBytes(hex), at);
  return bytes;
};

const broken: readonly (readonly [RecordFault, string, Uint8Array])[] = [
  ['truncated', '127 bytes', encodeRecordHeader(chunk).subarray(0, 127)],
  ['truncated', 'no bytes', new Uint8Array()],
  ['wrong_magic', 'LREX', patched(chunk, 3, '58')],
  ['wrong_version', 'version 2', patched(chunk, 4, '02')],
  ['wrong_version', 'version 0', patched(chunk, 4, '00')],
  ['unknown_type', 'type 0', patched(chunk, 5, '00')],
  ['unknown_type', 'type 5', patched(chunk, 5, '05')],
  ['unknown_flags', 'flag bit 2', patched(chunk, 6, '0007')],
  ['unknown_flags', 'flag bit 15', patched(chunk, 6, '8003')],
  ['number_too_large', 'index 2^53', patched(chunk, 40, '0020000000000000')],
  ['number_too_large', 'from 2^64-1', patched(chunk, 56, 'ffffffffffffffff')],
  ['number_too_large', 'until 2^53', patched(chunk, 64, '0020000000000000')],
  ['number_too_large', 'plain offset 2^53', patched(chunk, 72, '0020000000000000')],
  ['reserved_not_zero', 'its first byte', patched(chunk, 112, '01')],
  ['reserved_not_zero', 'its last byte', patched(chunk, 127, '80')],
  ['wrong_key_epoch', 'epoch 1', patched(chunk, 50, '0001')],
  ['times_reversed', 'until before from', patched(chunk, 64, '0000000000000001')],
  ['sizes_disagree', 'payload without tag', patched(chunk, 52, '00000064')],
  ['sizes_disagree', 'plain size 0', patched(chunk, 80, '00000000')],
  ['sizes_disagree', 'plain size above 16 MiB', patched(chunk, 80, '01000001')],
  ['sizes_disagree', 'compressed but not smaller', patched(chunk, 80, '00000064')],
  ['sizes_disagree', 'not compressed but smaller', patched(chunk, 6, '0002')],
  ['sizes_disagree', 'control payload of other size', patched(event, 52, '00000033')],
  ['sizes_disagree', 'control payload above 1 MiB', patched(oversizedEvent(), 84, '00100001')],
  ['control_not_plain', 'sealed event', patched(event, 6, '0002')],
  ['control_not_plain', 'compressed event', patched(event, 6, '0001')],
  ['control_not_plain', 'event of a track', patched(event, 48, '0001')],
  ['control_not_plain', 'event with an offset', patched(event, 79, '01')],
  ['control_not_plain', 'event with a nonce', patched(event, 111, '01')],
  ['chunk_not_sealed', 'chunk without flag', patched(chunk, 6, '0001')],
];

/** A control header whose three sizes are just above the bound. */
function oversizedEvent(): RecordHeader {
  return { ...event, payloadSizeBytes: MAX_CONTROL_BYTES + 1, plainSizeBytes: MAX_CONTROL_BYTES + 1 };
}

test.each(broken)('%s: %s', (fault, _, bytes) => {
  expect(parseRecordHeader(bytes)).toMatchObject({ ok: false, fault });
});

test('every fault has a case', () => {
  expect(new Set(broken.map(([fault]) => fault))).toEqual(new Set(recordFaults));
});

test('random bytes never throw, and what parses is written back the same', () => {
  const headers = fc.tuple(chunks, fc.array(fc.tuple(fc.nat(127), fc.nat(255)), { maxLength: 4 }));
  fc.assert(
    fc.property(headers, ([header, patches]) => {
      const bytes = encodeRecordHeader(header);
      for (const [at, byte] of patches) bytes[at] = byte;
      const parsed = parseRecordHeader(bytes);
      if (parsed.ok) expect(encodeRecordHeader(parsed.header)).toEqual(bytes);
      else expect(parsed.detail).not.toBe('');
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => parseRecordHeader(bytes).ok === false));
});

test('the nonce is a copy, also out of a Node Buffer', () => {
  const bytes = Buffer.from(encodeRecordHeader(chunk));
  const parsed = parseRecordHeader(bytes);
  bytes.fill(0);
  expect(parsed.ok && parsed.header.nonce).toEqual(chunk.nonce);
});

test.each([
  ['index', -1],
  ['index', 2 ** 53],
  ['capturedFromUs', 0.5],
  ['plainOffset', Number.NaN],
  ['track', 65_536],
  ['payloadSizeBytes', 2 ** 32],
  ['plainSizeBytes', -1],
  ['packedSizeBytes', 1.5],
] as const)('a header with %s %d is not written', (name, value) => {
  expect(() => encodeRecordHeader({ ...chunk, [name]: value })).toThrow(RangeError);
});

test('a header needs a session id, a nonce of 24 bytes and room', () => {
  expect(() => encodeRecordHeader({ ...chunk, sessionId: 'AB'.repeat(32) })).toThrow(TypeError);
  expect(() => encodeRecordHeader({ ...chunk, nonce: new Uint8Array(12) })).toThrow(RangeError);
  expect(() => encodeRecordHeader(chunk, new Uint8Array(127))).toThrow(RangeError);
});
