/** A small node that obeys Ethereum's rules of nonces, pool and blocks, for one signed transaction at a time; no EVM behind it. */
import {
  type Hex,
  keccak256,
  parseTransaction,
  recoverTransactionAddress,
  type TransactionSerializedEIP1559,
  toHex,
} from 'viem';
import { createdAddress, type JsonRpcRequest } from '../src/index.ts';

export const GWEI = 1_000_000_000n;

export interface FakeTransaction {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly from: Hex;
  readonly nonce: number;
  /** Null: makes a contract. */
  readonly to: Hex | null;
  readonly data: Hex;
  readonly gas: bigint;
  readonly maxFeePerGas: bigint;
  readonly tip: bigint;
}

interface FakeBlock {
  readonly baseFeePerGas: bigint;
  readonly transactions: readonly FakeTransaction[];
}

class Refused extends Error {
  readonly code: number;
  readonly data: Hex | undefined;
  constructor(code: number, message: string, data?: Hex) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

const parsed = new Map<Hex, FakeTransaction>();

async function readRaw(raw: Hex): Promise<FakeTransaction> {
  const known = parsed.get(raw);
  if (known) return known;
  const { nonce = 0, to, data = '0x', gas = 0n, ...fees } = parseTransaction(raw);
  const from = await recoverTransactionAddress({
    serializedTransaction: raw as TransactionSerializedEIP1559,
  });
  const transaction = {
    ...{
      hash: keccak256(raw),
      raw,
      from: from.toLowerCase() as Hex,
      nonce,
      to: (to?.toLowerCase() as Hex) ?? null,
      data,
      gas,
    },
    maxFeePerGas: fees.maxFeePerGas ?? 0n,
    tip: fees.maxPriorityFeePerGas ?? 0n,
  };
  parsed.set(raw, transaction);
  return transaction;
}

/** Data that begins so reverts when executed; `estimateGas` finds it only where `estimateSees`. */
export const REVERTING = '0xdead';

const isPriced = (tx: FakeTransaction, base: bigint): boolean => tx.maxFeePerGas >= base;

export class FakeNode {
  readonly chainId = 1337;
  baseFeePerGas = GWEI;
  tip = 0n;
  balance = 10n ** 24n;
  minFeePerGas = 1n;
  /** Estimates meet no revert where false. */
  estimateSees = true;
  /** Above this a transaction is refused for ever. */
  gasMax = 8_000_000n;
  readonly blocks: FakeBlock[] = [{ baseFeePerGas: GWEI, transactions: [] }];
  readonly pool = new Map<string, FakeTransaction>();
  /** Every transaction that reached the node, refused or not. */
  readonly seen: FakeTransaction[] = [];
  #highest = 0;
  onRaw: (raw: Hex) => void = () => undefined;

  answer = async (request: JsonRpcRequest): Promise<unknown> => {
    const { id } = request;
    try {
      return JSON.parse(JSON.stringify({ jsonrpc: '2.0', id, result: await this.#result(request) }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { code, message, data } = error;
      return JSON.parse(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data } }));
    }
  };

  mine(blocks = 1): void {
    for (let each = 0; each < blocks; each++) {
      const transactions: FakeTransaction[] = [];
      for (let next = true; next; ) {
        next = false;
        for (const [key, tx] of this.pool) {
          const count = this.#count(tx.from) + transactions.filter(({ from }) => from === tx.from).length;
          if (tx.nonce < count) this.pool.delete(key);
          if (tx.nonce !== count || !isPriced(tx, this.baseFeePerGas)) continue;
          transactions.push(tx);
          this.pool.delete(key);
          next = true;
        }
      }
      this.blocks.push({ baseFeePerGas: this.baseFeePerGas, transactions });
    }
  }

  /** Unwinds blocks, never so deep that one which once had `depth` blocks on it goes; their transactions are lost, not put back. */
  reorganise(depth: number): void {
    this.#highest = Math.max(this.#highest, this.blocks.length);
    this.blocks.splice(Math.max(1, this.#highest - depth));
  }

  included(): readonly FakeTransaction[] {
    return this.blocks.flatMap(({ transactions }) => transactions);
  }

  #count(from: Hex, height = this.blocks.length - 1): number {
    const blocks = this.blocks.slice(0, height + 1);
    return blocks.flatMap(({ transactions }) => transactions).filter((tx) => tx.from === from).length;
  }

  #find(hash: Hex): { tx: FakeTransaction; height: number; index: number } | null {
    for (const [height, { transactions }] of this.blocks.entries()) {
      const index = transactions.findIndex((tx) => tx.hash === hash);
      if (index >= 0) return { tx: transactions[index]!, height, index };
    }
    return null;
  }

