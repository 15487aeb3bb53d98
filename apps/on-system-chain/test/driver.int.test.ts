/** The driver against the real vm and ledger, with failures between any two of its steps. */

import { afterEach, describe, expect, test } from '@jest/globals';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { blockchainLedgerContract, blockchainVmContract } from '@lucid/contracts';
import { type Clock, ProblemError, systemClock } from '@lucid/service-kit';
import { createManualClock } from '@lucid/service-kit/testing';
import { onSystemChain } from '../src/index.ts';
import { accountOf, chainId, eventually, gwei, startChain } from './chain-stack.ts';
import { Faults, type Moment } from './faults.ts';

type Started = Awaited<ReturnType<typeof startChain>>;
let node: Started | undefined;
afterEach(async () => {
  await node?.close();
  node = undefined;
});

const transfer = (nonce: number, from = 0) =>
  accountOf(from).signTransaction({
    type: 'eip1559',
    chainId,
    nonce,
    to: accountOf(50).address,
    value: 1n,
    gas: 21_000n,
    maxFeePerGas: 10n * gwei,
    maxPriorityFeePerGas: gwei,
  });

async function send({ rpc }: Started, raw: string): Promise<string> {
  const { result, error } = await rpc('eth_sendRawTransaction', raw);
  if (error) throw new Error(error.message);
  return result as string;
}

const mined = ({ rpc }: Started, hash: string) =>
  eventually(async () => (await rpc('eth_getTransactionReceipt', hash)).result as { blockNumber: string });

async function heads({ stack }: Started) {
  const vm = await stack.clientOf(blockchainVmContract).getStatus();
  const ledger = await stack.clientOf(blockchainLedgerContract).getChainHead();
  return { vm: [vm.height, vm.blockHash], ledger: [ledger.height, ledger.blockHash] };
}

const isReady = async ({ url }: Started) => {
  const response = await fetch(`${url}/ready`);
  return { status: response.status, text: await response.text() };
};

describe('a step that fails', () => {
  const steps = ['blockchain-vm.finalizeBlock', 'blockchain-ledger.putBlock', 'blockchain-vm.commitBlock'];
  test.each(
    steps.flatMap((step) =>
      (['before', 'after'] as const).map((moment) => [moment, step] as [Moment, string]),
    ),
  )('%s %s: the block comes, once, and vm and ledger agree', async (moment, step) => {
    const faults = new Faults();
    node = await startChain({ definitions: faults.definitions() });
    const first = await send(node, await transfer(0));
    await mined(node, first);
    faults.arm(step, moment, 2);
    const hash = await send(node, await transfer(1));
    await mined(node, hash);
    expect(faults.met).toContain(`${step} ${moment}`);
    const after = await heads(node);
    expect(after.vm).toEqual(after.ledger);
    expect((await node.rpc('eth_getBalance', accountOf(50).address)).result).toBe('0x2');
    expect((await node.rpc('txpool_status')).result).toEqual({ pending: '0x0', queued: '0x0' });
  });
});

test('attempts that fail again and again come ever more seldom', async () => {
  const backoffMs = [100, 200, 400, 800];
  const slept: number[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep(delayMs, signal) {
      if (backoffMs.includes(delayMs)) slept.push(delayMs);
      return systemClock.sleep(delayMs, signal);
    },
  };
  const faults = new Faults();
  node = await startChain({ definitions: faults.definitions(), clock });
  await mined(node, await send(node, await transfer(0)));
  faults.arm('blockchain-ledger.putBlock', 'before', backoffMs.length);
  slept.splice(0);
  await mined(node, await send(node, await transfer(1)));
  expect(slept).toEqual(backoffMs);
});

test('calls of strangers that get no answer keep no block from being made', async () => {
  const call = () => {
    throw new ProblemError('unavailable');
  };
  const vm = { ...blockchainVm, handlers: { ...blockchainVm.handlers, call } };
  node = await startChain({ definitions: [blockchainLedger, vm, onSystemChain] });
  const { rpc, stack } = node;
  const before = stack.logLines.length;
  let isAsked = true;
  const asking = Array.from({ length: 20 }, async (_, index) => {
    while (isAsked) expect((await rpc('eth_call', { data: `0x${index + 10}` })).error?.code).toBe(-32002);
  });
  for (const nonce of [0, 1]) await mined(node, await send(node, await transfer(nonce)));
  isAsked = false;
  await Promise.all(asking);
  expect(stack.logLines.slice(before).filter((line) => `${line}`.includes('the chain waits'))).toEqual([]);
});

