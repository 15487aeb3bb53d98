/** Shapes of the session API. */
import { Type } from 'typebox';
import { PageQuery, TronAddress } from './authentication-schemas.ts';
import { AgeRecipient, ClosedHow, Count, Hash, Reason, SessionId, TimeUs, Track } from './schemas.ts';
import { evidenceFacts, SessionFaultSchema, SessionStateSchema } from './session-orchestrator.contract.ts';

const strict = { additionalProperties: false } as const;
export const sessionTypes = [
  'rdp_user',
  'rdp_admin',
  'api_user',
  'api_admin',
  'api_node',
  'blockchain',
  'temp_upload',
] as const;
const SessionType = Type.Enum([...sessionTypes]);

/** What somebody is to a session. */
export const sessionRelations = ['owner', 'host', 'user', 'observer', 'administrator'] as const;
export type SessionRelation = (typeof sessionRelations)[number];

export const ConsentRoleSchema = Type.Enum(['host', 'user']);
export const SessionParties = Type.Object({ host: TronAddress, user: TronAddress }, strict);
export const SignatureText = Type.String({
  pattern: '^(0x)?[0-9a-fA-F]{130}$',
  description: 'signMessageV2 (TIP-191): r, s, v in hex, `0x` before it or not',
});
/** A whole policy document (`lucid-policy/1`); judged by the service. */
export const PolicyDocument = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown());
export const PolicyChoice = Type.Union([Type.Enum(['strict', 'standard']), PolicyDocument]);

export const NewSessionBody = Type.Object(
  {
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
    type: Type.Optional(SessionType),
    tracks: Type.Array(Track, { minItems: 1, maxItems: 16 }),
    /** Who can open the evidence. */
    recipients: Type.Array(
      Type.Object(
        { recipient: AgeRecipient, label: Type.Optional(Type.String({ maxLength: 255 })) },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 64 },
    ),
    chunkSizeBytes: Type.Optional(Type.Integer({ minimum: 65_536, maximum: 16_777_216 })),
    retentionDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
    /** A policy goes with parties: the creator must be one of them. */
    policy: Type.Optional(PolicyChoice),
    parties: Type.Optional(SessionParties),
    /** What both parties accept besides the policy; default: that no more was agreed than the policy. */
    terms: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
    observers: Type.Optional(Type.Array(TronAddress, { maxItems: 32, uniqueItems: true })),
    /** The same key and the same request again answer the session that was made the first time. */
    idempotencyKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_.:-]{8,128}$' })),
  },
  strict,
);

export const UserSession = Type.Object({
  sessionId: SessionId,
  state: SessionStateSchema,
  /** TRON address; of a session that the command line of the host made, an age recipient. */
  owner: Type.String(),
  /** What the caller is to it. */
  you: Type.Array(Type.Enum([...sessionRelations])),
  type: SessionType,
  title: Type.Optional(Type.String()),
  tracks: Type.Array(Track),
  parties: Type.Optional(SessionParties),
  observers: Type.Array(TronAddress),
  policyHash: Type.Optional(Hash),
  termsHash: Type.Optional(Hash),
  /** Parties whose consent is there. */
  consents: Type.Array(ConsentRoleSchema),
  createdAtUs: TimeUs,
  startedAtUs: Type.Optional(TimeUs),
  endedAtUs: Type.Optional(TimeUs),
  archivedAtUs: Type.Optional(TimeUs),
  retainUntilUs: Type.Optional(TimeUs),
  closed: Type.Optional(ClosedHow),
  fault: Type.Optional(SessionFaultSchema),
  reason: Type.Optional(Type.String()),
  ...evidenceFacts,
});

export const ListSessionsQuery = Type.Object(
  {
    ...PageQuery,
    state: Type.Optional(SessionStateSchema),
    /** Default false: sessions that are not in the archive. */
    archived: Type.Optional(Type.Boolean()),
    /** All sessions of the host; for who may view all. */
    all: Type.Optional(Type.Boolean()),
  },
  strict,
);

export const SessionStatus = Type.Object({
  sessionId: SessionId,
  state: SessionStateSchema,
  pipeline: Type.Object({
    /** The processing step that is next. */
    step: Type.Optional(Type.String()),
    fault: Type.Optional(SessionFaultSchema),
    reason: Type.Optional(Type.String()),
    /** Absent before the start, and once it was deleted. */
    stored: Type.Optional(
      Type.Object({
        records: Count,
        chunks: Count,
        events: Count,
        plainBytes: Count,
        storedBytes: Count,
        capturedUntilUs: TimeUs,
        /** Whether more can be sealed. */
        keyHeld: Type.Boolean(),
      }),
    ),
    /** While it is being recorded. */
    recording: Type.Optional(
      Type.Object({ acceptedBytes: Count, durableBytes: Count, lastSeenAtUs: TimeUs }),
    ),
  }),
});