  #result({ method, params }: JsonRpcRequest): unknown {
    const [first, second] = params;
    switch (method) {
      case 'eth_chainId':
        return toHex(this.chainId);
      case 'eth_blockNumber':
        return toHex(this.blocks.length - 1);
      case 'eth_getBlockByNumber':
        return {
          number: toHex(this.blocks.length - 1),
          baseFeePerGas: toHex(this.baseFeePerGas),
          hash: '0x',
        };
      case 'eth_maxPriorityFeePerGas':
        return toHex(this.tip);
      case 'eth_getBalance':
        return toHex(this.balance);
      case 'eth_getTransactionCount':
        return toHex(this.#countAt(first as Hex, second as string));
      case 'eth_getTransactionByHash':
        return this.#known(first as Hex);
      case 'eth_getTransactionReceipt':
        return this.#receipt(first as Hex);
      case 'eth_estimateGas':
        if (this.estimateSees) this.#assertRuns(first as { data: Hex });
        return toHex(50_000);
      case 'eth_call':
        this.#assertRuns(first as { data: Hex });
        return toHex(7, { size: 32 });
      case 'eth_sendRawTransaction':
        return this.#take(first as Hex);
      default:
        throw new Refused(-32_601, `the method ${method} does not exist`);
    }
  }

  #countAt(from: Hex, tag: string): number {
    const pending = [...this.pool.values()].filter((tx) => tx.from === from).length;
    if (tag === 'pending') return this.#count(from) + pending;
    return tag === 'latest' ? this.#count(from) : this.#count(from, Number(tag));
  }

  #known(hash: Hex): unknown {
    const pooled = [...this.pool.values()].some((tx) => tx.hash === hash);
    return pooled || this.#find(hash) ? { hash } : null;
  }

  #receipt(hash: Hex): unknown {
    const found = this.#find(hash);
    if (!found) return null;
    return {
      ...{ transactionHash: hash, transactionIndex: toHex(found.index), blockNumber: toHex(found.height) },
      ...{
        blockHash: toHex(found.height, { size: 32 }),
        gasUsed: toHex(21_000),
        contractAddress: found.tx.to === null ? createdAddress(found.tx.from, found.tx.nonce) : null,
        logs: [],
      },
      status: found.tx.data.startsWith(REVERTING) ? '0x0' : '0x1',
    };
  }

  #assertRuns({ data }: { readonly data: Hex }): void {
    // Error("no"), as solidity encodes it.
    const reason =
      `0x08c379a0${'20'.padStart(64, '0')}${'2'.padStart(64, '0')}${'6e6f'.padEnd(64, '0')}` as const;
    if (data.startsWith(REVERTING)) throw new Refused(3, 'execution reverted: no', reason);
  }

  async #take(raw: Hex): Promise<Hex> {
    this.onRaw(raw);
    const tx = await readRaw(raw);
    this.seen.push(tx);
    const key = `${tx.from} ${tx.nonce}`;
    const rival = this.pool.get(key);
    if (rival?.hash === tx.hash) throw new Refused(-32_000, 'already known');
    if (tx.nonce < this.#count(tx.from)) throw new Refused(-32_000, 'nonce too low: next nonce, tx nonce');
    if (tx.gas > this.gasMax) throw new Refused(-32_000, 'exceeds block gas limit');
    if (tx.maxFeePerGas < this.minFeePerGas)
      throw new Refused(-32_000, 'transaction underpriced: gas tip cap');
    if (this.balance < tx.gas * tx.maxFeePerGas)
      throw new Refused(-32_000, 'insufficient funds for gas * price + value: balance');
    const raises = (one: bigint, other: bigint) => one * 10n >= other * 11n;
    if (rival && !(raises(tx.maxFeePerGas, rival.maxFeePerGas) && raises(tx.tip, rival.tip)))
      throw new Refused(-32_000, 'replacement transaction underpriced');
    this.pool.set(key, tx);
    return tx.hash;
  }
}
