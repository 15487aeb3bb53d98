import { Type } from 'typebox';
import {
  AppAnchor,
  AppCheckpoint,
  AppInfo,
  AppLedgerEntry,
  AppLimits,
  AppManifest,
  AppPoliciesQuery,
  AppPolicy,
  AppPolicyCheck,
  AppPolicyCheckBody,
  AppPolicyPage,
  AppSession,
  AppSessionBatch,
  AppSessionBatchBody,
  AppSessionPage,
  AppSessionProof,
  AppSessionsQuery,
  AppUser,
  AppUserPage,
  AppUsersQuery,
  AppVersion,
  FieldsQuery,
  KeyedQuery,
  WholeAppSession,
} from './api-server-schemas.ts';
import { TronAddress } from './authentication-schemas.ts';
import { defineContract, octets } from './contract.ts';
import { Count, Hash, SessionParams } from './schemas.ts';
import { sessionApiContract } from './session-api.contract.ts';
import {
  DeleteSessionQuery,
  NewSessionBody,
  StopSessionBody,
  TrustPolicyBody,
} from './session-api-schemas.ts';

/** What every reading operation shares. */
const reads = { method: 'GET', callers: ['account'], etag: true, cacheControl: 'private, no-cache' } as const;
/** What every writing one shares; repeated without a key it may be done twice. */
const posts = { method: 'POST', callers: ['account'], query: KeyedQuery, idempotent: false } as const;
const keyErrors = ['idempotency_key_reused', 'idempotency_in_progress', 'store_full'] as const;
const ofSession = { params: SessionParams, response: WholeAppSession } as const;
const seeing = { permission: 'view_own_sessions' } as const;
const controlling = { permission: 'control_own_sessions' } as const;

const sessionReading = {
  listSessions: {
    ...{ ...reads, ...seeing, path: '/sessions' },
    summary: 'Sessions that one may see: filtered, sorted by their creation, a page at a time.',
    query: AppSessionsQuery,
    response: AppSessionPage,
    errors: ['list_too_long'],
    deadlineMs: 60_000,
  },
  getSession: {
    ...{ ...reads, ...seeing, path: '/sessions/:sessionId' },
    summary: 'One session.',
    params: SessionParams,
    query: FieldsQuery,
    response: AppSession,
    errors: ['session_unknown'],
  },
  findSessions: {
    ...seeing,
    path: '/sessions/batch',
    method: 'POST',
    callers: ['account'],
    summary: 'Up to 100 sessions by their ids. It changes nothing, so it needs no idempotency key.',
    query: FieldsQuery,
    body: AppSessionBatchBody,
    response: AppSessionBatch,
    idempotent: true,
  },
  getSessionProof: {
    ...{ ...reads, ...seeing, path: '/sessions/:sessionId/proof' },
    summary:
      'All that proves a session, in one document: manifest hash, signed tree, ledger entry and its inclusion.',
    params: SessionParams,
    response: AppSessionProof,
    errors: ['session_unknown'],
  },
  getManifest: {
    ...{ ...reads, ...seeing, path: '/manifests/:sessionId' },
    summary: 'The manifest of a session, read, with the hash of its canonical bytes.',
    params: SessionParams,
    response: AppManifest,
    errors: ['session_unknown', 'not_ready', 'session_deleted'],
  },
  getManifestBytes: {
    ...{ ...reads, ...seeing, path: '/manifests/:sessionId/bytes' },
    summary: 'The canonical bytes of the manifest, which its hash is of.',
    params: SessionParams,
    response: octets({ maxBytes: 16_777_216, mediaType: 'application/json' }),
    errors: ['session_unknown', 'not_ready', 'session_deleted'],
  },
} as const;

