/** What this service knows of a session besides the orchestrator: whose it is, its policy and who agreed to it. */
import type { SessionRelation, sessionTypes } from '@lucid/contracts';
import type { ConsentRole, SignedApproval } from '@lucid/control-policy';
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

export interface Parties {
  readonly host: string;
  readonly user: string;
}

export interface PolicyOfSession {
  readonly hash: string;
  /** Canonical JSON, as it is hashed. */
  readonly text: string;
  readonly terms: string;
  readonly termsHash: string;
}

export interface GivenConsent {
  readonly role: ConsentRole;
  readonly party: string;
  readonly acceptedAtUs: number;
  /** Lower-case hex without prefix. */
  readonly signature: string;
}

/** Why the session was ended by its policy. */
export interface Ending {
  /** A reason of `@lucid/control-policy`. */
  readonly reason: string;
  readonly rule: string;
  /** Kind of the action; absent where a limit of time ended it. */
  readonly action?: string | undefined;
  readonly atUs: number;
  /** Whether it stands in the evidence. */
  readonly told?: boolean | undefined;
}

/** Under a policy: `starting` until policy and consents stand in the evidence, `running`, `over`. */
export type Run = 'starting' | 'running' | 'over';

export interface SessionRow {
  readonly sessionId: string;
  readonly owner: string;
  readonly type: (typeof sessionTypes)[number];
  readonly createdAtUs: number;
  readonly observers: readonly string[];
  readonly parties?: Parties | undefined;
  readonly policy?: PolicyOfSession | undefined;
  readonly consents: readonly GivenConsent[];
  readonly approvals: readonly SignedApproval[];
  readonly archivedAtUs?: number | undefined;
  readonly run?: Run | undefined;
  /** When it was last asked to start. */
  readonly startsAtUs?: number | undefined;
  readonly ending?: Ending | undefined;
  readonly filesMoved: number;
  /** Of the newest input that was seen. */
  readonly lastInputAtUs?: number | undefined;
  readonly decisions: number;
  readonly denied: number;
}

/** Who may see a session, by which lists are made. */
export interface MemberRow {
  readonly member: string;
  readonly sessionId: string;
  readonly createdAtUs: number;
}

/** What is told to who follows a session, in the order of `sequence` from 1. */
export interface DecisionRow {
  readonly sessionId: string;
  readonly sequence: number;
  readonly atUs: number;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

const SEQUENCE_DIGITS = 16;

const sessions = defineCollection<SessionRow>({
  name: 'user-sessions',
  key: (row) => row.sessionId,
  indexes: [{ name: 'run', fields: ['run', 'createdAtUs'] }],
});
const members = defineCollection<MemberRow>({
  name: 'user-session-members',
  key: (row) => `${row.member} ${row.sessionId}`,
  indexes: [{ name: 'member', fields: ['member', 'createdAtUs'] }],
});
const decisions = defineCollection<DecisionRow>({
  name: 'user-session-decisions',
  key: (row) => `${row.sessionId} ${String(row.sequence).padStart(SEQUENCE_DIGITS, '0')}`,
  indexes: [{ name: 'session', fields: ['sessionId', 'sequence'] }],
});

export interface SessionCollections {
  readonly documents: DocumentStore;
  readonly sessions: Collection<SessionRow>;
  readonly members: Collection<MemberRow>;
  readonly decisions: Collection<DecisionRow>;
}

export const openSessionCollections = async (documents: DocumentStore): Promise<SessionCollections> => ({
  documents,
  sessions: await documents.collection(sessions),
  members: await documents.collection(members),
  decisions: await documents.collection(decisions),
});

/** Everybody who may see it, each once. */
export const membersOf = ({ owner, parties, observers }: SessionRow): string[] => [
  ...new Set([owner, ...(parties ? [parties.host, parties.user] : []), ...observers]),
];

export function relationsOf(row: SessionRow, address: string): SessionRelation[] {
  const is: [SessionRelation, boolean][] = [
    ['owner', row.owner === address],
    ['host', row.parties?.host === address],
    ['user', row.parties?.user === address],
    ['observer', row.observers.includes(address)],
  ];
  return is.flatMap(([relation, holds]) => (holds ? [relation] : []));
}
