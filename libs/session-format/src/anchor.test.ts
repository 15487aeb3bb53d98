import { canonicalBytes } from '@lucid/jcs';
import { anchorEntryBytes, type ChainAnchor } from './anchor.ts';
import { encodeDocument, parseDocument } from './control.ts';

const hash = '01'.repeat(32);
const batch = { count: 3, index: 1, leaf: Buffer.alloc(192, 7).toString('base64'), path: [hash, hash] };
const single: ChainAnchor = {
  format: 'lucid-anchor/2',
  kind: 'chain',
  chainId: 1337,
  contract: '4c'.repeat(20),
  header: 'AQI=',
  transactionIndex: 0,
  transactionProof: ['AQI='],
  receiptProof: ['AQI=', 'AQ=='],
  logIndex: 0,
  ledger: 'l',
  index: 0,
  inclusion: [hash],
  checkpoint: 'x',
};
const judge = (value: unknown) => parseDocument('anchor', canonicalBytes(value));

test.each([
  ['by itself', single],
  ['in a batch', { ...single, batch }],
])('%s comes back as it was written', (_, anchor) => {
  expect(parseDocument('anchor', encodeDocument('anchor', anchor))).toEqual({ ok: true, value: anchor });
  expect(anchorEntryBytes(anchor)).toEqual(Uint8Array.of(1, 2));
});

test('each member is needed but the batch, none may be null, and there is no other', () => {
  for (const name of Object.keys(single) as (keyof ChainAnchor)[]) {
    const { [name]: _, ...rest } = single;
    expect([name, judge(rest).ok]).toEqual([name, false]);
    expect(judge({ ...rest, [name]: null }).ok).toBe(false);
  }
  for (const name of Object.keys(batch) as (keyof typeof batch)[]) {
    const { [name]: _, ...rest } = batch;
    expect([name, judge({ ...single, batch: rest }).ok]).toEqual([name, false]);
  }
  for (const bad of [
    { ...single, batch: null },
    { ...single, entry: 'AQI=' },
    { ...single, batch: { ...batch, root: hash } },
  ])
    expect(judge(bad).ok).toBe(false);
});

test.each<[string, object, RegExp]>([
  ['the kind of the other format', { kind: 'ledger' }, /kind must be "chain"/],
  ['a format of tomorrow', { format: 'lucid-anchor/3' }, /anchor/],
  ['chain 0', { chainId: 0 }, /chainId/],
  ['a contract with 0x', { contract: `0x${'4c'.repeat(19)}` }, /contract must be 40/],
  ['a header that is no base64', { header: '*' }, /header must be base64/],
  ['a header too long', { header: 'AAAA'.repeat(4097) }, /header is longer/],
  ['no nodes', { receiptProof: [] }, /receiptProof must have 1 to 9/],
  ['ten nodes', { transactionProof: new Array(10).fill('AQI=') }, /transactionProof must have 1 to 9/],
  ['a node that is no base64', { receiptProof: ['AQI'] }, /receiptProof\[0\] must be base64/],
  ['a transaction that no block has', { transactionIndex: 2 ** 24 }, /transactionIndex/],
  ['an event before the first', { logIndex: -1 }, /logIndex/],
  ['a path of 65 hashes', { inclusion: new Array(65).fill(hash) }, /0 to 64/],
  ['a batch of none', { batch: { ...batch, count: 0 } }, /count/],
  ['a batch of 2^32', { batch: { ...batch, count: 2 ** 32 } }, /count/],
  ['a place behind the batch', { batch: { ...batch, index: 3 } }, /index must be below its count/],
  [
    'a leaf of 191 bytes',
    { batch: { ...batch, leaf: Buffer.alloc(191).toString('base64') } },
    /leaf must be 192 bytes/,
  ],
  ['a leaf of 193 bytes', { batch: { ...batch, leaf: Buffer.alloc(193).toString('base64') } }, /leaf/],
  ['a batch path of 33 hashes', { batch: { ...batch, path: new Array(33).fill(hash) } }, /0 to 32/],
])('%s is refused', (_, changes, detail) => {
  const value = { ...single, ...changes };
  expect(judge(value)).toEqual({ ok: false, detail: expect.stringMatching(detail) });
  expect(() => encodeDocument('anchor', value as ChainAnchor)).toThrow(TypeError);
});

test('what is no object is no anchor', () => {
  for (const bad of [null, 7, 'lucid-anchor/2', [single], { format: 'lucid-anchor/2' }])
    expect(judge(bad).ok).toBe(false);
});
