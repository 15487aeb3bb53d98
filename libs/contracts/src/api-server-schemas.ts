/** Shapes of the application API: every resource has `kind` and `id`, every list `items` and `next`, every time is in microseconds. */
import { Type } from 'typebox';
import { AccountRole, PageQuery, TronAddress, UserStatus } from './authentication-schemas.ts';
import { AnchorStatus } from './on-system-chain-client.contract.ts';
import { Count, Hash, SessionId, TimeUs } from './schemas.ts';
import { PolicyDocument, sessionTypes, TrustPolicy, UserSession } from './session-api-schemas.ts';
import { SessionStateSchema } from './session-orchestrator.contract.ts';

const strict = { additionalProperties: false } as const;

/** RFC 8941 string, as the header has it, or the same without its quotes. */
export const IdempotencyKey = Type.String({
  pattern: '^([A-Za-z0-9_.:-]{8,128}|"[A-Za-z0-9_.:-]{8,128}")$',
  description:
    'draft-ietf-httpapi-idempotency-key-header: the same key and request again answer what was answered first, for 24 hours',
});
/** Read from the header `Idempotency-Key`, too. */
export const KeyedQuery = Type.Object({ idempotencyKey: Type.Optional(IdempotencyKey) }, strict);

const After = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,4096}$',
  description: '`next` of the page before, of the same list and filters',
});
const page = { limit: PageQuery.limit, after: Type.Optional(After) };
const Next = Type.Optional(After);

const { sessionId: _sessionId, ...sessionProperties } = UserSession.properties;
export const appSessionFields = Object.keys(sessionProperties) as (keyof typeof sessionProperties)[];
const SessionFields = Type.Optional(
  Type.Array(Type.Enum([...appSessionFields]), {
    maxItems: 64,
    description: 'only these, besides `kind` and `id`',
  }),
);

const appSession = { kind: Type.Literal('session'), id: SessionId } as const;
/** The whole of it where no fields were named. */
export const AppSession = Type.Object({
  ...appSession,
  ...Type.Partial(Type.Object(sessionProperties)).properties,
});
export const WholeAppSession = Type.Object({ ...appSession, ...sessionProperties });

export const FieldsQuery = Type.Object({ fields: SessionFields }, strict);

/** Filters hold together; several values of `type` are alternatives. */
export const AppSessionsQuery = Type.Object(
  {
    ...page,
    fields: SessionFields,
    /** Deleted ones are listed only where they are asked for. */
    state: Type.Optional(SessionStateSchema),
    type: Type.Optional(Type.Array(Type.Enum([...sessionTypes]), { maxItems: sessionTypes.length })),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** Part of the title, in any case of its letters. */
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    policyHash: Type.Optional(Hash),
    manifestHash: Type.Optional(Hash),
    anchored: Type.Optional(Type.Boolean()),
    /** Created then or later. */
    fromUs: Type.Optional(TimeUs),
    /** Created before. */
    toUs: Type.Optional(TimeUs),
    /** Default false: sessions that are not in the archive. */
    archived: Type.Optional(Type.Boolean()),
    /** All sessions of the host; for who may view all. */
    all: Type.Optional(Type.Boolean()),
    sort: Type.Optional(
      Type.Enum(['created', '-created'], { description: 'default `-created`: the newest first' }),
    ),
  },
  strict,
);
/** With filters a page may be shorter than `limit`, or empty, and still have a next one. */
export const AppSessionPage = Type.Object({ items: Type.Array(AppSession), next: Next });

export const SESSION_BATCH = 100;
export const AppSessionBatchBody = Type.Object(
  { ids: Type.Array(SessionId, { minItems: 1, maxItems: SESSION_BATCH, uniqueItems: true }) },
  strict,
);
export const AppSessionBatch = Type.Object({
  /** In the order asked for. */
  items: Type.Array(AppSession),
  /** Those that there are not, for this account. */
  missing: Type.Array(SessionId),
});

export const AppManifest = Type.Object({
  kind: Type.Literal('manifest'),
  /** Of its session. */
  id: SessionId,
  /** Of the canonical bytes. */
  hash: Hash,
  sizeBytes: Count,
  manifest: Type.Record(Type.String(), Type.Unknown()),
});