describe.each(['blockchain-vm', 'blockchain-ledger'])('%s is away', (service) => {
  test('/ready says so, nothing is lost, and it goes on when it is back', async () => {
    const faults = new Faults();
    node = await startChain({ definitions: faults.definitions() });
    const started = node;
    await mined(started, await send(started, await transfer(0)));
    const raw = await transfer(1);
    const hash = await send(started, raw);
    faults.away(service);
    await eventually(async () => (await isReady(started)).text.includes(`${service}:internal`));
    expect((await isReady(started)).status).toBe(503);
    faults.back(service);
    await mined(started, hash);
    await eventually(async () => (await isReady(started)).status === 200);
  });
});

test('what the ledger has and the vm lacks is executed again at the start', async () => {
  const faults = new Faults();
  node = await startChain({ definitions: faults.definitions() });
  const hash = await send(node, await transfer(0));
  await mined(node, hash);
  // The ledger gets the next block, the vm never commits it, and all of them end.
  faults.arm('blockchain-vm.commitBlock', 'before', Number.POSITIVE_INFINITY);
  const last = await send(node, await transfer(1));
  const started = node;
  await eventually(async () => {
    const { vm, ledger } = await heads(started);
    return (ledger[0] as number) > (vm[0] as number);
  });
  const { folder } = node;
  await node.close(true);
  node = await startChain({ folder });
  await mined(node, last);
  const { vm, ledger } = await heads(node);
  expect(vm).toEqual(ledger);
});

test('transactions that were acknowledged wait on after a restart', async () => {
  const faults = new Faults();
  node = await startChain({ definitions: faults.definitions() });
  await eventually(async () => (await node?.rpc('eth_blockNumber'))?.result !== '0x0');
  faults.arm('blockchain-vm.finalizeBlock', 'before', Number.POSITIVE_INFINITY);
  const hashes: string[] = [];
  for (const [nonce, from] of [
    [0, 0],
    [0, 1],
    [2, 1],
  ] as const)
    hashes.push(await send(node, await transfer(nonce, from)));
  const { folder } = node;
  await node.close(true);
  node = await startChain({ folder });
  for (const hash of hashes.slice(0, 2)) await mined(node, hash);
  // The third one’s nonce has a gap before it.
  expect((await node.rpc('txpool_status')).result).toEqual({ pending: '0x0', queued: '0x1' });
});

describe('time', () => {
  const slotMs = 120_000;
  async function startTimed(atMs: number) {
    const clock = createManualClock(atMs);
    let steadyMs = 0;
    node = await startChain({
      clock,
      adapters: { 'on-system-chain': { steadyMs: () => steadyMs } },
      waits: false,
    });
    const { stack, rpc } = node;
    const look = async () => {
      await stack.idle();
      return Number((await rpc('eth_blockNumber')).result);
    };
    const pass = async (byMs: number, steady = byMs) => {
      steadyMs += steady;
      await clock.advance(byMs);
    };
    await eventually(async () => (await rpc('eth_blockNumber')).result === '0x1');
    return { clock, pass, look, started: node };
  }

  test('an empty block in each slot, and none beside', async () => {
    const { pass, look } = await startTimed(Date.UTC(2026, 0, 1));
    await pass(slotMs - 1_000);
    expect(await look()).toBe(1);
    await pass(1_000);
    await eventually(async () => (await look()) === 2);
    await pass(slotMs / 2);
    expect(await look()).toBe(2);
    await pass(slotMs / 2);
    await eventually(async () => (await look()) === 3);
  });

  test('a clock that jumps ahead is believed after a while, and said to be wrong until then', async () => {
    const { pass, look, started } = await startTimed(Date.UTC(2026, 0, 1));
    await pass(3_600_000, 0);
    await eventually(async () => (await isReady(started)).text.includes('clock_jumped'));
    expect(await look()).toBe(1);
    await pass(61_000);
    await eventually(async () => (await look()) === 2);
    expect((await isReady(started)).status).toBe(200);
  });

  test('between two slots without work it asks nobody anything', async () => {
    const { pass, look, started } = await startTimed(Date.UTC(2026, 0, 1));
    expect(await look()).toBe(1);
    const before = started.stack.logLines.length;
    for (let second = 0; second < 100; second++) await pass(1_000);
    expect(started.stack.logLines.slice(before)).toEqual([]);
    await pass(20_000);
    await eventually(async () => (await look()) === 2);
    expect(started.stack.logLines.length).toBeGreaterThan(before);
  });
});
