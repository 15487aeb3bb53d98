export * from './api-gateway.contract.ts';
export * from './api-server.contract.ts';
export { appSessionFields, SESSION_BATCH } from './api-server-schemas.ts';
export * from './authentication.contract.ts';
export { INVITED_ROLES, TronAddress } from './authentication-schemas.ts';
export * from './blockchain-api.contract.ts';
export * from './blockchain-governance.contract.ts';
export * from './blockchain-governance-schemas.ts';
export * from './blockchain-ledger.contract.ts';
export * from './blockchain-sessions-data.contract.ts';
export * from './blockchain-vm.contract.ts';
export * from './chain-schemas.ts';
export * from './contract.ts';
export * from './contract-compiler.contract.ts';
export * from './contract-deployment.contract.ts';
export * from './contract-deployment-schemas.ts';
export * from './deployment-orchestrator.contract.ts';
export * from './deployment-orchestrator-schemas.ts';
export * from './gateway-routes.ts';
export { EntryProof } from './ledger-schemas.ts';
export * from './lucid-host.contract.ts';
export * from './merkle-builder.contract.ts';
export * from './on-system-chain.contract.ts';
export * from './on-system-chain-client.contract.ts';
export * from './openapi.contract.ts';
export * from './schemas.ts';
export * from './server-tools.contract.ts';
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
export * from './session-api.contract.ts';
export { type SessionRelation, sessionRelations, sessionTypes } from './session-api-schemas.ts';
export * from './session-chunker.contract.ts';
export * from './session-encryptor.contract.ts';
export * from './session-orchestrator.contract.ts';
export * from './session-recorder.contract.ts';
export * from './tunnel-tools.contract.ts';
export { CreateOnion, Onion, OpenTunnel, TorStatus, Tunnel, Verification } from './tunnel-tools-schemas.ts';
