/** Chains made with other people's code: @ethereumjs for blocks, transactions, tries, blooms and receipts. */
import { createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { MerklePatriciaTrie } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { createTx, type TypedTransaction } from '@ethereumjs/tx';
import { Address, bigIntToUnpaddedBytes, createWithdrawal } from '@ethereumjs/util';
import { Bloom } from '@ethereumjs/vm';
import { encodeKeptBlock } from '@lucid/chain-wire';
import { createMemoryKvStore, type MemoryKvStore } from '@lucid/kv-store';
import { Chain } from '../src/chain/chain.ts';
import type { HeaderLog } from '../src/chain/header-log.ts';
import { createKeccak256 } from '../src/chain/keccak.ts';
import { createFaultKvStore, type FaultKvStore } from './fault-kv-store.ts';

export type TestLog = [address: Uint8Array, topics: Uint8Array[], data: Uint8Array];
export interface TestTransaction {
  /** 0 legacy, 1 access list, 2 fee market, 3 blobs, 4 set code. */
  readonly type?: number;
  readonly logs?: TestLog[];
}

export interface TestBlock {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly header: Uint8Array;
  readonly transactions: Uint8Array[];
  readonly transactionHashes: Uint8Array[];
  readonly receipts: Uint8Array[];
  readonly senders: Uint8Array[];
  readonly logs: TestLog[][];
  readonly receiptsRoot: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly timestampSec: number;
  /** As it is put. */
  readonly bytes: Uint8Array;
}

export const addressOf = (index: number): Uint8Array => bytesFrom(index, 20);
export const topicOf = (index: number): Uint8Array => bytesFrom(index, 32);

function bytesFrom(index: number, sizeBytes: number): Uint8Array {
  const bytes = Buffer.alloc(sizeBytes, 0x11);
  bytes.writeUInt32BE(index, sizeBytes - 4);
  return Uint8Array.from(bytes);
}

let made = 0;

/** Unsigned in truth: the ledger takes the senders that it is told. */
function makeTransaction({ type = 0 }: TestTransaction, common: Common): TypedTransaction {
  made++;
  const fees =
    type >= 2
      ? { maxFeePerGas: 10n ** 9n, maxPriorityFeePerGas: 0n, chainId: 1n }
      : { gasPrice: 10n ** 9n, ...(type === 1 && { chainId: 1n }) };
  const special = {
    ...(type === 3 && { blobVersionedHashes: [`0x01${'22'.repeat(31)}`], maxFeePerBlobGas: 1n }),
    ...(type === 4 && {
      authorizationList: [
        { chainId: '0x1', address: `0x${'33'.repeat(20)}`, nonce: '0x', yParity: '0x1', r: '0x1', s: '0x1' },
      ],
    }),
  };
  return createTx(
    {
      type,
      nonce: BigInt(made),
      gasLimit: 21_000n,
      to: addressOf(made),
      value: 1n,
      data: new Uint8Array(made % 3),
      v: type === 0 ? 27n : 1n,
      r: BigInt(made),
      s: 1n,
      ...fees,
      ...special,
    } as never,
    { common },
  );
}

/** Transactions in blocks have no blobs with them: nothing is ever computed with this. */
const noSidecars = {} as never;

const commons = new Map<string, Common>();
const commonOf = (hardfork: Hardfork): Common => {
  const common =
    commons.get(hardfork) ?? new Common({ chain: Mainnet, hardfork, customCrypto: { kzg: noSidecars } });
  commons.set(hardfork, common);
  return common;
};

async function trieRoot(values: readonly Uint8Array[]): Promise<Uint8Array> {
  const trie = new MerklePatriciaTrie();
  for (const [index, value] of values.entries()) await trie.put(RLP.encode(index), value);
  return trie.root();
}

function receiptOf(
  transaction: TypedTransaction,
  logs: TestLog[],
  gas: bigint,
): { bytes: Uint8Array; bloom: Bloom } {
  const bloom = new Bloom();
  for (const [address, topics] of logs) for (const item of [address, ...topics]) bloom.add(item);
  const payload = RLP.encode([Uint8Array.of(1), bigIntToUnpaddedBytes(gas), bloom.bitvector, logs]);
  return { bytes: transaction.type === 0 ? payload : Uint8Array.of(transaction.type, ...payload), bloom };
}

export async function makeBlock(
  options: {
    parent?: TestBlock | undefined;
    hardfork?: Hardfork;
    transactions?: readonly TestTransaction[];
    withdrawals?: number;
    extraData?: string;
  } = {},
): Promise<TestBlock> {
  const { parent, hardfork = Hardfork.Cancun } = options;
  const common = commonOf(hardfork);
  const height = parent ? parent.height + 1 : 0;
  const plan = options.transactions ?? [];
  const transactions = plan.map((each) => makeTransaction(each, common));
  const whole = new Bloom();
  const receipts = transactions.map((transaction, index) => {
    const { bytes, bloom } = receiptOf(transaction, plan[index]?.logs ?? [], 21_000n * BigInt(index + 1));
    whole.or(bloom);
    return bytes;
  });
  const bytes = transactions.map((each) => each.serialize());
  const transactionsRoot = await trieRoot(bytes);
  const receiptsRoot = await trieRoot(receipts);
  const hasWithdrawals = common.isActivatedEIP(4895);
  const withdrawals = Array.from({ length: options.withdrawals ?? 0 }, (_, index) =>
    createWithdrawal({ index, validatorIndex: 7, address: new Address(addressOf(index)), amount: 5 }),
  );
  const timestampSec = (parent?.timestampSec ?? 1_700_000_000) + 1;
  const block = createBlock(
    {
      header: {
        number: height,
        ...(parent && { parentHash: parent.hash }),
        timestamp: timestampSec,
        gasLimit: 60_000_000n,
        gasUsed: 21_000n * BigInt(transactions.length),
        transactionsTrie: transactionsRoot,
        receiptTrie: receiptsRoot,
        logsBloom: whole.bitvector,
        stateRoot: topicOf(height),
        extraData: Buffer.from(options.extraData ?? 'test'),
        ...(hasWithdrawals && {
          withdrawalsRoot: await trieRoot(withdrawals.map((each) => RLP.encode(each.raw()))),
        }),
      },
      transactions: transactions as never,
      ...(hasWithdrawals && { withdrawals }),
    },
    { common, skipConsensusFormatValidation: true, freeze: false },
  );
  const senders = transactions.map((_, index) => addressOf(index));
  return {
    height,
    hash: block.hash(),
    header: block.header.serialize(),
    transactions: bytes,
    transactionHashes: transactions.map((each) => each.hash()),
    receipts,
    senders,
    logs: plan.map(({ logs = [] }) => logs),
    transactionsRoot,
    receiptsRoot,
    timestampSec,
    bytes: encodeKeptBlock({ block: block.serialize(), receipts, senders }),
  };
}

export async function makeChain(
  length: number,
  transactionsOf: (height: number) => readonly TestTransaction[] = () => [],
): Promise<TestBlock[]> {
  const blocks: TestBlock[] = [];
  for (let height = 0; height < length; height++)
    blocks.push(await makeBlock({ parent: blocks.at(-1), transactions: transactionsOf(height) }));
  return blocks;
}

export interface MemoryLog extends HeaderLog {
  readonly entries: Map<number, Uint8Array>;
  /** The next appends fail. */
  fails: boolean;
  stopped: string | undefined;
}

export function createMemoryLog(entries = new Map<number, Uint8Array>()): MemoryLog {
  return {
    entries,
    fails: false,
    stopped: undefined,
    async find(height) {
      return entries.get(height);
    },
    async append(height, headerRlp) {
      if (this.fails) throw new Error('the log failed');
      entries.set(height, headerRlp);
    },
    stop(detail) {
      this.stopped = detail;
    },
  };
}

export interface OpenChain {
  readonly chain: Chain;
  readonly memory: MemoryKvStore;
  readonly kv: FaultKvStore;
  readonly log: MemoryLog;
}

export async function openChain(
  options: { memory?: MemoryKvStore; log?: MemoryLog } = {},
): Promise<OpenChain> {
  const { memory = createMemoryKvStore(), log = createMemoryLog() } = options;
  const kv = createFaultKvStore(memory);
  return { chain: await Chain.open({ kv, keccak: await createKeccak256(), log }), memory, kv, log };
}

export async function putAll(chain: Chain, blocks: readonly TestBlock[]): Promise<void> {
  for (const block of blocks) await chain.put(block.height, block.bytes);
}