/** `RECORDS-DECISIONS-STATE`: what was told so far. */
export const EventCursor = Type.String({ pattern: '^[0-9]{1,15}-[0-9]{1,15}-[a-z]{1,16}$' });

export const SessionRecordEntry = Type.Object({ index: Count, leafHash: Hash });

export const MerkleProof = Type.Object({
  index: Count,
  size: Count,
  root: Hash,
  leafHash: Hash,
  proof: Type.Array(Hash),
  /** Signed note; of this size where no other was asked for. */
  checkpoint: Type.Optional(Type.String()),
});

export const SessionPolicy = Type.Object({
  policyHash: Hash,
  policy: PolicyDocument,
  termsHash: Hash,
  terms: Type.String(),
  parties: SessionParties,
});

const GivenConsent = Type.Object({
  role: ConsentRoleSchema,
  party: TronAddress,
  acceptedAtUs: TimeUs,
  signature: SignatureText,
});

export const SessionConsents = Type.Object({
  sessionId: SessionId,
  policyHash: Hash,
  termsHash: Hash,
  parties: SessionParties,
  given: Type.Array(GivenConsent),
  missing: Type.Array(ConsentRoleSchema),
  /** For a party whose consent is missing: what to sign (signMessageV2), and the time to hand in with it. */
  toSign: Type.Optional(Type.Object({ role: ConsentRoleSchema, acceptedAtUs: TimeUs, text: Type.String() })),
});

export const ConsentBody = Type.Object({ acceptedAtUs: TimeUs, signature: SignatureText }, strict);

export const PolicyCheckBody = Type.Object(
  {
    /** An action of `@lucid/control-policy`: `{kind, …}`. */
    action: Type.Record(Type.String({ maxLength: 64 }), Type.Unknown()),
    /**
     * Absent: a question only. `blocked`: it was tried and is held back by the answer. `done`: it happened already; a denial of
     * it ends the session. Only the host's side may say either.
     */
    attempted: Type.Optional(Type.Enum(['blocked', 'done'])),
    /** Tell every rule that was looked at. */
    explain: Type.Optional(Type.Boolean()),
  },
  strict,
);

export const PolicyVerdict = Type.Object({
  decision: Type.Enum(['allow', 'deny']),
  reason: Type.String(),
  rule: Type.String(),
  matched: Type.Boolean(),
  /** Whether this verdict ended the session. */
  ended: Type.Boolean(),
  steps: Type.Optional(
    Type.Array(Type.Object({ rule: Type.String(), outcome: Type.String(), why: Type.String() })),
  ),
});

export const ApprovalBody = Type.Object(
  {
    /** Path of the toggle in the policy, as `clipboard.hostToRemote`. */
    opens: Type.String({ pattern: '^[A-Za-z]{1,32}\\.[A-Za-z]{1,32}$' }),
    fromUs: TimeUs,
    /** At most an hour later. */
    untilUs: TimeUs,
    signature: SignatureText,
  },
  strict,
);

export const SessionStatistics = Type.Object({
  sessionId: SessionId,
  state: SessionStateSchema,
  durationUs: Type.Optional(Count),
  records: Count,
  chunks: Count,
  plainBytes: Count,
  storedBytes: Count,
  /** Stored bytes for each plain byte; absent without any. */
  storedPerPlain: Type.Optional(Type.Number({ minimum: 0 })),
  policy: Type.Optional(
    Type.Object({ decisions: Count, denied: Count, approvals: Count, filesMoved: Count }),
  ),
});

export const CleanupResult = Type.Object({
  /** Rows of sessions that were never started and are forgotten. */
  forgottenSessions: Count,
  /** Places in quotas that were given back. */
  freedPlaces: Count,
  examined: Count,
});

const PolicyName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$' });

export const TrustPolicy = Type.Object({
  policyHash: Hash,
  name: PolicyName,
  /** Named ones belong to nobody. */
  owner: Type.Optional(TronAddress),
  createdAtUs: Type.Optional(TimeUs),
  policy: PolicyDocument,
});

export const TrustPolicyBody = Type.Object({ name: PolicyName, policy: PolicyDocument }, strict);
export const DeleteSessionQuery = Type.Object({ reason: Reason }, strict);
export const StopSessionBody = Type.Object({ reason: Type.Optional(Reason) }, strict);
