/** Turns by the headers of a chain, read from a ledger or taken one by one. */
import { expect, test } from '@jest/globals';
import { bytesToHex, hexToBytes } from '@lucid/bytes';
import { blockHash, encodeHeader } from '@lucid/eth-proof';
import fc from 'fast-check';
import {
  addressOf,
  bytesOf,
  chainId,
  cooldownSlots,
  entityOf,
  fileOf,
  firstSlotMs,
  server,
  slotDurationSec,
} from '../../test/producers-world.ts';
import type { ChainBlock } from '../chain/chain-block.ts';
import type { Ledger } from '../chain/chain-view.ts';
import { mostAheadSec } from '../chain/clock-judge.ts';
import { readHeader } from '../formats/header.ts';
import { ProducerDesk } from './producer-desk.ts';
import { parseProducers } from './producers-file.ts';

const firstSec = firstSlotMs / 1000;
const book = parseProducers(bytesOf(fileOf([30, 20, 10, 5])));
const bytes = (size: number): Uint8Array => new Uint8Array(size);

interface Step {
  /** Seconds since the first slot began. */
  readonly atSec: number;
  readonly producer: string;
}

/** Blocks behind a genesis of long before. */
function chainOf(steps: readonly Step[]): ChainBlock[] {
  const blocks: ChainBlock[] = [];
  for (const { atSec, producer } of [{ atSec: -1_000_000, producer: server }, ...steps]) {
    const headerRlp = encodeHeader({
      parentHash: blocks.length === 0 ? bytes(32) : hexToBytes(blocks.at(-1)!.hash.slice(2)),
      ...{ ommersHash: bytes(32), coinbase: hexToBytes(producer.slice(2)), stateRoot: bytes(32) },
      ...{ transactionsRoot: bytes(32), receiptsRoot: bytes(32), logsBloom: bytes(256), difficulty: 0n },
      ...{ number: BigInt(blocks.length), gasLimit: 1n, gasUsed: 0n, timestamp: BigInt(firstSec + atSec) },
      ...{ extraData: bytes(0), mixHash: bytes(32), nonce: bytes(8) },
    });
    const hash = `0x${bytesToHex(blockHash(headerRlp))}`;
    blocks.push({ height: blocks.length, hash, headerRlp, header: readHeader(headerRlp) } as ChainBlock);
  }
  return blocks;
}

function deskOf(blocks: readonly ChainBlock[], own = addressOf(0)) {
  let reads = 0;
  const ledger = {
    getHeader: async ({ params }: { params: { height: number } }) => {
      reads++;
      return blocks[params.height]!.headerRlp;
    },
  } as unknown as Ledger;
  const desk = new ProducerDesk({ book, own, ledger });
  const catchUp = (of = chainId, signal = new AbortController().signal) =>
    desk.catchUp(blocks.at(-1)!, of, signal);
  return { desk, catchUp, reads: () => reads };
}

const waits = async (steps: readonly Step[], atSec: number, own: number) => {
  const blocks = chainOf(steps);
  const { desk, catchUp } = deskOf(blocks, addressOf(own));
  await catchUp();
  return desk.waitMs(blocks.at(-1)!, firstSec + atSec, (firstSec + atSec) * 1000);
};

test('at the beginning of a slot its leader may make a block, the others wait for their turn', async () => {
  const of = (atSec: number) => Promise.all([0, 1, 2, 3].map((own) => waits([], atSec, own)));
  expect(await of(0)).toEqual([0, 5_000, 10_000, slotDurationSec * 1000]);
  expect(await of(4)).toEqual([0, 1_000, 6_000, (slotDurationSec - 4) * 1000]);
  expect(await of(5)).toEqual([(slotDurationSec - 5) * 1000, 0, 5_000, (slotDurationSec - 5) * 1000]);
});

test('who made the first block of a slot makes its others, whoever leads', async () => {
  const steps = [{ atSec: 6, producer: addressOf(1) }];
  expect(await Promise.all([0, 1].map((own) => waits(steps, 7, own)))).toEqual([293_000, 0]);
  // In the next one the leader that missed its turn has it again; the winner rests.
  expect(await Promise.all([0, 1, 2].map((own) => waits(steps, slotDurationSec, own)))).toEqual([
    ...[0, 300_000, 5_000],
  ]);
});

