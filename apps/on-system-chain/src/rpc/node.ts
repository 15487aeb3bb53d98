/** What the methods of JSON-RPC work on. */
import type { ChainBlock } from '../chain/chain-block.ts';
import type { ChainView, Ledger } from '../chain/chain-view.ts';
import type { Driver, Progress } from '../chain/driver.ts';
import type { ChainRules } from '../chain/recovery.ts';
import type { Vm } from '../mempool/check-batcher.ts';
import type { Mempool } from '../mempool/mempool.ts';
import type { TransactionDesk } from '../mempool/transaction-desk.ts';
import type { BlockId } from './parameters.ts';
import { codes, RpcError } from './rpc-error.ts';

export interface RpcNode {
  readonly view: ChainView;
  readonly pool: Mempool;
  readonly desk: TransactionDesk;
  readonly driver: Driver;
  /** Null where every block that is known of is here. */
  readonly progress: () => Progress | null;
  readonly vm: Vm;
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  readonly random: (sizeBytes: number) => Uint8Array;
  /** For `web3_clientVersion`. */
  readonly clientVersion: string;
  /** Who gets the tips. */
  readonly producer: string;
  readonly isProducing: boolean;
}

export type Maybe<T> = T | Promise<T>;

/** Goes on in the same turn where the value is there. */
export const andThen = <T, R>(value: Maybe<T>, next: (value: T) => Maybe<R>): Maybe<R> =>
  value instanceof Promise ? value.then(next) : next(value);

/** @throws RpcError before the chain is known */
export function headOf({ view }: RpcNode): ChainBlock {
  if (view.head) return view.head;
  throw new RpcError(codes.unavailable, 'the chain is starting; try again');
}

/** @throws RpcError before the vm was heard */
export function rulesOf({ driver }: RpcNode): ChainRules {
  if (driver.rules) return driver.rules;
  throw new RpcError(codes.unavailable, 'the chain is starting; try again');
}

/** Null where there is no such block. `pending` is the newest one: what waits is executed when its block is made. */
export function heightOf(node: RpcNode, id: BlockId): Maybe<number | null> {
  const { height } = headOf(node);
  if (typeof id === 'number') return id > height ? null : id;
  if (typeof id === 'object') return node.view.heightOf(id.hash);
  return id === 'earliest' ? 0 : height;
}

/** Null where there is no such block. */
export const blockOf = (node: RpcNode, id: BlockId): Maybe<ChainBlock | null> =>
  andThen(heightOf(node, id), (height) => (height === null ? null : node.view.block(height)));

/** @throws RpcError in geth's words where there is no such block */
export const knownBlock = (node: RpcNode, id: BlockId): Maybe<ChainBlock> =>
  andThen(blockOf(node, id), (block) => {
    if (block) return block;
    throw new RpcError(codes.server, 'header not found');
  });

/** Which block's state the vm shall take: the newest one where undefined. @throws RpcError */
export function stateAt(node: RpcNode, id: BlockId = 'latest'): Maybe<{ block?: number }> {
  headOf(node);
  if (typeof id === 'string' && id !== 'earliest') return {};
  return andThen(heightOf(node, id), (height) => {
    if (height === null) throw new RpcError(codes.server, 'header not found');
    return { block: height };
  });
}
