import type { Recipients, Track } from '@lucid/session-format';
import type { Fault } from './fault.ts';

export interface VerifyProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/**
 * Where the leaf hashes of chunks come from. `read`: from every byte of the file. `from-index`: from the file's own index, so that the
 * signed root still binds every hash, but bytes of a chunk that changed on disk go unseen, those of its header too where form, index, track
 * and sizes still fit (times, nonce). Control records and everything else are judged as ever. For evidence just written, or whose chunks are opened one by one anyway.
 */
export type RecordHashes = 'read' | 'from-index';

/** How to open a session while it is verified: every tag, and with `decompress` every plain size, is then checked too. */
export interface SessionOpener {
  /** The 32-byte session key, or null where no identity at hand opens a wrap. The verifier wipes what it was given. */
  unwrapSessionKey(recipients: Recipients): Uint8Array | null | Promise<Uint8Array | null>;
  /** Plain bytes of one Zstandard frame, at most `plainSizeBytes` long; throws where it is none. */
  decompress?(packed: Uint8Array, plainSizeBytes: number): Uint8Array;
}

/**
 * Verifier keys (NAME+ID+KEY) that the caller trusts, by role: a key counts for the role it is given for and no other. Keys of ledgers or
 * witnesses that are given, not recalled, require an anchor.
 */
export interface TrustedKeys {
  /** Where given, the recorder must be among them. */
  readonly recorderKeys?: readonly string[];
  /** Where given, the ledger of the anchor must be among them; also where an anchor is required and recorders are given. */
  readonly ledgerKeys?: readonly string[];
  /** Where given, the anchor must be cosigned by one of them. */
  readonly witnessKeys?: readonly string[];
}

/** What a file says of itself, damaged or not; nothing of it is checked. */
export interface Claim {
  readonly sessionId: string;
  /** Verifier key of record 0, or of the manifest where that cannot be read. */
  readonly recorder: string | null;
}

/** What the caller knows of a session before he sees the file. */
export interface Knowledge extends TrustedKeys {
  /** A signed checkpoint of the session. */
  readonly seenCheckpoint?: string;
}

export interface VerifyOptions extends Knowledge {
  /** Asked once, when it is known which session the file claims to be. What is given beside it, role by role, replaces its answer. */
  readonly recall?: (claim: Claim) => Knowledge;
  /** The session that this must be evidence of, with the SHA-256 of its manifest (hex) where that is known. */
  readonly expected?: { readonly sessionId: string; readonly manifestHash?: string };
  /** A signed checkpoint of the anchor's ledger that the caller saw before. */
  readonly seenLedgerCheckpoint?: string;
  /** RFC 9162 consistency proof (hex) between the ledger's seen checkpoint and the anchor's, smaller to larger. */
  readonly ledgerConsistency?: readonly string[];
  readonly openSession?: SessionOpener;
  /** Contracts that may have registered the session on a chain, 40 hex digits each; default: the one of every Lucid network. */
  readonly anchorContracts?: readonly string[];
  readonly requireAnchor?: boolean;
  /** Default `read`. With an opened session all chunks are read whatever is asked for. */
  readonly recordHashes?: RecordHashes;
  /** Begins anew where chunks counted by the index do not give the signed root, and are read then. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface Cosignature {
  readonly name: string;
  /** 8 hex digits. */
  readonly keyId: string;
  /** True where the key was pinned and the signature holds; a signature by an unknown key is neither good nor bad. */
  readonly verified: boolean;
  /** Unix seconds, of a verified cosignature. */
  readonly timestamp?: number;
}

/** The block that registered the session. Hashes and addresses as Ethereum's tools write them, 0x and lower case. */
export interface BlockSummary {
  readonly chainId: number;
  readonly number: number;
  readonly hash: string;
  /** Unix seconds, as the block says. */
  readonly timeSec: number;
  readonly contract: string;
  readonly transactionIndex: number;
  /** Null where the transaction is not proven. */
  readonly transactionHash: string | null;
  /** Where the session stands in a batch; null where it was registered by itself. */
  readonly batch: { readonly index: number; readonly count: number } | null;
}