const sessionWriting = {
  createSession: {
    ...posts,
    path: '/sessions',
    permission: 'create_session',
    summary: 'Makes a session with a fresh id that is used once.',
    body: Type.Omit(NewSessionBody, ['idempotencyKey'], { additionalProperties: false }),
    response: WholeAppSession,
    status: 201,
    errors: ['too_many_sessions', 'parties_unsound', 'policy_unsound', ...keyErrors],
  },
  startSession: {
    ...{ ...posts, ...controlling, ...ofSession, path: '/sessions/:sessionId/start' },
    summary: 'Starts it; under a policy only with the consents of both parties.',
    errors: [
      'session_unknown',
      'not_yours',
      'wrong_state',
      'too_many_running',
      'consent_missing',
      'consent_refused',
      'policy_broken',
      ...keyErrors,
    ],
    deadlineMs: 60_000,
  },
  stopSession: {
    ...{ ...posts, ...controlling, ...ofSession, path: '/sessions/:sessionId/stop' },
    summary: 'Ends it; with a reason it counts as interrupted.',
    body: StopSessionBody,
    errors: ['session_unknown', 'not_yours', 'wrong_state', ...keyErrors],
    deadlineMs: 90_000,
  },
  pauseSession: {
    ...{ ...posts, ...controlling, ...ofSession, path: '/sessions/:sessionId/pause' },
    summary: 'Pauses the recording.',
    errors: ['session_unknown', 'not_yours', 'wrong_state', ...keyErrors],
  },
  resumeSession: {
    ...{ ...posts, ...controlling, ...ofSession, path: '/sessions/:sessionId/resume' },
    summary: 'Goes on with a paused recording.',
    errors: ['session_unknown', 'not_yours', 'wrong_state', 'policy_broken', ...keyErrors],
  },
  archiveSession: {
    ...{ ...posts, ...controlling, ...ofSession, path: '/sessions/:sessionId/archive' },
    summary: 'Puts an ended session away.',
    errors: ['session_unknown', 'not_yours', 'wrong_state', ...keyErrors],
  },
  restoreSession: {
    ...{ ...posts, ...controlling, ...ofSession, path: '/sessions/:sessionId/restore' },
    summary: 'Takes a session out of the archive.',
    errors: ['session_unknown', 'not_yours', 'too_many_sessions', ...keyErrors],
  },
  deleteSession: {
    ...{ ...ofSession, path: '/sessions/:sessionId' },
    method: 'DELETE',
    callers: ['account'],
    summary: 'Destroys keys and records; a signed tombstone stays in the ledger.',
    permission: 'delete_own_sessions',
    query: DeleteSessionQuery,
    errors: ['session_unknown', 'not_yours', 'wrong_state'],
    deadlineMs: 60_000,
  },
} as const;

const chain = {
  getCheckpoint: {
    ...{ ...reads, ...seeing, path: '/chain/checkpoint' },
    summary: 'The newest durable checkpoint of the ledger: its signed head.',
    response: AppCheckpoint,
    errors: ['ledger_unavailable'],
  },
  getLedgerEntry: {
    ...reads,
    path: '/chain/entries/:index',
    permission: 'view_blockchain_info',
    summary: 'Any entry of the ledger, with its proof in the newest tree.',
    params: Type.Object({ index: Count }),
    response: AppLedgerEntry,
    errors: ['not_in_log', 'ledger_unavailable'],
  },
  getAnchor: {
    ...{ ...reads, ...seeing, path: '/chain/anchors/:sessionId' },
    summary: 'How far the anchor of a session is, and its proof once it is final.',
    params: SessionParams,
    response: AppAnchor,
    errors: ['session_unknown', 'anchor_unknown'],
  },
} as const;

