/** Shapes of server-tools: what a check found, what a backup holds, how far a job is. */
import { Type } from 'typebox';
import { Count } from './schemas.ts';

/** What a check may say of its target. `absent`: it is not part of what runs here, and that is no fault. */
const Outcome = Type.Enum(['ok', 'warning', 'failed', 'absent']);

export const diagnosticChecks = ['dns', 'tcp', 'http', 'tor', 'disk', 'clock'] as const;
export type DiagnosticCheck = (typeof diagnosticChecks)[number];

/** Milliseconds, to the microsecond. */
const DurationMs = Type.Number({ minimum: 0, description: 'milliseconds' });

const DiagnosticResult = Type.Object({
  check: Type.Enum(diagnosticChecks),
  /** Service, volume or clock. */
  target: Type.String(),
  /** What was done. */
  tried: Type.String(),
  outcome: Outcome,
  durationMs: DurationMs,
  /** What came of it, in one sentence. */
  found: Type.String(),
  /** What to do about it, in one sentence; absent where there is nothing to do. */
  advice: Type.Optional(Type.String()),
  /** Figures and names behind the sentence; their own names say the units. */
  facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
});

export const DiagnosticReport = Type.Object({
  /** The worst of the results; `absent` counts as `ok`. */
  outcome: Outcome,
  /** RFC 3339. */
  startedAt: Type.String(),
  durationMs: DurationMs,
  results: Type.Array(DiagnosticResult),
});

const SERVICE = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,62}$',
  description: 'name of a service of this installation; absent: every one',
});

export const ServiceQuery = Type.Object({ service: Type.Optional(SERVICE) }, { additionalProperties: false });

export const BackupName = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,99}$',
  description: 'name of a backup, its folder',
});

const Server = Type.Object({
  kind: Type.Enum(['mongodb', 'ferretdb']),
  version: Type.String(),
});

export const StoreStats = Type.Object({
  server: Server,
  database: Type.String(),
  collections: Type.Array(
    Type.Object({
      name: Type.String(),
      documents: Count,
      sizeBytes: Count,
      storageBytes: Count,
      indexes: Count,
      indexBytes: Count,
    }),
  ),
  totals: Type.Object({ documents: Count, sizeBytes: Count, storageBytes: Count, indexBytes: Count }),
  /** Of the server's files, where it tells. */
  disk: Type.Optional(Type.Object({ totalBytes: Count, usedBytes: Count })),
  /** A restore that was cut off, or is under way. */
  restoring: Type.Optional(
    Type.Object({
      backup: Type.String(),
      phase: Type.Enum(['loading', 'swapping']),
      /** The database is partly that of this backup, and no dump is taken of it. */
      mixedWith: Type.Optional(Type.String()),
    }),
  ),
});

const BackupFile = Type.Object({
  path: Type.String(),
  sizeBytes: Count,
  /** Of the file as it lies there; lower-case hex. */
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});

/** `manifest.json` of a backup; docs/backup.md says what each means. */
export const BackupManifest = Type.Object({
  format: Type.Literal('lucid-mongo-backup/1'),
  name: BackupName,
  tool: Type.Object({ name: Type.String(), version: Type.String() }),
  server: Server,
  database: Type.String({ minLength: 1 }),
  startedAt: Type.String(),
  endedAt: Type.String(),
  consistency: Type.Object({ snapshot: Type.Boolean(), note: Type.String() }),
  encryption: Type.Optional(Type.Object({ format: Type.Literal('age'), recipient: Type.String() })),
  /** In the order in which they were read. */
  collections: Type.Array(
    Type.Object({
      name: Type.String({ minLength: 1 }),
      documents: Count,
      /** Of the documents, neither packed nor encrypted. */
      sizeBytes: Count,
      /** Sum of the SHA-256 of every document, modulo 2^256: the same whatever their order. */
      content: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      indexes: Count,
      data: BackupFile,
      metadata: BackupFile,
    }),
  ),
  totals: Type.Object({ collections: Count, documents: Count, sizeBytes: Count, storedBytes: Count }),
  /** Views and the like, which services do not use: their names only. */
  skipped: Type.Optional(Type.Array(Type.String())),
});