test('a block of another than whose turn it is, is named', async () => {
  const blocks = chainOf([{ atSec: 1, producer: addressOf(0) }]);
  const { desk, catchUp } = deskOf(blocks);
  await catchUp();
  const faultOf = (atSec: number, producer: string, nowMs = firstSlotMs) =>
    desk.faultOf(
      blocks.at(-1)!,
      chainOf([...Array(1), 1].map(() => ({ atSec, producer }))).at(-1)!.headerRlp,
      nowMs,
    );
  expect(faultOf(2, addressOf(0))).toBeNull();
  expect(faultOf(2, addressOf(1))).toMatch(/^At its time slot \d+ is of 0x0+a0; the block is of 0x0+a1\.$/);
  expect(faultOf(slotDurationSec, addressOf(1))).toBeNull();
  const later = firstSlotMs + 5_000;
  expect(faultOf(slotDurationSec + 4, addressOf(2), later)).toContain(`is of ${addressOf(1)}`);
  expect(faultOf(slotDurationSec + 5, addressOf(2), later)).toBeNull();
  expect(faultOf(slotDurationSec + 15, server, firstSlotMs + slotDurationSec * 1000)).toBeNull();
  // Of a time to come: not one slot up to it is counted.
  expect(faultOf(mostAheadSec + 1, addressOf(1))).toContain('is 301 seconds ahead');
  expect(faultOf(2 ** 47, server)).toContain('ahead of this node');
});

test('a file of another chain is said to be', async () => {
  await expect(deskOf(chainOf([])).catchUp(5)).rejects.toThrow(
    'the file of producers is of chain 1337, this one is 5: give CHAIN_PRODUCERS_FILE that of this chain',
  );
});

test('read from the ledger at once, in parts, or taken one by one: the same, with few reads', async () => {
  const steps = fc.array(
    fc.record({
      slots: fc.constantFrom(0, 0, 0, 1, 1, 2, 9, 300),
      blocks: fc.integer({ min: 1, max: 20 }),
      who: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 15 },
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (all, cut) => {
      let slot = -2;
      const made: Step[] = [];
      for (const { slots, blocks, who } of all) {
        slot += slots;
        const last = made.at(-1)?.atSec ?? Number.NEGATIVE_INFINITY;
        const from = Math.max(slot * slotDurationSec, last + 1);
        for (let at = 0; at < blocks; at++)
          made.push({ atSec: from + at, producer: who === 4 ? server : addressOf(who) });
        slot = Math.floor((made.at(-1)?.atSec ?? 0) / slotDurationSec);
      }
      const blocks = chainOf(made);
      const whole = deskOf(blocks);
      await whole.catchUp();
      const taken = deskOf(blocks);
      for (const block of blocks.slice(1)) taken.desk.take(block);
      const parts = deskOf(blocks);
      const middle = 1 + (cut % (blocks.length - 1));
      await parts.desk.catchUp(blocks[middle]!, chainId, new AbortController().signal);
      await parts.catchUp();
      const head = blocks.at(-1)!;
      const view = (each: ReturnType<typeof deskOf>, sec: number) =>
        each.desk.viewAt(head, (head.header.timestampSec + sec) * 1000);
      for (const sec of [0, slotDurationSec, 3 * slotDurationSec])
        for (const each of [taken, parts]) expect(view(each, sec)).toEqual(view(whole, sec));
      const bySlot = new Set(made.map(({ atSec }) => Math.floor(atSec / slotDurationSec))).size;
      expect(whole.reads()).toBeLessThanOrEqual((bySlot + 2) * 12);
    }),
    { numRuns: 30 },
  );
});

test('the cool-down goes by slots, not by blocks', async () => {
  const blocks = chainOf(Array.from({ length: 50 }, (_, at) => ({ atSec: at, producer: addressOf(0) })));
  const { desk, catchUp } = deskOf(blocks);
  await catchUp();
  const leaderIn = (slots: number) =>
    desk.viewAt(blocks.at(-1)!, firstSlotMs + slots * slotDurationSec * 1000).schedule.leader;
  expect(leaderIn(cooldownSlots)).toBe(entityOf(1));
  expect(leaderIn(cooldownSlots + 1)).toBe(entityOf(0));
});
