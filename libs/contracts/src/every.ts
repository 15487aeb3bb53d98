/** Every contract there is, for who looks at all of them: the index would make every service that shares code with it load them. */
import { apiGatewayContract } from './api-gateway.contract.ts';
import { apiServerContract } from './api-server.contract.ts';
import { authenticationContract } from './authentication.contract.ts';
import { blockchainApiContract, blockchainApiReadContract } from './blockchain-api.contract.ts';
import { blockchainGovernanceContract } from './blockchain-governance.contract.ts';
import { blockchainLedgerContract } from './blockchain-ledger.contract.ts';
import { blockchainSessionsDataContract } from './blockchain-sessions-data.contract.ts';
import { blockchainVmContract } from './blockchain-vm.contract.ts';
import type { ContractSpec } from './contract.ts';
import { contractCompilerContract } from './contract-compiler.contract.ts';
import { contractDeploymentContract } from './contract-deployment.contract.ts';
import { deploymentOrchestratorContract } from './deployment-orchestrator.contract.ts';
import { lucidHostContract } from './lucid-host.contract.ts';
import { merkleBuilderContract } from './merkle-builder.contract.ts';
import { onSystemChainContract } from './on-system-chain.contract.ts';
import { onSystemChainClientContract } from './on-system-chain-client.contract.ts';
import { openapiGatewayContract, openapiServerContract } from './openapi.contract.ts';
import { serverToolsContract } from './server-tools.contract.ts';
import { sessionApiContract } from './session-api.contract.ts';
import { sessionChunkerContract } from './session-chunker.contract.ts';
import { sessionEncryptorContract } from './session-encryptor.contract.ts';
import { sessionOrchestratorContract } from './session-orchestrator.contract.ts';
import { sessionRecorderContract } from './session-recorder.contract.ts';
import { tunnelToolsContract } from './tunnel-tools.contract.ts';

export const everyContract: readonly ContractSpec[] = [
  apiGatewayContract,
  apiServerContract,
  authenticationContract,
  blockchainApiContract,
  blockchainApiReadContract,
  blockchainGovernanceContract,
  blockchainLedgerContract,
  blockchainSessionsDataContract,
  blockchainVmContract,
  contractCompilerContract,
  contractDeploymentContract,
  deploymentOrchestratorContract,
  lucidHostContract,
  merkleBuilderContract,
  onSystemChainClientContract,
  onSystemChainContract,
  openapiServerContract,
  openapiGatewayContract,
  serverToolsContract,
  sessionApiContract,
  sessionChunkerContract,
  sessionEncryptorContract,
  sessionOrchestratorContract,
  sessionRecorderContract,
  tunnelToolsContract,
];