const { sessionId: _anchored, ...anchorProperties } = AnchorStatus.properties;
const anchored = {
  ...anchorProperties,
  /** The ledger's entry, read; `anchor.entry` has its bytes. */
  document: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
};
export const AppAnchor = Type.Object({ kind: Type.Literal('anchor'), id: SessionId, ...anchored });

export const AppSessionProof = Type.Object({
  kind: Type.Literal('session-proof'),
  id: SessionId,
  state: SessionStateSchema,
  manifestHash: Type.Optional(Hash),
  merkleRoot: Type.Optional(Hash),
  policyHash: Type.Optional(Hash),
  /** The newest signed tree of its records; absent before the first one and after a deletion. */
  tree: Type.Optional(Type.Object({ size: Count, root: Hash, checkpoint: Type.Optional(Type.String()) })),
  /** Absent until it was handed in to be anchored. */
  anchor: Type.Optional(Type.Object(anchored)),
  /** Of the tombstone of a deleted session. */
  deletion: Type.Optional(Type.Object(anchored)),
});

export const AppCheckpoint = Type.Object({
  kind: Type.Literal('ledger-checkpoint'),
  /** Entries that it stands for, in decimal. */
  id: Type.String(),
  origin: Type.String(),
  size: Count,
  /** Base64, as in the note. */
  root: Type.String(),
  /** C2SP signed note, with the cosignatures it has. */
  note: Type.String(),
});

export const AppLedgerEntry = Type.Object({
  kind: Type.Literal('ledger-entry'),
  /** Its index in decimal. */
  id: Type.String(),
  index: Count,
  leafHash: Hash,
  /** RFC 9162 inclusion path in the tree of `checkpoint`, lowest first. */
  inclusion: Type.Array(Hash),
  checkpoint: Type.String(),
  /** Base64. */
  entry: Type.String(),
  /** The entry read, where it is a JSON object. */
  document: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

const { policyHash: _policyHash, ...policyProperties } = TrustPolicy.properties;
export const AppPolicy = Type.Object({ kind: Type.Literal('policy'), id: Hash, ...policyProperties });
export const AppPoliciesQuery = Type.Object(
  {
    ...page,
    /** Part of the name, in any case of its letters. */
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** Named ones only, or one's own only. */
    owned: Type.Optional(Type.Boolean()),
  },
  strict,
);
export const AppPolicyPage = Type.Object({ items: Type.Array(AppPolicy), next: Next });
export const AppPolicyCheckBody = Type.Object({ policy: PolicyDocument }, strict);
export const AppPolicyCheck = Type.Object({
  sound: Type.Boolean(),
  /** What is wrong with it, where it is not sound. */
  detail: Type.Optional(Type.String()),
  policyHash: Type.Optional(Hash),
  /** The canonical JSON that is hashed. */
  canonical: Type.Optional(Type.String()),
});

export const AppUser = Type.Object({
  kind: Type.Literal('user'),
  id: TronAddress,
  role: AccountRole,
  status: UserStatus,
  displayName: Type.Optional(Type.String()),
  /** Whether codes are asked for at a login. */
  totp: Type.Boolean(),
  createdAtUs: TimeUs,
  lastLoginAtUs: Type.Optional(TimeUs),
});
export const AppUsersQuery = Type.Object(
  { ...page, role: Type.Optional(AccountRole), status: Type.Optional(UserStatus) },
  strict,
);
export const AppUserPage = Type.Object({ items: Type.Array(AppUser), next: Next });

export const AppInfo = Type.Object({
  name: Type.Literal('lucid'),
  service: Type.Literal('api-server'),
  version: Type.String(),
  /** Where its paths begin. */
  basePath: Type.String(),
  resources: Type.Array(Type.String()),
});
export const AppVersion = Type.Object({ service: Type.Literal('api-server'), version: Type.String() });
export const AppLimits = Type.Object({
  pageItems: Count,
  defaultPageItems: Count,
  batchItems: Count,
  /** Pages of sessions that one request looks at for its filters. */
  pagesPerRequest: Count,
  /** Longest list that can be sorted the oldest first. */
  sortedRows: Count,
  idempotencyKeySeconds: Count,
  jsonBodyBytes: Count,
});
