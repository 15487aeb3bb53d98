/** What this service was asked to anchor, and how far that is. */
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';
import type { BundleAnchor } from '@lucid/session-format';
import type {
  RegisterAuditHeadArguments,
  RegisterDeletionArguments,
  RegisterSessionArguments,
} from '../domain/session-chain.ts';

/** pending -> submitted -> confirmed, failed or expired. */
type AnchoringStatus = 'pending' | 'submitted' | 'confirmed' | 'failed' | 'expired';

export type Asked =
  | { readonly kind: 'session'; readonly args: RegisterSessionArguments }
  | { readonly kind: 'deletion'; readonly args: RegisterDeletionArguments }
  | { readonly kind: 'audit'; readonly args: RegisterAuditHeadArguments };

export interface AnchoringDocument {
  readonly asked: Asked;
  /** The entry's bytes, by which a repeated request is told from a conflicting one. */
  readonly entry: Uint8Array;
  readonly status: AnchoringStatus;
  /** Tries so far. */
  readonly attempts: number;
  readonly askedAtMs: number;
  /** Absent where nothing is left to do. */
  readonly nextAttemptAtMs?: number | undefined;
  readonly reference?: string | undefined;
  /** Asked first where sessions go to the chain: no process that fell has left it in the ledger's log. */
  readonly isNotInLog?: boolean | undefined;
  /** Why the last try did not end it, or why it was given up. */
  readonly reason?: string | undefined;
  /** 0x and hex; of the chain, where the session goes there. */
  readonly transactionHash?: string | undefined;
  readonly blockHeight?: number | undefined;
  readonly anchor?: BundleAnchor | undefined;
}

/** Of the session, or of the audit log's head. */
export const subjectOf = (asked: Asked): string =>
  asked.kind === 'audit' ? asked.args.hash : asked.args.sessionId;

export const anchoringKey = (kind: Asked['kind'], subject: string): string => `${kind}/${subject}`;

const anchorings = defineCollection<AnchoringDocument>({
  name: 'session-anchorings',
  key: ({ asked }) => anchoringKey(asked.kind, subjectOf(asked)),
  indexes: [{ name: 'due', fields: ['nextAttemptAtMs'] }],
});

export type AnchoringStore = Collection<AnchoringDocument>;

export const openAnchoringStore = (documents: DocumentStore): Promise<AnchoringStore> =>
  documents.collection(anchorings);
