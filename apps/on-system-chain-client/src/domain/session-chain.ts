/**
 * Where sessions, tombstones and heads of the audit log are anchored, as this service needs it: `registerSession` of the anchor
 * contract, and what became of it. The ledger implements it, and for sessions the chain, which answers `submitted` until a block is final.
 */
import type { AuditHead, ChainAnchor, SessionDeleted, SessionRegistered } from '@lucid/session-format';

export type RegisterSessionArguments = Omit<SessionRegistered, 'type'>;
export type RegisterDeletionArguments = Omit<SessionDeleted, 'type'>;
export type RegisterAuditHeadArguments = Omit<AuditHead, 'type' | 'format'>;

/** Where the chain put an entry, and the proof of it; unverified. */
export interface ChainProof {
  readonly index: number;
  /** Hex, lowest level first. */
  readonly inclusion: readonly string[];
  /** The chain's signed checkpoint that `inclusion` leads to. */
  readonly checkpoint: string;
}

/** The transaction that registers a session, as far as it is known. */
export interface ChainPlace {
  /** 0x and hex. */
  readonly transactionHash?: string | undefined;
  readonly blockHeight?: number | undefined;
}

export type ChainStatus =
  | { readonly state: 'pending' }
  | ({ readonly state: 'submitted' } & ChainPlace)
  | { readonly state: 'confirmed'; readonly proof: ChainProof }
  /** Unverified, like a proof. */
  | ({ readonly state: 'confirmed'; readonly anchor: ChainAnchor } & ChainPlace)
  | { readonly state: 'failed'; readonly reason: string };

/** The chain cannot be asked, or does not take anything, now; the message is for people and holds nothing of others. */
export class ChainUnavailableError extends Error {
  override readonly name = 'ChainUnavailableError';
}

/** How references of registrations on the chain begin; those of the ledger begin otherwise. */
export const ON_CHAIN = 'chain/';

export const referenceOnChain = (batchId: string, sessionId: string): string =>
  `${ON_CHAIN}${batchId}/${sessionId}`;

export interface Registration {
  /** By which the chain finds it again, also after a restart of this service. */
  readonly reference: string;
  readonly status: ChainStatus;
}

/** Rejects where the chain could not be asked; then trying again is safe: an entry of equal values is made once. */
export interface SessionChain {
  registerSession(args: RegisterSessionArguments): Promise<Registration>;
  registerDeletion(args: RegisterDeletionArguments): Promise<Registration>;
  registerAuditHead(args: RegisterAuditHeadArguments): Promise<Registration>;
  statusOf(reference: string): Promise<ChainStatus>;
  /** Reference of a session in the ledger's log, where sessions go elsewhere now. */
  readonly inLog?: (sessionId: string) => string;
  /** Reference of a session that was on its way to the chain, where sessions go to the log now; undefined where it was not. */
  readonly leftOnChain?: (sessionId: string) => Promise<string | undefined>;
  /** The exact bytes that an entry of these values has on the chain. */
  sessionEntry(args: RegisterSessionArguments): Uint8Array;
  deletionEntry(args: RegisterDeletionArguments): Uint8Array;
  auditHeadEntry(args: RegisterAuditHeadArguments): Uint8Array;
}
