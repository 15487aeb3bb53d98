import { AbciError } from './error.ts';
import { decodeRequest, decodeResponse, encodeException, encodeRequest, encodeResponse } from './messages.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

describe('the wire, as protoc writes it', () => {
  test.each([
    ['flush', encodeRequest('flush', {}), '1200'],
    ['echo', encodeRequest('echo', { message: 'hi' }), '0a040a026869'],
    ['commit', encodeRequest('commit', {}), '5a00'],
    ['checkTx', encodeRequest('checkTx', { tx: Uint8Array.of(7), type: 1 }), '42050a01071001'],
    ['exception', encodeException('no'), '0a040a026e6f'],
    ['commit’s answer', encodeResponse('commit', {}), '6200'],
    ['a large number', encodeResponse('commit', { retainHeight: 300 }), '620318ac02'],
    [
      'results, one of them empty',
      encodeResponse('finalizeBlock', {
        txResults: [{}, { code: 2, gasUsed: 5 }],
        appHash: Uint8Array.of(9),
      }),
      'aa01' + '0b' + '1200' + '120408023005' + '2a0109',
    ],
    [
      'empty transactions count',
      encodeResponse('prepareProposal', { txs: [new Uint8Array(0)] }),
      '8a01020a00',
    ],
  ])('%s', (_, encoded, expected) => {
    expect(hex(encoded)).toBe(expected);
  });
});

test('a request is read; what is not declared is passed over, what is absent has its default', () => {
  const encoded = encodeRequest('finalizeBlock', {
    txs: [Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)],
    height: 2 ** 40,
    time: { seconds: 1_700_000_000, nanos: 5 },
  });
  const { kind, value } = decodeRequest(encoded);
  expect({ kind, value }).toEqual({
    kind: 'finalizeBlock',
    value: {
      txs: [Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)].map((each) => Buffer.from(each)),
      height: 2 ** 40,
      time: { seconds: 1_700_000_000, nanos: 5 },
      proposerAddress: new Uint8Array(0),
    },
  });
  // RequestInfo with block_version (2) and p2p_version (3), which nobody here reads.
  const info = decodeRequest(bytes('1a11' + '0a06302e33382e37' + '100b' + '1808' + '2203312e30'));
  expect(info).toEqual({ kind: 'info', value: { version: '0.38.7', abciVersion: '1.0' } });
});

test('what is no request is refused', () => {
  const code = (encoded: Uint8Array): string => {
    try {
      decodeRequest(encoded);
    } catch (error) {
      if (error instanceof AbciError) return error.code;
      throw error;
    }
    return 'taken';
  };
  for (const junk of [
    '',
    'ff',
    '12',
    '1205',
    '0a040a05',
    '08',
    '0801',
    '12001200',
    '42060a0107',
    'ffffffffff',
  ])
    expect([junk, code(bytes(junk))]).toEqual([junk, 'malformed']);
  // A height of 2^63 - 1.
  expect(code(bytes('a2010a28ffffffffffffffff7f'))).toBe('malformed');
  // ExtendVote (18).
  expect(code(bytes('920100'))).toBe('not_offered');
});

test('an exception is thrown where an answer is read, and an answer of another kind refused', () => {
  expect(() => decodeResponse('commit', encodeException('broken'))).toThrow('broken');
  expect(() => decodeResponse('commit', encodeResponse('flush', {}))).toThrow(AbciError);
  expect(
    decodeResponse('query', encodeResponse('query', { value: Uint8Array.of(1), code: 3 })),
  ).toMatchObject({
    code: 3,
    value: Buffer.of(1),
  });
});
