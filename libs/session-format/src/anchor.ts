/** Anchors (docs/evidence-format.md section 6): where a session was registered, with all that proves it offline. */
import { base64ToBytes } from '@lucid/bytes';
import {
  array,
  base64,
  base64Of,
  type Check,
  hexOf,
  integer,
  oneOf,
  optional,
  record,
  text,
  withRule,
} from './shape.ts';

/** The place of an entry in the ledger's log. */
interface LedgerPlace {
  /** Verifier key of the ledger. */
  readonly ledger: string;
  readonly index: number;
  /** Hex, 64 digits each. */
  readonly inclusion: readonly string[];
  /** The ledger's signed note, with any cosignatures. */
  readonly checkpoint: string;
}

/** The session is an entry of the ledger's log itself. */
export interface Anchor extends LedgerPlace {
  readonly format: 'lucid-anchor/1';
  readonly kind: 'ledger';
  /** Base64 of the entry's bytes. */
  readonly entry: string;
}

/** The leaf of a session in the tree of a batch. */
export interface BatchPlace {
  readonly count: number;
  readonly index: number;
  /** Base64 of the leaf's 192 bytes (`sessionLeaf`). */
  readonly leaf: string;
  /** Hex, 64 digits each, lowest first. */
  readonly path: readonly string[];
}

/** The session was registered by a transaction of a chain, whose block header is an entry of the ledger's log. */
export interface ChainAnchor extends LedgerPlace {
  readonly format: 'lucid-anchor/2';
  readonly kind: 'chain';
  readonly chainId: number;
  /** Hex, 40 digits. */
  readonly contract: string;
  /** Base64 of the RLP of the block's header, which is the entry. */
  readonly header: string;
  /** Of the transaction in its block. */
  readonly transactionIndex: number;
  /** Base64 of each node, from the root down. */
  readonly transactionProof: readonly string[];
  readonly receiptProof: readonly string[];
  /** Of the event among those of the receipt, from 0. */
  readonly logIndex: number;
  /** Absent where the session was registered by itself. */
  readonly batch?: BatchPlace;
}

/** What section `ANCH` of a bundle holds. */
export type BundleAnchor = Anchor | ChainAnchor;

/** Of the leaf of a session. */
export const SESSION_LEAF_BYTES = 192;
/** The contract of anchors, where a network has it from its first block on. Hex. */
export const ANCHOR_CONTRACT = '00000000000000000000000000000000004c4101';

const UINT32_MAX = 0xffff_ffff;
const hash = hexOf(32);
const place = {
  ledger: text(1024),
  index: integer(),
  inclusion: array(hash, 0, 64),
  checkpoint: text(262_144),
};
/** A key of at most 4 bytes has 8 nibbles, so at most 9 nodes. A node may hold a whole transaction. */
const trieProof = array(base64(1_048_576), 1, 9);
/** Its key in the tries of the block has at most 4 bytes. */
const transactionIndex = integer(0, 0xff_ffff);

const ledgerAnchor = record({
  format: oneOf('lucid-anchor/1'),
  kind: oneOf('ledger'),
  entry: base64(1_048_576),
  ...place,
});

const batchPlace = withRule(
  record({
    count: integer(1, UINT32_MAX),
    index: integer(0, UINT32_MAX - 1),
    leaf: base64Of(SESSION_LEAF_BYTES),
    path: array(hash, 0, 32),
  }),
  ({ index, count }: BatchPlace, path) => (index < count ? null : `${path}.index must be below its count`),
);

const chainAnchor = record({
  format: oneOf('lucid-anchor/2'),
  kind: oneOf('chain'),
  chainId: integer(1),
  contract: hexOf(20),
  header: base64(16_384),
  transactionIndex,
  transactionProof: trieProof,
  receiptProof: trieProof,
  logIndex: integer(0, 0xff_ffff),
  batch: optional(batchPlace),
  ...place,
});

const formatOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;

export const anchorShape: Check = (value, path) =>
  formatOf(value) === 'lucid-anchor/2' ? chainAnchor(value, path) : ledgerAnchor(value, path);

/** The entry of the ledger's log: the session's own, or the header of its block. */
export const anchorEntryBytes = (anchor: BundleAnchor): Uint8Array =>
  base64ToBytes(anchor.kind === 'ledger' ? anchor.entry : anchor.header);
