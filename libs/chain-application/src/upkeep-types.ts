/** Snapshots, pruning and the integrity check. */
import type { Hex } from './values.ts';

export interface SnapshotManifest {
  readonly format: 'lucid-state-snapshot/1';
  readonly height: number;
  readonly blockHash: Hex;
  readonly stateRoot: Hex;
  /** RLP of the header whose state this is; its hash is `blockHash`. */
  readonly headerRlp: Hex;
  readonly sizeBytes: number;
  /** SHA-256 of each chunk, lower-case hex without 0x. */
  readonly chunks: readonly string[];
}

export interface StateFault {
  readonly what: 'state node' | 'storage node' | 'code' | 'header' | 'body' | 'place' | 'head';
  /** Hash of the node or code, or of the transaction whose place in the chain it is; height of the block. */
  readonly where: string;
  /** Account (hash of its address) whose storage or code it is. */
  readonly account?: Hex;
  readonly expected?: string;
  readonly found?: string;
  /** Newest block that needs it. */
  readonly height: number;
}

export interface IntegrityReport {
  /** Of the newest state that was looked at. */
  readonly stateRoot: Hex;
  readonly height: number;
  /** How many blocks' states were looked at; what they share was read once, and counts once below. */
  readonly states: number;
  readonly nodes: number;
  readonly accounts: number;
  readonly slots: number;
  readonly codes: number;
  /** Empty when all is sound; at most 1000. */
  readonly faults: readonly StateFault[];
}

export interface PruneReport {
  readonly removedNodes: number;
  readonly keptNodes: number;
  /** Oldest block whose state is kept. */
  readonly oldestHeight: number;
}
