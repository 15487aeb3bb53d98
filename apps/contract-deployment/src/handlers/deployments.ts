import type { Hex } from '@lucid/chain-client';
import type {
  CodeVerification,
  ContractTransaction,
  contractDeploymentContract,
  Deployment,
} from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { Context } from '../context.ts';
import { onChain } from '../domain/chain-failures.ts';
import type { DeploymentDocument, SentDocument, TransactionDocument } from '../store/sent-store.ts';

type Place = Pick<
  Static<typeof Deployment>,
  | 'status'
  | 'chainId'
  | 'from'
  | 'nonce'
  | 'transactionHash'
  | 'blockHeight'
  | 'blockHash'
  | 'gasUsed'
  | 'failure'
  | 'requestedAtMs'
  | 'endedAtMs'
  | 'valueWei'
>;

const presentOf = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;

const placeOf = (document: SentDocument, { account }: Context): Place => {
  const { status, nonce, transactionHash, blockHeight, blockHash, gasUsed, failure } = document;
  const { requestedAtMs, endedAtMs, valueWei } = document;
  return presentOf({
    ...{ status, chainId: account.chainId, from: account.address, nonce, transactionHash, valueWei },
    ...{ blockHeight, blockHash, gasUsed, failure, requestedAtMs, endedAtMs },
  }) as Place;
};

const deploymentAnswer = (document: DeploymentDocument, context: Context): Static<typeof Deployment> => ({
  deploymentId: document.id,
  ...placeOf(document, context),
  contract: { ...document.contract },
  ...(document.address === undefined ? {} : { address: document.address }),
  constructorArguments: JSON.parse(document.args) as unknown[],
  constructorData: document.constructorData,
  ...(document.verification === undefined
    ? {}
    : { verification: JSON.parse(document.verification) as Static<typeof CodeVerification> }),
});

const transactionAnswer = (
  document: TransactionDocument,
  context: Context,
): Static<typeof ContractTransaction> => ({
  transactionId: document.id,
  ...placeOf(document, context),
  ...{ to: document.to, contractName: document.name, function: document.signature },
  args: JSON.parse(document.args) as unknown[],
  ...(document.events === undefined
    ? {}
    : { events: JSON.parse(document.events) as NonNullable<Static<typeof ContractTransaction>['events']> }),
});

export const deploymentHandlers: Handlers<typeof contractDeploymentContract, Context> = {
  putDeployment: async ({ params, body }, _call, context) =>
    deploymentAnswer(await context.deployments.put(params.deploymentId, body), context),
  listDeployments: async ({ query }, _call, context) => {
    const { items, next } = await context.deployments.list(query);
    return { items: items.map(({ document }) => deploymentAnswer(document, context)), next };
  },
  getDeployment: async ({ params }, _call, context) =>
    deploymentAnswer(await context.deployments.get(params.deploymentId), context),
  verifyDeployment: ({ params }, _call, { deployments }) => deployments.verify(params.deploymentId),
  verifyContract: ({ body }, _call, { deployments }) =>
    deployments.verifyAt(body.address as Hex, body.contract),
  describeContract: async ({ body }, call, { source }) => {
    const { identity, abi, creationCode, runtime } = await source.load(body.contract, { call });
    const bytes = (code: string) => (code.length - 2) / 2;
    return {
      ...identity,
      abi: [...abi] as unknown as Record<string, unknown>[],
      creationBytes: bytes(creationCode),
      runtimeBytes: bytes(runtime.code),
      immutableBytes: runtime.immutableReferences.reduce((sum, { length }) => sum + length, 0),
    };
  },
  simulate: ({ body }, _call, { simulations }) => simulations.run(body.steps),
  putTransaction: async ({ params, body }, _call, context) =>
    transactionAnswer(await context.transactions.put(params.transactionId, body), context),
  getTransaction: async ({ params }, _call, context) =>
    transactionAnswer(await context.transactions.get(params.transactionId), context),
  readContract: ({ body }, _call, { transactions }) => transactions.read(body),
  reserve: ({ params, body }, _call, { account }) => account.reserve(params.reservationId, body),
  release: ({ params }, _call, { account }) => account.release(params.reservationId),
  getAccount: async (_input, _call, { account, pending }) => {
    const reservedBy = await account.reservedBy();
    return {
      ...{ account: account.address, chainId: account.chainId },
      blockHeight: Number(await onChain(account.view.height())),
      balanceWei: `0x${(await onChain(account.view.balance(account.address))).toString(16)}`,
      nextNonce: await onChain(account.client.nextNonce()),
      ...(reservedBy === null ? {} : { reservedBy }),
      pending: await pending(),
    };
  },
};
