// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of plans look so

import { deploymentOrchestratorContract, type InputOf } from '@lucid/contracts';
import { createMemoryDocumentStore, type DocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { createServiceKeys } from '@lucid/service-kit';
import { eventually, problemOf, startTestStack } from '@lucid/service-kit/testing';
import { deploymentOrchestrator } from '../src/index.ts';
import { FakeDeployment, fakeDeploymentService } from './fake-deployment.ts';

export type PlanBody = InputOf<(typeof deploymentOrchestratorContract)['operations']['putPlan']>['body'];

const keys = createServiceKeys(['contract-deployment', 'deployment-orchestrator', 'operator', 'api-server']);

export interface OrchestratorOptions {
  readonly fake?: FakeDeployment;
  readonly documents?: MemoryDocuments;
  readonly wrap?: (store: DocumentStore) => DocumentStore;
  readonly transport?: 'local' | 'tcp';
}

export async function startOrchestrator(options: OrchestratorOptions = {}) {
  const {
    fake = new FakeDeployment(),
    documents = new Map(),
    wrap = (store) => store,
    transport = 'local',
  } = options;
  const stack = await startTestStack({
    transport,
    definitions: [fakeDeploymentService(fake), deploymentOrchestrator],
    environment: { ORCHESTRATOR_POLL_MS: '10' },
    adapters: { 'deployment-orchestrator': { documents: wrap(createMemoryDocumentStore(documents)) } },
    keys,
  });
  const client = stack.clientOf(deploymentOrchestratorContract, { retry: false });
  return {
    ...{ stack, fake, documents, client },
    put: (planId: string, body: PlanBody) => client.putPlan({ params: { planId }, body }),
    start: (runId: string, planId: string, inputs: Record<string, unknown> = {}) =>
      client.startRun({ params: { runId }, body: { planId, inputs } }),
    /** Waits until a run does nothing more by itself. */
    rested: (runId: string) =>
      eventually(async () => {
        const run = await client.getRun({ params: { runId } });
        return !['running', 'compensating'].includes(run.status) && run;
      }),
  };
}

export type OrchestratorStack = Awaited<ReturnType<typeof startOrchestrator>>;

export { eventually, problemOf };

const house = (name: string) => ({ house: name });
const retry = { attempts: 3, delayMs: 10, timeoutMs: 60_000 };

export const planOf = (steps: PlanBody['steps'], more: Partial<PlanBody> = {}): PlanBody => ({
  ...{ summary: 'a plan', inputs: [], steps, results: {}, onFailure: 'stop', retry },
  ...more,
});

const ROLE = `0x${'07'.repeat(32)}`;

/** Two contracts that know each other, a call, a wait, a check. */
export const examplePlan = (more: Partial<PlanBody> = {}): PlanBody =>
  planOf(
    [
      {
        ...{
          id: 'first',
          kind: 'deploy',
          contract: house('Owned'),
          args: ['${second.address}', '${inputs.size}'],
        },
        compensation: [
          { contract: house('Owned'), to: '${first.address}', function: 'revoke', args: ['${account}'] },
        ],
      },
      { id: 'second', kind: 'deploy', contract: house('Owned'), args: ['${first.address}', 5] },
      {
        ...{
          id: 'grant',
          kind: 'transact',
          contract: house('Owned'),
          to: '${first.address}',
          function: 'grant',
        },
        args: ['${account}', '${second.transactionHash}'],
        compensation: [
          { contract: house('Owned'), to: '${second.address}', function: 'revoke', args: ['${account}'] },
          { contract: house('Owned'), to: '${first.address}', function: 'grant', args: ['${account}', ROLE] },
        ],
      },
      { id: 'sure', kind: 'wait', for: 'grant', confirmations: 3 },
      {
        id: 'size',
        kind: 'check',
        contract: house('Owned'),
        to: '${second.address}',
        function: 'size',
        equals: '0x05',
      },
      {
        id: 'note',
        kind: 'transact',
        contract: house('Owned'),
        to: '${second.address}',
        function: 'note',
        args: ['${size.value}'],
      },
    ],
    {
      inputs: [{ name: 'size', description: 'how large', default: 1 }],
      results: {
        First: '${first.address}',
        Hash: '${grant.transactionHash}',
        Size: '${size.value}',
        Owner: '${account}',
      },
      ...more,
    },
  );