const policyParams = Type.Object({ policyHash: Hash });
const policies = {
  listPolicies: {
    ...{ ...reads, ...seeing, path: '/policies' },
    summary: 'The named policies and one’s own, in the order of their hashes.',
    query: AppPoliciesQuery,
    response: AppPolicyPage,
  },
  getPolicy: {
    ...{ ...reads, ...seeing, path: '/policies/:policyHash' },
    summary: 'One policy by its hash.',
    params: policyParams,
    response: AppPolicy,
    errors: ['policy_unknown'],
  },
  storePolicy: {
    ...posts,
    path: '/policies',
    permission: 'manage_own_policies',
    summary: 'Keeps a policy under a name; it is judged, and its hash told.',
    body: TrustPolicyBody,
    response: AppPolicy,
    status: 201,
    errors: ['policy_unsound', 'too_many_policies', ...keyErrors],
  },
  deletePolicy: {
    path: '/policies/:policyHash',
    method: 'DELETE',
    callers: ['account'],
    summary: 'Forgets one of one’s own policies; sessions under it keep it.',
    permission: 'manage_own_policies',
    params: policyParams,
    errors: ['policy_unknown', 'store_full'],
  },
  checkPolicy: {
    ...seeing,
    path: '/policies/check',
    method: 'POST',
    callers: ['account'],
    summary:
      'Judges a policy document and tells its hash. It changes nothing, so it needs no idempotency key.',
    body: AppPolicyCheckBody,
    response: AppPolicyCheck,
    idempotent: true,
  },
} as const;

const users = {
  getOwnUser: {
    ...reads,
    path: '/users/me',
    permission: 'view_own_profile',
    summary: 'The own entry.',
    response: AppUser,
    errors: ['user_unknown'],
  },
  listUsers: {
    ...reads,
    path: '/users',
    permission: 'view_all_users',
    summary: 'Users, in the order of their addresses.',
    query: AppUsersQuery,
    response: AppUserPage,
  },
  getUser: {
    ...reads,
    path: '/users/:address',
    permission: 'view_all_users',
    summary: 'One user.',
    params: Type.Object({ address: TronAddress }),
    response: AppUser,
    errors: ['user_unknown'],
  },
} as const;

const meta = {
  getInfo: {
    ...reads,
    path: '/meta/info',
    permission: 'read_api_docs',
    summary: 'What this API is and which resources it has.',
    response: AppInfo,
  },
  getVersion: {
    ...reads,
    path: '/meta/version',
    permission: 'read_api_docs',
    summary: 'Its version.',
    response: AppVersion,
  },
  getLimits: {
    ...reads,
    path: '/meta/limits',
    permission: 'read_api_docs',
    summary: 'What bounds its requests.',
    response: AppLimits,
  },
} as const;

const {
  session_unknown,
  not_yours,
  wrong_state,
  not_ready,
  session_deleted,
  store_full,
  too_many_sessions,
  too_many_running,
  parties_unsound,
  policy_unsound,
  policy_broken,
  consent_missing,
  consent_refused,
  policy_unknown,
  too_many_policies,
} = sessionApiContract.errors;

/** For programs. It keeps nothing but answers under idempotency keys; what is shown belongs to the services behind it. */
export const apiServerContract = defineContract({
  service: 'api-server',
  version: '1.0.0',
  summary:
    'The application API for programs: sessions, manifests, policies, the chain and users in one shape.',
  basePath: '/api/v1/app',
  errors: {
    ...{ session_unknown, not_yours, wrong_state, not_ready, session_deleted, store_full },
    ...{ too_many_sessions, too_many_running, parties_unsound, policy_unsound, policy_broken },
    ...{ consent_missing, consent_refused, policy_unknown, too_many_policies },
    list_too_long: { status: 422, title: 'The list is too long to be sorted the oldest first.' },
    idempotency_key_reused: {
      status: 422,
      title: 'This idempotency key was used with another request.',
    },
    idempotency_in_progress: {
      status: 409,
      title: 'A request with this idempotency key is under way; ask again soon.',
    },
    anchor_unknown: { status: 404, title: 'This session was not handed in to be anchored yet.' },
    not_in_log: { status: 404, title: 'The ledger does not hold that, or not yet.' },
    ledger_unavailable: { status: 503, title: 'The ledger cannot be read now.' },
    user_unknown: { status: 404, title: 'There is no such user.' },
  },
  operations: { ...sessionReading, ...sessionWriting, ...chain, ...policies, ...users, ...meta },
});
