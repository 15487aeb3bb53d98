/** What a file of producers may say, and what is wrong with one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  addressOf,
  bytesOf,
  chainId,
  entityOf,
  fileOf,
  firstSlot,
  nodeIdOf,
  server,
  sign,
  slotDurationSec,
} from '../../test/producers-world.ts';
import { openProducers, parseProducers } from './producers-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'producers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const good = fileOf([3, 2]);
const beacon = { slot: firstSlot - 1, type: 'uptime_beacon', value: { uptimeSeconds: 300 } } as const;
const pool = { poolId: 'alpha', address: addressOf(5), members: [nodeIdOf(2)] };

const settingsOf = (content: string | Uint8Array, change: object = {}) => {
  const path = join(folder, 'producers.json');
  writeFileSync(path, content);
  return {
    CHAIN_PRODUCERS_FILE: path,
    CHAIN_PRODUCE: 'on',
    CHAIN_PRODUCER: addressOf(0),
    CHAIN_SLOT_SECONDS: slotDurationSec,
    ...change,
  } as const;
};

test('a good one says who produces, where tips go, and what counts', () => {
  const book = openProducers(settingsOf(bytesOf(good)));
  expect(book).toMatchObject({ chainId, fromSlot: firstSlot, server });
  expect(book.addressOf).toEqual(
    new Map([
      [entityOf(0), addressOf(0)],
      [entityOf(1), addressOf(1)],
    ]),
  );
  expect(book.claims).toHaveLength(good.proofs.length);
  expect(book.parameters).toMatchObject({ slotDurationSec, cooldownSlots: 8, baseMbPerSession: 5 });
  const proofs = [...good.proofs, sign(2, { ...beacon, poolId: 'alpha' } as typeof beacon)];
  expect(parseProducers(bytesOf({ ...good, pools: [pool], proofs })).addressOf.get('pool:alpha')).toBe(
    addressOf(5),
  );
});

test('who makes no blocks, or is the server, need not be listed', () => {
  const bytes = bytesOf(good);
  const other = addressOf(9);
  expect(openProducers(settingsOf(bytes, { CHAIN_PRODUCE: 'off', CHAIN_PRODUCER: other }))).not.toBeNull();
  expect(openProducers(settingsOf(bytes, { CHAIN_PRODUCER: server.toUpperCase() }))).not.toBeNull();
});

const [first] = good.proofs as [object];
test.each<[string, unknown, RegExp]>([
  [
    'no format',
    { ...good, format: undefined },
    /the whole of it must have required properties format; correct/,
  ],
  ['a member too many', { ...good, owner: 1 }, /producers.json \/owner does not belong there; correct/],
  ['an address of other length', { ...good, server: '0x12' }, /\/server must match pattern/],
  ['a parameter that is none', { ...good, parameters: { SPEED: 1 } }, /\/parameters has "SPEED"; use SLOT/],
  [
    'a parameter out of bounds',
    { ...good, parameters: { COOLDOWN_SLOTS: 1 } },
    /cooldownSlots: out-of-bounds/,
  ],
  ['nobody', { ...good, nodes: [], proofs: [] }, /names no producer; name one/],
  [
    'a node twice',
    { ...good, nodes: [...good.nodes, { ...good.nodes[0], address: addressOf(7) }] },
    /\/nodes\/2 is node:[0-9a-f]{64} a second time; name/,
  ],
  [
    'one address for two',
    { ...good, pools: [{ ...pool, address: addressOf(1) }] },
    /\/pools\/0 has the address of \/nodes\/1; give/,
  ],
  [
    'the address of the server',
    { ...good, server: addressOf(0).toUpperCase().replace('X', 'x') },
    /\/nodes\/0 has the address of \/server/,
  ],
  ['a pool without a name', { ...good, pools: [{ ...pool, poolId: '-' }] }, /\/pools\/0\/poolId is no name/],
  [
    'a proof that is none',
    { ...good, proofs: [1] },
    /\/proofs\/0 does not count: not-canonical; take it out/,
  ],
  [
    'a proof that was changed',
    { ...good, proofs: [first, { ...first, slot: firstSlot }] },
    /\/proofs\/1 does not count: time-outside-slot/,
  ],
  [
    'a proof that another signed',
    { ...good, proofs: [{ ...first, nodeId: nodeIdOf(1) }] },
    /\/proofs\/0 does not count: wrong-signature/,
  ],
  ['a proof for another chain', { ...good, proofs: [sign(0, beacon, 5)] }, /wrong-signature/],
  ['a proof of a stranger', { ...good, proofs: [sign(3, beacon)] }, /not-registered/],
  [
    'a proof for a pool of others',
    { ...good, pools: [pool], proofs: [sign(1, { ...beacon, poolId: 'alpha' } as typeof beacon)] },
    /not-a-member/,
  ],
  ['a proof of who has no address', { ...good, pools: [pool], proofs: [sign(2, beacon)] }, /no-address/],
])('refused with one sentence: %s', (_what, file, sentence) => {
  expect(() => openProducers(settingsOf(bytesOf(file)))).toThrow(sentence);
  expect(() => openProducers(settingsOf(bytesOf(file)))).toThrow(
    /^on-system-chain cannot start.*\n {2}CHAIN_PRODUCERS_FILE: a file of producers; in .*producers\.json [^\n]+; [^\n]+$/,
  );
});

test.each<[string, object, RegExp]>([
  [
    'no file',
    { CHAIN_PRODUCERS_FILE: '/nowhere/producers.json' },
    /in \/nowhere\/producers.json it cannot be read \(ENOENT\); name a file/,
  ],
  [
    'other slots',
    { CHAIN_SLOT_SECONDS: 120 },
    /CHAIN_SLOT_SECONDS: 300, as the file of producers says; .*set it so/,
  ],
  [
    'a producer that is not in it',
    { CHAIN_PRODUCER: addressOf(9) },
    /CHAIN_PRODUCER: an address that the file of producers names; name it/,
  ],
])('refused with one sentence: %s', (_what, change, sentence) => {
  expect(() => openProducers(settingsOf(bytesOf(good), change))).toThrow(sentence);
});

test('no JSON', () => {
  expect(() => openProducers(settingsOf('{'))).toThrow(/producers.json it is no JSON; write it anew/);
});
