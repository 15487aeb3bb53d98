/**
 * What CometBFT asks of an application, https://docs.cometbft.com/v0.38/spec/abci/abci++_methods. Requests of one connection come one
 * after another; CometBFT has four connections (consensus, mempool, queries, snapshots), whose requests come side by side.
 *
 * A method that rejects makes CometBFT stop: it is for faults of the application itself (a store that fails), never for what a
 * transaction, a proposal, a snapshot or a query says.
 */
import type { AbciKind, RequestOf, ResponseOf } from './messages.ts';

type Answer<K extends AbciKind> = (request: RequestOf<K>) => Promise<ResponseOf<K>>;

export type AbciApplication = { readonly [K in Exclude<AbciKind, 'echo' | 'flush'>]: Answer<K> };
