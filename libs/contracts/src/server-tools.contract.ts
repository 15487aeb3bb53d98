import { Type } from 'typebox';
import { defineContract } from './contract.ts';
import {
  BackupManifest,
  BackupName,
  BackupSummary,
  DiagnosticReport,
  Job,
  jobErrors,
  ServiceQuery,
  StoreStats,
} from './server-tools-schemas.ts';

const { internal: _kits, ...ofJobs } = jobErrors;
const JobParams = Type.Object({ jobId: Type.String({ pattern: '^[0-9a-f]{16}$' }) });
const OfBackup = Type.Object({ backup: BackupName }, { additionalProperties: false });
/** Who keeps the node; the service itself is who its own commands call as. */
const callers = ['operator', 'server-tools'];
const CHECKING_MS = 60_000;

export const serverToolsContract = defineContract({
  service: 'server-tools',
  version: '0.1.0',
  summary: 'Diagnostics of the installation, and backups of its document store.',
  basePath: '/api/v1',
  errors: {
    target_unknown: { status: 404, title: 'This installation has no such service that can be asked this.' },
    job_running: { status: 409, title: 'Another job is under way; wait for it, or cancel it.' },
    job_unknown: { status: 404, title: 'There is no job of this id; the list shows those that are kept.' },
    job_over: { status: 409, title: 'The job has ended already.' },
    job_elsewhere: { status: 409, title: 'A command in another process does this job; end it there.' },
    ...ofJobs,
  },
  operations: {
    diagnose: {
      method: 'GET',
      path: '/diag',
      summary: 'All checks of everything; what each found and what to do.',
      callers,
      response: DiagnosticReport,
      deadlineMs: CHECKING_MS,
    },
    diagnoseDns: {
      method: 'GET',
      path: '/diag/dns',
      summary: 'Whether names of services resolve, to addresses inside the installation.',
      callers,
      query: ServiceQuery,
      response: DiagnosticReport,
      errors: ['target_unknown'],
      deadlineMs: CHECKING_MS,
    },
    diagnoseTcp: {
      method: 'GET',
      path: '/diag/tcp',
      summary: 'Whether the ports of services take connections.',
      callers,
      query: ServiceQuery,
      response: DiagnosticReport,
      errors: ['target_unknown'],
      deadlineMs: CHECKING_MS,
    },
    diagnoseHttp: {
      method: 'GET',
      path: '/diag/http',
      summary: 'What services answer on /health and /ready.',
      callers,
      query: ServiceQuery,
      response: DiagnosticReport,
      errors: ['target_unknown'],
      deadlineMs: CHECKING_MS,
    },
    diagnoseTor: {
      method: 'GET',
      path: '/diag/tor',
      summary:
        'Whether Tor’s SOCKS and control ports answer, how far it has connected, and whether an onion service is reached.',
      callers,
      response: DiagnosticReport,
      deadlineMs: CHECKING_MS,
    },
    diagnoseDisk: {
      method: 'GET',
      path: '/diag/disk',
      summary: 'Free bytes and inodes of volumes; a warning from 85 % used, a failure from 95 %.',
      callers,
      response: DiagnosticReport,
      deadlineMs: CHECKING_MS,
    },
    diagnoseClock: {
      method: 'GET',
      path: '/diag/clock',
      summary:
        'How far clocks of services and stores are off, and jumps of the own one; a warning beyond 2 s.',
      callers,
      response: DiagnosticReport,
      deadlineMs: CHECKING_MS,
    },
    getStats: {
      method: 'GET',
      path: '/mongo/stats',
      summary: 'Collections of the document store, their documents and sizes.',
      callers,
      response: StoreStats,
      errors: ['store_unreachable', 'store_refused', 'store_failed'],
    },
    startDump: {
      method: 'POST',
      path: '/mongo/dump',
      summary: 'Begins to write a backup; the answer is the job that does it.',
      callers,
      idempotent: false,
      response: Job,
      status: 202,
      errors: ['job_running', 'folder_unusable', 'folder_full'],
    },
    startVerify: {
      method: 'POST',
      path: '/mongo/verify',
      summary: 'Begins to read a backup again: every hash, every document.',
      callers,
      idempotent: false,
      body: OfBackup,
      response: Job,
      status: 202,
      errors: ['job_running', 'backup_unknown', 'folder_unusable', 'folder_full'],
    },
    startRestore: {
      method: 'POST',
      path: '/mongo/restore',
      summary: 'Begins to put a backup in the place of the database; verifies it first.',
      callers,
      idempotent: false,
      body: Type.Object(
        {
          backup: BackupName,
          /** What is in the database now goes. */
          replace: Type.Optional(Type.Boolean({ default: false })),
        },
        { additionalProperties: false },
      ),
      response: Job,
      status: 202,
      errors: ['job_running', 'backup_unknown', 'folder_unusable', 'folder_full'],
    },
    startPrune: {
      method: 'POST',
      path: '/mongo/prune',
      summary: 'Begins to remove backups beyond those to be kept; never the last good one.',
      callers,
      idempotent: false,
      body: Type.Object(
        {
          /** How many; absent: as configured. */
          keep: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
          /** No older than this many days; absent: as configured. */
          days: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
        },
        { additionalProperties: false },
      ),
      response: Job,
      status: 202,
      errors: ['job_running', 'folder_unusable', 'folder_full'],
    },
    listBackups: {
      method: 'GET',
      path: '/mongo/backups',
      summary: 'Backups, newest first.',
      callers,
      response: Type.Object({ folder: Type.String(), backups: Type.Array(BackupSummary) }),
      errors: ['folder_unusable'],
    },
    getBackup: {
      method: 'GET',
      path: '/mongo/backups/:backup',
      summary: 'The manifest of a backup.',
      callers,
      params: Type.Object({ backup: BackupName }),
      response: BackupManifest,
      errors: ['backup_unknown', 'backup_unfinished', 'folder_unusable'],
    },
    listJobs: {
      method: 'GET',
      path: '/mongo/jobs',
      summary: 'The newest jobs, newest first.',
      callers,
      response: Type.Object({ jobs: Type.Array(Job) }),
      errors: ['folder_unusable'],
    },
    getJob: {
      method: 'GET',
      path: '/mongo/jobs/:jobId',
      summary: 'How far a job is; waits for its end, if asked to.',
      callers,
      params: JobParams,
      query: Type.Object(
        {
          /** How long to wait at most, in milliseconds. */
          waitMs: Type.Optional(Type.Integer({ default: 0, minimum: 0, maximum: 20_000 })),
        },
        { additionalProperties: false },
      ),
      response: Job,
      errors: ['job_unknown', 'folder_unusable'],
      waits: true,
    },
    cancelJob: {
      method: 'DELETE',
      path: '/mongo/jobs/:jobId',
      summary: 'Ends a job; a restore that puts collections in place already goes on to its end.',
      callers,
      params: JobParams,
      response: Job,
      errors: ['job_unknown', 'job_over', 'job_elsewhere', 'folder_unusable'],
    },
  },
});
