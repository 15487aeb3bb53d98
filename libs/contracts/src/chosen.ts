/**
 * Of files that hold more, what others may use. By names, so a file of its own: bundles load all of a file that exports by names, and
 * of the index, which exports whole files alone, what is used.
 */
export { appSessionFields, SESSION_BATCH } from './api-server-schemas.ts';
export { INVITED_ROLES, TronAddress } from './authentication-schemas.ts';
export { EntryProof } from './ledger-schemas.ts';
export {
  BackupManifest,
  BackupSummary,
  BackupVerification,
  type DiagnosticCheck,
  DiagnosticReport,
  diagnosticChecks,
  Job,
  jobErrors,
  StoreStats,
} from './server-tools-schemas.ts';
export { type SessionRelation, sessionRelations, sessionTypes } from './session-api-schemas.ts';
export { CreateOnion, Onion, OpenTunnel, TorStatus, Tunnel, Verification } from './tunnel-tools-schemas.ts';
