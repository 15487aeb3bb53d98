/**
 * The chain of ethereum/execution-apis: 54 blocks with 249 transactions, through every fork from Frontier to BPO2.
 * LUCID_EXECUTION_APIS names a copy of that repository, or of its folder `tests`.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RLP } from '@ethereumjs/rlp';
import { expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import { type ChainApplication, openChainApplication } from '../src/index.ts';
import { describeIn, officialFolder } from './official-folders.ts';

const named = process.env.LUCID_EXECUTION_APIS;
const inTests = named !== undefined && existsSync(join(named, 'tests/chain.rlp'));
const found = officialFolder('LUCID_EXECUTION_APIS', inTests ? 'tests/chain.rlp' : 'chain.rlp');
const folder = found !== null && inTests ? join(found, 'tests') : found;

export function* blocksOf(file: Uint8Array): Generator<Uint8Array> {
  let rest = file;
  while (rest.length > 0) {
    const { remainder } = RLP.decode(rest, true);
    yield rest.subarray(0, rest.length - remainder.length);
    rest = remainder;
  }
}

async function importAll(app: ChainApplication, file: Uint8Array): Promise<number> {
  let transactions = 0;
  for (const blockRlp of blocksOf(file)) {
    const executed = await app.importBlock(blockRlp);
    transactions += executed.results.length;
    await app.commit(executed.blockHash);
  }
  return transactions;
}

describeIn(folder)('the chain of execution-apis', () => {
  const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(join(folder!, name)));
  const open = async (): Promise<ChainApplication> =>
    openChainApplication({
      genesis: JSON.parse(Buffer.from(read('genesis.json')).toString('utf8')),
      store: createMemoryKvStore(),
    });

  test('every block is imported, each state root is the one of its header', async () => {
    const app = await open();
    expect(await importAll(app, read('chain.rlp'))).toBe(249);
    const head = JSON.parse(Buffer.from(read('headfcu.json')).toString('utf8'));
    expect(app.info().height).toBe(54);
    expect(app.info().blockHash).toBe(head.params[0].headBlockHash);
    expect((await app.checkIntegrity()).faults).toEqual([]);
  });

  test('a block with one flipped bit is refused, and the right one is taken after it', async () => {
    const app = await open();
    for (const blockRlp of blocksOf(read('chain.rlp'))) {
      const flipped = Uint8Array.from(blockRlp);
      // Inside the state root: behind parent hash, uncle hash and coinbase.
      flipped[100] = flipped[100]! ^ 1;
      await expect(app.importBlock(flipped)).rejects.toMatchObject({ code: 'block_invalid' });
      await app.commit((await app.importBlock(blockRlp)).blockHash);
    }
    expect(app.info().height).toBe(54);
  });

  test('every transaction is traced by both tracers, with the gas of its receipt', async () => {
    const app = await open();
    for (const blockRlp of blocksOf(read('chain.rlp'))) {
      const executed = await app.importBlock(blockRlp);
      await app.commit(executed.blockHash);
      const structs = await app.traceBlock(executed.height);
      const calls = await app.traceBlock(executed.height, { tracer: 'callTracer', withLog: true });
      expect(structs.map(({ result }) => 'gas' in result && Number(result.gas))).toEqual(
        executed.results.map(({ gasUsed }) => Number(gasUsed)),
      );
      expect(calls.map(({ result }) => 'gasUsed' in result && BigInt(result.gasUsed))).toEqual(
        executed.results.map(({ gasUsed }) => gasUsed),
      );
    }
  });
});
