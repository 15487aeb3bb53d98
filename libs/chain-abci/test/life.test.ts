import { proposalStatus } from '@lucid/abci-server';
import { openChainApplication } from '@lucid/chain-application';
import { createMemoryKvStore } from '@lucid/kv-store';
import {
  accounts,
  commitNext,
  contracts,
  genesis,
  openChain,
  sampleBlocks,
  startSec,
  storeCall,
  transaction,
} from '../../chain-application/test/test-chain.ts';
import { transactionCodes } from '../src/index.ts';
import {
  begin,
  checkRequest,
  decide,
  finalize,
  hexToBytes,
  infoOf,
  initRequest,
  memoryStores,
  openValidator,
  proposalAt,
  validatorAddress,
} from './validator.ts';

describe('the beginning', () => {
  test('nothing is here until the genesis or a snapshot comes', async () => {
    const stores = memoryStores();
    const validator = openValidator(stores);
    expect(await infoOf(validator)).toEqual({ height: 0, appHash: '0x' });
    const { code } = await validator.query({ path: '/head', data: new Uint8Array(0), height: 0 });
    expect(code).toBe(transactionCodes.refused);
    expect(await validator.checkTx(checkRequest(transaction(0, { nonce: 0 })))).toMatchObject({
      code: transactionCodes.refused,
    });
    expect(await validator.listSnapshots({})).toEqual({});
    for await (const [key] of stores.chain.iterate()) throw new Error(`${key} is stored already`);
  });

  test('it begins on the block that genesis.json names, and on no other', async () => {
    const validator = openValidator();
    const { blockHash } = (await validator.chain()).info();
    expect(await begin(validator)).toBe(blockHash);
    for (const wrong of [`0x${'1'.repeat(64)}`, ''])
      await expect(validator.initChain(initRequest(wrong))).rejects.toMatchObject({
        code: 'begin_elsewhere',
      });
    const later = { ...initRequest(blockHash), initialHeight: 2 };
    await expect(validator.initChain(later)).rejects.toMatchObject({ code: 'begin_elsewhere' });
    const nothing = { ...initRequest(blockHash), appStateBytes: new Uint8Array(0) };
    await expect(validator.initChain(nothing)).rejects.toMatchObject({ code: 'begin_elsewhere' });
  });

  test('a chain that one node made goes on where it is', async () => {
    const stores = [memoryStores(), memoryStores()];
    for (const { chain } of stores) {
      const single = await openChain(chain);
      for (const txs of sampleBlocks(3)) await commitNext(single, txs);
    }
    const validators = stores.map((each) => openValidator(each));
    const heads = await Promise.all(validators.map(begin));
    expect(heads[0]).toBe(heads[1]);
    const next = transaction(6, { nonce: 0 });
    await decide(validators, 1, [next]);
    const { height } = (await validators[1]!.chain()).info();
    expect(height).toBe(4);
    expect(await infoOf(validators[1]!)).toMatchObject({ height: 1 });
  });
});

describe('the life of a height', () => {
  test('four validators agree on every block, and the single-proposer driver makes the same ones of the same', async () => {
    const validators = Array.from({ length: 4 }, () => openValidator());
    for (const validator of validators) await begin(validator);
    const single = await openChain(createMemoryKvStore());
    for (const [index, mempool] of sampleBlocks(6).entries()) {
      const { txs, appHash, codes, data } = await decide(validators, index + 1, mempool);
      const executed = await single.finalizeBlock({
        height: index + 1,
        timestampSec: startSec + index + 1,
        proposer: `0x${Buffer.from(validatorAddress).toString('hex')}`,
        transactions: txs,
      });
      await single.commit();
      expect(appHash).toBe(executed.blockHash);
      expect(data).toEqual(txs.map(() => appHash));
      const failed = (at: number) => (executed.results[at]!.status === 1 ? 0 : transactionCodes.failed);
      expect(codes).toEqual(txs.map((_, at) => failed(at)));
      expect(codes).toContain(transactionCodes.failed);
    }
    const imported = await openChain(createMemoryKvStore());
    for (let height = 1; height <= 6; height++) {
      const { value } = await validators[3]!.query({
        path: `/block/${height}`,
        data: hexToBytes('0x'),
        height: 0,
      });
      await imported.importBlock(value!);
      await imported.commit();
    }
    expect(imported.info().blockHash).toBe(single.info().blockHash);
  });

  test('without work there is no block until the slot is over', async () => {
    const validator = openValidator(memoryStores(), { slotSec: 10 });
    const genesisHash = await begin(validator);
    expect((await decide([validator], 1, [], startSec + 9)).appHash).toBe(genesisHash);
    expect(await infoOf(validator)).toEqual({ height: 1, appHash: genesisHash });
    const { appHash } = await decide([validator], 2, [], startSec + 10);
    expect(appHash).not.toBe(genesisHash);
    expect((await decide([validator], 3, [], startSec + 19)).appHash).toBe(appHash);
    expect((await validator.chain()).info()).toMatchObject({ height: 1, timestampSec: startSec + 10 });
  });

  test('two blocks of one second have two times', async () => {
    const validator = openValidator();
    await begin(validator);
    await decide([validator], 1, [transaction(0, { nonce: 0 })], startSec + 5);
    await decide([validator], 2, [transaction(0, { nonce: 1 })], startSec + 5);
    expect((await validator.chain()).info().timestampSec).toBe(startSec + 6);
  });

  test('a round that came to nothing leaves no trace', async () => {
    const [validator, other] = [openValidator(), openValidator()];
    await begin(validator);
    await begin(other);
    const txs = [transaction(0, { nonce: 0 }), storeCall(1, 0, 3, 4)];
    await validator.prepareProposal({ ...proposalAt(1, txs), maxTxBytes: 1_000_000 });
    await validator.processProposal(proposalAt(1, [txs[1]!], startSec + 2));
    expect(await decide([other, validator], 1, txs, startSec + 4)).toMatchObject({ codes: [0, 0] });
  });

  test('commit without a decided block is refused', async () => {
    const validator = openValidator();
    await begin(validator);
    await expect(validator.commit({})).rejects.toMatchObject({ code: 'out_of_order' });
  });
});