export interface AnchorSummary {
  /** `ledger`: the session is an entry of the ledger's log. `chain`: the header of its block is. */
  readonly kind: 'ledger' | 'chain';
  /** Null in a ledger's own anchor, and where the header cannot be read. */
  readonly block: BlockSummary | null;
  /** Verifier key of the ledger. */
  readonly ledger: string;
  readonly ledgerPinned: boolean;
  readonly verified: boolean;
  readonly index: number;
  readonly treeSize: number;
  readonly treeRoot: string;
  readonly cosignatures: readonly Cosignature[];
  /** Against the ledger checkpoint seen before; `not_comparable` without a consistency proof. */
  readonly seen: 'not_asked' | 'agrees' | 'differs' | 'not_comparable';
}

/** What the events of a session under a policy say; who the parties are, the reader must know. */
export interface PolicySummary {
  readonly policyHash: string;
  /** Name of the policy's profile; null where the policy is not there whole, or is another one. */
  readonly profile: string | null;
  /** Addresses of the parties where both consented to policy and terms by their signatures, else null. */
  readonly consent: { readonly host: string; readonly user: string } | null;
  /** Why there is no consent that holds. */
  readonly consentFault: string | null;
  /** Times that the host opened something, by a signature that holds. */
  readonly approvals: number;
  /** Why the policy ended the session; null where it did not. */
  readonly ended: string | null;
}

export interface VerdictSummary {
  readonly fileSizeBytes: number;
  readonly records: number;
  readonly chunks: number;
  readonly events: number;
  readonly plainBytes: number;
  /** All records with their headers. */
  readonly storedBytes: number;
  readonly startedAtUs: number | null;
  readonly endedAtUs: number | null;
  readonly closed: 'ended' | 'interrupted' | 'unfinished';
  readonly reason: string | null;
  readonly owner: string | null;
  readonly title: string | null;
  readonly tracks: readonly Track[];
  /** Null where the header names no policy. */
  readonly policy: PolicySummary | null;
  /** Hex; root of the records as found, null where they are not whole. */
  readonly merkleRoot: string | null;
  /** Verifier key of the recorder. */
  readonly recorder: string | null;
  readonly recorderPinned: boolean;
  /** The signed final checkpoint. */
  readonly checkpoint: string | null;
  readonly anchor: AnchorSummary | null;
  /** Records from 0 on without a fault, and the moment up to which they reach. */
  readonly soundRecords: number;
  readonly soundUntilUs: number | null;
  /** Where the leaf hashes of chunks came from. */
  readonly recordHashes: RecordHashes;
  /** Chunks whose tag was checked with the session key; null where no identity was given. */
  readonly openedChunks: number | null;
}

export interface Verdict {
  readonly ok: boolean;
  readonly sessionId: string | null;
  readonly faults: readonly Fault[];
  /** Faults beyond those listed. */
  readonly omittedFaults: number;
  /** The first record that a fault touches. */
  readonly firstBad: {
    readonly record: number;
    readonly atUs: number | null;
    /** Where in the file it begins; null where nothing lies in its place. */
    readonly offset: number | null;
  } | null;
  readonly summary: VerdictSummary;
}

export type VerifyErrorCode =
  /** The file could not be read, or changed its size while it was read. */
  | 'unreadable'
  /** A trusted key is no verifier key, or none of its role. */
  | 'pin_malformed'
  /** The checkpoint seen before is no signed checkpoint. */
  | 'seen_malformed'
  /** The checkpoint seen before is of another log. */
  | 'seen_foreign'
  /** More records than this verifier holds in memory. */
  | 'too_large';

/** No verdict could be given: the caller's input or the file cannot be used. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
  readonly code: VerifyErrorCode;

  constructor(code: VerifyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