export const BackupSummary = Type.Object({
  name: Type.String(),
  /** `unfinished`: begun and cut off, or without a manifest that can be read; never restored, removed by the next pruning. */
  state: Type.Enum(['finished', 'unfinished']),
  startedAt: Type.Optional(Type.String()),
  endedAt: Type.Optional(Type.String()),
  server: Type.Optional(Server),
  collections: Type.Optional(Count),
  documents: Type.Optional(Count),
  /** On disk. */
  storedBytes: Type.Optional(Count),
  encrypted: Type.Optional(Type.Boolean()),
});

const BackupFault = Type.Object({
  /** Within the backup. */
  file: Type.String(),
  fault: Type.Enum(['missing', 'size', 'hash', 'content', 'unexpected']),
  /** What is wrong, in one sentence. */
  found: Type.String(),
});

export const BackupVerification = Type.Object({
  backup: Type.String(),
  ok: Type.Boolean(),
  /** `files`: hashes only, since it is encrypted and no identity is set; `documents`: every document was read, too. */
  depth: Type.Enum(['files', 'documents']),
  files: Count,
  documents: Count,
  faults: Type.Array(BackupFault),
});

const Restored = Type.Object({
  backup: Type.String(),
  database: Type.String(),
  /** An earlier restore of the same backup was cut off while it put collections in place, and this one went on. */
  resumed: Type.Boolean(),
  collections: Type.Array(Type.Object({ name: Type.String(), documents: Count, indexes: Count })),
  /** Collections that were there before, and are not in the backup. */
  dropped: Type.Array(Type.String()),
});

const Pruned = Type.Object({
  kept: Type.Array(Type.String()),
  removed: Type.Array(Type.String()),
  /** Kept against the rules, because no younger one is sound. */
  lastGood: Type.Optional(Type.String()),
});

export const jobKinds = ['dump', 'verify', 'restore', 'prune'] as const;
export const jobStates = ['running', 'done', 'failed', 'cancelled', 'interrupted'] as const;

/** Why a job failed. */
export const jobErrors = {
  store_unreachable: {
    status: 503,
    title: 'The document store does not answer; look at /diag/tcp and its log.',
  },
  store_refused: {
    status: 502,
    title: 'The document store refuses the user or the password in MONGO_URL; correct the secret.',
  },
  store_full: { status: 507, title: 'The document store has no room; free some and try again.' },
  store_failed: { status: 502, title: 'The document store could not do it; the log names the command.' },
  folder_full: { status: 507, title: 'The backup folder has no room; prune, or give it more.' },
  folder_unusable: {
    status: 500,
    title: 'The backup folder cannot be read or written; look at its owner and at SERVER_TOOLS_BACKUP_DIR.',
  },
  backup_unknown: { status: 404, title: 'There is no backup of this name; the list shows those there are.' },
  backup_unfinished: { status: 409, title: 'The backup was never finished; take another one.' },
  backup_damaged: { status: 409, title: 'The backup is damaged; verify says where, take another one.' },
  identity_missing: {
    status: 409,
    title: 'The backup is encrypted; set SERVER_TOOLS_BACKUP_IDENTITY_FILE to the file of its age identity.',
  },
  identity_wrong: {
    status: 409,
    title: 'The backup is encrypted for another identity than the one that is set.',
  },
  database_not_empty: {
    status: 409,
    title: 'The database holds documents already; ask for them to be replaced, or name another in MONGO_URL.',
  },
  restore_interrupted: {
    status: 409,
    title: 'A restore was cut off while it put collections in place; restore the same backup again first.',
  },
  internal: { status: 500, title: 'The job failed; the log says why.' },
} as const;

const JobProgress = Type.Object({
  /** What is done now, in the words of docs/backup.md. */
  phase: Type.String(),
  collection: Type.Optional(Type.String()),
  collections: Count,
  collectionsDone: Count,
  documents: Count,
  bytes: Count,
});

export const Job = Type.Object({
  jobId: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  kind: Type.Enum(jobKinds),
  state: Type.Enum(jobStates),
  backup: Type.Optional(Type.String()),
  startedAt: Type.String(),
  endedAt: Type.Optional(Type.String()),
  progress: JobProgress,
  failure: Type.Optional(
    Type.Object({
      code: Type.Enum(Object.keys(jobErrors) as (keyof typeof jobErrors)[]),
      /** What is wrong and what to do. */
      message: Type.String(),
    }),
  ),
  /** Of a dump. */
  dumped: Type.Optional(BackupSummary),
  verified: Type.Optional(BackupVerification),
  restored: Type.Optional(Restored),
  pruned: Type.Optional(Pruned),
});