describe('transactions', () => {
  test('CheckTx takes what can be executed one day, and says why not', async () => {
    const validator = openValidator();
    await begin(validator);
    expect(await validator.checkTx(checkRequest(transaction(0, { nonce: 5 })))).toMatchObject({
      gasWanted: 21_000,
    });
    const refused = await validator.checkTx(checkRequest(Uint8Array.of(2, 1)));
    expect(refused).toMatchObject({ code: transactionCodes.refused, info: 'malformed', codespace: 'lucid' });
    const poor = await validator.checkTx(checkRequest(transaction(0, { nonce: 0, value: 10n ** 21n })));
    expect(poor).toMatchObject({ code: transactionCodes.refused, info: 'insufficient_funds' });
  });

  test('a proposal is put in order; what cannot be executed waits', async () => {
    const validator = openValidator();
    await begin(validator);
    const of = (nonce: number, sender = 0, value = 1n) => transaction(sender, { nonce, value });
    const half = 6n * 10n ** 19n;
    const mempool = [of(1), of(3), of(0, 1, half), of(0), of(1, 1, half), Uint8Array.of(9), of(0, 0, 2n)];
    const { txs } = await decide([validator], 1, mempool);
    expect(txs).toEqual([mempool[3], mempool[0], mempool[2]]);
  });

  test('a proposal with anything that cannot be executed in its place is rejected, and decided all the same it is refused alone', async () => {
    const [validator, other] = [openValidator(), openValidator()];
    for (const each of [validator, other]) await begin(each);
    const good = transaction(0, { nonce: 0 });
    for (const bad of [
      transaction(0, { nonce: 2 }),
      transaction(0, { nonce: 0, value: 7n }),
      transaction(1, { nonce: 0, chainId: 5 }),
      Uint8Array.of(1, 2, 3),
      new Uint8Array(0),
    ]) {
      const { status } = await validator.processProposal(proposalAt(1, [good, bad]));
      expect(status).toBe(proposalStatus.reject);
    }
    expect(await validator.processProposal(proposalAt(1, [good]))).toEqual({ status: proposalStatus.accept });
    const junk = proposalAt(1, [Uint8Array.of(1), good, transaction(0, { nonce: 4 }), storeCall(1, 0, 1, 1)]);
    const { codes, data, appHash } = await finalize(validator, junk);
    expect(codes).toEqual([transactionCodes.refused, 0, transactionCodes.refused, 0]);
    expect(data).toEqual(['0x', appHash, '0x', appHash]);
    expect(await finalize(other, junk)).toMatchObject({ codes, data, appHash });
  });

  test('a call that reverts is in the block, with its own code', async () => {
    const validator = openValidator();
    await begin(validator);
    const reverts = transaction(0, { nonce: 0, to: contracts.reverts, gasLimit: 50_000 });
    expect(await decide([validator], 1, [reverts])).toMatchObject({ codes: [transactionCodes.failed] });
    expect((await (await validator.chain()).account(accounts[0]!)).nonce).toBe(1n);
  });
});

describe('a crash', () => {
  test('between the record of the height and the chain’s commit: the height comes again, and gives the same block', async () => {
    const stores = memoryStores();
    const first = openValidator(stores, {
      onBlock: async ({ height }) => {
        if (height === 2) throw new Error('the power fails');
      },
    });
    await begin(first);
    await decide([first], 1, [transaction(0, { nonce: 0 })]);
    const before = await infoOf(first);
    const proposal = proposalAt(2, [transaction(0, { nonce: 1 })]);
    const { appHash } = await first.finalizeBlock(proposal);
    await expect(first.commit({})).rejects.toThrow('the power fails');

    const told: number[] = [];
    const second = openValidator(stores, { onBlock: async ({ height }) => void told.push(height) });
    expect(await infoOf(second)).toEqual(before);
    expect((await finalize(second, proposal)).appHash).toBe(`0x${Buffer.from(appHash!).toString('hex')}`);
    expect(told).toEqual([2]);
    const third = openValidator(stores);
    expect(await infoOf(third)).toMatchObject({ height: 2 });
  });

  test('stores that do not belong together are refused', async () => {
    const stores = memoryStores();
    const validator = openValidator(stores);
    await begin(validator);
    for (let height = 1; height <= 3; height++)
      await decide([validator], height, [transaction(0, { nonce: height - 1 })]);
    const older = createMemoryKvStore();
    await openChainApplication({ genesis, store: older });
    const mixed = openValidator({ chain: older, records: stores.records });
    await expect(infoOf(mixed)).rejects.toMatchObject({ code: 'height_conflict' });
  });
});
