import { deploymentOrchestratorContract } from '@lucid/contracts';
import { problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(deploymentOrchestratorContract);
