import { RLP } from '@ethereumjs/rlp';
import fc from 'fast-check';
import {
  decodeExecutedBlock,
  decodeKeptBlock,
  decodeProposal,
  decodeTransactions,
  encodeExecutedBlock,
  encodeKeptBlock,
  encodeProposal,
  encodeTransactions,
  WireError,
} from './index.ts';

const bytes = (sizeBytes?: number) =>
  fc.uint8Array(
    sizeBytes === undefined ? { maxLength: 300 } : { minLength: sizeBytes, maxLength: sizeBytes },
  );
const proposals = fc.record({
  timestampSec: fc.nat(),
  proposer: bytes(20),
  extraData: bytes(),
  transactions: fc.array(bytes()),
});
const keptBlocks = fc.tuple(bytes(), fc.array(fc.tuple(bytes(), bytes(20)))).map(([block, pairs]) => ({
  block,
  receipts: pairs.map(([receipt]) => receipt),
  senders: pairs.map(([, sender]) => sender),
}));
const leftOut = fc.array(fc.record({ hash: bytes(32), reason: fc.string({ unit: 'grapheme' }) }));
const executedBlocks = fc.tuple(keptBlocks, leftOut).map(([kept, left]) => ({ ...kept, leftOut: left }));

it.each([
  ['a proposal', proposals, encodeProposal, decodeProposal],
  ['a kept block', keptBlocks, encodeKeptBlock, decodeKeptBlock],
  ['an executed block', executedBlocks, encodeExecutedBlock, decodeExecutedBlock],
  ['transactions', fc.array(bytes()), encodeTransactions, decodeTransactions],
] as [string, fc.Arbitrary<unknown>, (value: unknown) => Uint8Array, (bytes: Uint8Array) => unknown][])(
  '%s comes back as it went in',
  (_what, values, encode, decode) => {
    fc.assert(fc.property(values, (value) => expect(decode(encode(value))).toEqual(value)));
  },
);

const decoders = [decodeProposal, decodeKeptBlock, decodeExecutedBlock, decodeTransactions];

it('foreign bytes give a WireError or a value, nothing else', () => {
  const nested = fc.letrec<{ item: Parameters<typeof RLP.encode>[0] }>((tie) => ({
    item: fc.oneof({ depthSize: 'small' }, bytes(), fc.array(tie('item'))),
  })).item;
  const foreign = fc.oneof(
    bytes(),
    nested.map((item) => RLP.encode(item)),
  );
  fc.assert(
    fc.property(foreign, (input) => {
      for (const decode of decoders)
        try {
          decode(input);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
    }),
    { numRuns: 500 },
  );
});

const proposer = new Uint8Array(20);
it.each([
  ['a proposal of three members', RLP.encode([1, proposer, '0x']), /proposal has 3 members, not 4/],
  ['a short proposer', RLP.encode([1, '0x00', '0x', []]), /proposer has 1 bytes, not 20/],
  ['a time that is a list', RLP.encode([[], proposer, '0x', []]), /time is no byte string/],
  ['a time with leading zeros', RLP.encode(['0x0001', proposer, '0x', []]), /time begins with a zero/],
  ['a time beyond all time', RLP.encode(['0xffffffffffffffff', proposer, '0x', []]), /time is too large/],
  ['bytes behind', Uint8Array.of(0xc0, 0xc0), /proposal cannot be read/],
])('%s is refused', (_what, input, message) => {
  expect(() => decodeProposal(input)).toThrow(message);
});

it('receipts and senders belong together', () => {
  expect(() => decodeKeptBlock(RLP.encode(['0x', ['0x'], []]))).toThrow(/1 receipts, but 0 senders/);
});
