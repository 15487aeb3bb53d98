import type { blockchainLedgerContract, OutputOf } from '@lucid/contracts';

/** An event as the ledger gives it. */
export type ChainLog = OutputOf<(typeof blockchainLedgerContract)['operations']['findLogs']>['logs'][number];

/** Where on the chain an event stands. */
export interface EventPlace {
  readonly height: number;
  readonly blockHash: string;
  readonly timestampSec: number;
  readonly transactionHash: string;
  readonly transactionIndex: number;
  /** Among the events of the block. */
  readonly logIndex: number;
}

export const placeOf = (log: ChainLog): EventPlace => ({
  height: log.height,
  blockHash: log.blockHash,
  timestampSec: log.timestampSec,
  transactionHash: log.transactionHash,
  transactionIndex: log.transactionIndex,
  logIndex: log.logIndex,
});

const digits = (value: number): string => value.toString(16).padStart(14, '0');

/** Key of an event's document: in the order of the chain. */
export const placeKey = ({ height, logIndex }: Pick<EventPlace, 'height' | 'logIndex'>): string =>
  `${digits(height)}-${digits(logIndex)}`;

/** Whose events are read, and what is kept of each: none, one or several documents, the same for the same event. */
export interface Watch<E extends object> {
  /** Lower case. */
  readonly addresses: readonly string[];
  read(log: ChainLog): readonly E[];
}
