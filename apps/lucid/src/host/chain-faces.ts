/** Services by which people and programs look into the chain, make contracts in it, and govern it. */
import type { AnyServiceDefinition, ServiceGroup } from '@lucid/service-kit';

/** Those that may be among them. */
export const FACES = [
  'blockchain-sessions-data',
  'blockchain-api',
  'blockchain-api-read',
  'blockchain-governance',
  'contract-compiler',
  'contract-deployment',
  'deployment-orchestrator',
] as const;

type Faces = Pick<ServiceGroup, 'definitions' | 'ownEnvironment'>;

async function reading(): Promise<AnyServiceDefinition[]> {
  const [{ blockchainSessionsData }, { blockchainApi, blockchainApiRead }] = await Promise.all([
    import('@lucid/blockchain-sessions-data'),
    import('@lucid/blockchain-api'),
  ]);
  return [blockchainSessionsData, blockchainApi, blockchainApiRead];
}

async function governing(): Promise<AnyServiceDefinition[]> {
  const { blockchainGovernance } = await import('@lucid/blockchain-governance');
  return [blockchainGovernance];
}

async function deploying(): Promise<AnyServiceDefinition[]> {
  const [{ contractCompiler }, { contractDeployment }, { deploymentOrchestrator }] = await Promise.all([
    import('@lucid/contract-compiler'),
    import('@lucid/contract-deployment'),
    import('@lucid/deployment-orchestrator'),
  ]);
  return [contractCompiler, contractDeployment, deploymentOrchestrator];
}

interface FacesOptions {
  /** Secret key of the node's account; null where nobody of this node writes into the chain. */
  readonly nodeKey: string | null;
  /** Whether the chain has a governor. */
  readonly isGoverned: boolean;
}

export async function openFaces({ nodeKey, isGoverned }: FacesOptions): Promise<Faces> {
  const faces = [...(await reading()), ...(isGoverned ? await governing() : [])];
  if (nodeKey === null) return { definitions: faces };
  const { helperKey } = await import('@lucid/chain-application');
  return {
    definitions: [...faces, ...(await deploying())],
    // Each sends with nonces of its own.
    ownEnvironment: {
      'contract-deployment': { CHAIN_ACCOUNT_KEY: helperKey(nodeKey, 'deployer') },
      'blockchain-governance': { CHAIN_ACCOUNT_KEY: helperKey(nodeKey, 'relayer') },
    },
  };
}
