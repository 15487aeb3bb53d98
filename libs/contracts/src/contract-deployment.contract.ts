import { Type } from 'typebox';
import { Address, Quantity } from './chain-schemas.ts';
import { defineContract } from './contract.ts';
import {
  Arguments,
  CallerId,
  CodeVerification,
  ContractDescription,
  ContractReference,
  ContractTransaction,
  contractCall,
  creation,
  Deployment,
  deploymentLimits,
  order,
  payment,
  Reservation,
  SimulatedStep,
  Simulation,
  TransactionStatus,
} from './contract-deployment-schemas.ts';
import { Count } from './schemas.ts';

const operators = ['deployment-orchestrator', 'operator'];
const readers = [...operators, 'blockchain-governance', 'blockchain-api'];

const contractErrors = [
  'contract_unknown',
  'artifact_unknown',
  'compiler_unavailable',
  'library_missing',
  'arguments_invalid',
] as const;
const codeErrors = ['contract_abstract', 'code_too_large', 'transaction_too_large'] as const;
const sendErrors = [
  'gas_too_high',
  'execution_reverted',
  'insufficient_funds',
  'fee_too_high',
  'nonce_taken',
  'account_reserved',
  'reservation_unknown',
  'chain_unavailable',
  'wrong_chain',
  'store_full',
] as const;

export const contractDeploymentContract = defineContract({
  service: 'contract-deployment',
  version: '0.1.0',
  summary:
    'Deploys contracts from an account of its own, exactly once each, verifies their code, and remembers them.',
  basePath: '/api/v1',
  errors: {
    contract_unknown: { status: 404, title: 'There is no contract of this name.' },
    artifact_unknown: { status: 404, title: 'The compiler has no artifact of this id; compile it first.' },
    contract_abstract: {
      status: 422,
      title: 'The contract has no code of its own: abstract, or an interface.',
    },
    library_missing: { status: 422, title: 'The code needs a library whose address was not given.' },
    arguments_invalid: {
      status: 400,
      title: 'Function or arguments do not fit the ABI; the detail names the place.',
    },
    code_too_large: { status: 422, title: 'The code is larger than a contract may be (EIP-170, EIP-3860).' },
    transaction_too_large: { status: 422, title: 'The transaction is larger than the chain takes.' },
    gas_too_high: { status: 422, title: 'The transaction needs more gas than one may have on this chain.' },
    execution_reverted: {
      status: 422,
      title: 'The contract refuses; the detail has its reason. Nothing was sent.',
    },
    insufficient_funds: { status: 422, title: 'The account cannot pay for it; pay it in.' },
    fee_too_high: { status: 503, title: 'The chain asks for more fee than may be offered now.' },
    nonce_taken: {
      status: 409,
      title: 'Another transaction has the nonce, so an address that was foretold will not be.',
    },
    account_reserved: { status: 409, title: 'The account is reserved for somebody else for now.' },
    reservation_unknown: { status: 404, title: 'There is no such reservation, or it ran out.' },
    deployment_conflict: { status: 409, title: 'There is a deployment of this id with other values.' },
    deployment_unknown: { status: 404, title: 'There is no deployment of this id.' },
    not_deployed: { status: 409, title: 'The deployment has no address yet.' },
    transaction_conflict: { status: 409, title: 'There is a transaction of this id with other values.' },
    transaction_unknown: { status: 404, title: 'There is no transaction of this id.' },
    /** In `failure` alone: a transaction that has its nonce came to nothing. */
    transaction_reverted: { status: 422, title: 'The transaction is in a block and reverted.' },
    transaction_refused: {
      status: 422,
      title: 'The chain will never take the transaction; its nonce is used up.',
    },
    transaction_displaced: {
      status: 409,
      title: 'A transaction of somebody else with the same key took the nonce.',
    },
    code_differs: { status: 422, title: 'The code at the address is not what the compiler gives.' },
    compiler_unavailable: { status: 503, title: 'The compiler’s artifacts cannot be read now.' },
    chain_unavailable: { status: 503, title: 'The chain does not answer, or is behind; try again.' },
    wrong_chain: { status: 503, title: 'The node is of another chain than CHAIN_ID says.' },
    store_full: { status: 507, title: 'There is no room for the request; free some and try again.' },
  },
  operations: {
    putDeployment: {
      method: 'PUT',
      path: '/deployments/:deploymentId',
      summary: 'Deploys a contract, once for each id; answers as soon as its address is settled.',
      callers: operators,
      params: Type.Object({ deploymentId: CallerId }),
      body: Type.Object({ ...creation, ...order }, { additionalProperties: false }),
      response: Deployment,
      errors: [...contractErrors, ...codeErrors, ...sendErrors, 'deployment_conflict'],
      deadlineMs: 60_000,
    },
    listDeployments: {
      method: 'GET',
      path: '/deployments',
      summary: 'Deployments, the newest first.',
      callers: readers,
      query: Type.Object(
        {
          name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
          limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
          after: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
        },
        { additionalProperties: false },
      ),
      response: Type.Object({
        items: Type.Array(Deployment),
        next: Type.Union([Type.String(), Type.Null()]),
      }),
    },
    getDeployment: {
      method: 'GET',
      path: '/deployments/:deploymentId',
      summary: 'How far a deployment is.',
      callers: readers,
      params: Type.Object({ deploymentId: CallerId }),
      response: Deployment,
      errors: ['deployment_unknown'],
    },
    verifyDeployment: {
      method: 'PUT',
      path: '/deployments/:deploymentId/verification',
      summary: 'Compares the code at the address anew.',
      callers: readers,
      params: Type.Object({ deploymentId: CallerId }),
      response: CodeVerification,
      errors: ['deployment_unknown', 'not_deployed', 'chain_unavailable', 'wrong_chain', 'store_full'],
    },
    verifyContract: {
      method: 'POST',
      path: '/verifications',
      summary: 'Compares the code at any address with a contract, whoever deployed it.',
      callers: readers,
      body: Type.Object({ address: Address, contract: ContractReference }, { additionalProperties: false }),
      response: CodeVerification,
      idempotent: true,
      errors: [...contractErrors, 'contract_abstract', 'chain_unavailable', 'wrong_chain'],
    },
    describeContract: {
      method: 'POST',
      path: '/descriptions',
      summary: 'What a contract is made of: ABI, sizes, hashes.',
      callers: readers,
      body: Type.Object({ contract: ContractReference }, { additionalProperties: false }),
      response: ContractDescription,
      idempotent: true,
      errors: contractErrors,
    },
    simulate: {
      method: 'POST',
      path: '/simulations',
      summary:
        'Executes steps one after the other on the newest state and forgets them: gas, addresses, refusals.',
      callers: operators,
      body: Type.Object(
        { steps: Type.Array(SimulatedStep, { minItems: 1, maxItems: deploymentLimits.simulatedSteps }) },
        { additionalProperties: false },
      ),
      response: Simulation,
      idempotent: true,
      errors: [...contractErrors, ...codeErrors, 'chain_unavailable', 'wrong_chain'],
      deadlineMs: 60_000,
    },
    putTransaction: {
      method: 'PUT',
      path: '/transactions/:transactionId',
      summary: 'Calls a contract by a transaction, once for each id; answers as soon as it has its nonce.',
      callers: operators,
      params: Type.Object({ transactionId: CallerId }),
      body: Type.Object({ ...contractCall, ...payment, ...order }, { additionalProperties: false }),
      response: ContractTransaction,
      errors: [...contractErrors, ...sendErrors, 'transaction_too_large', 'transaction_conflict'],
      deadlineMs: 60_000,
    },
    getTransaction: {
      method: 'GET',
      path: '/transactions/:transactionId',
      summary: 'How far a transaction is.',
      callers: readers,
      params: Type.Object({ transactionId: CallerId }),
      response: ContractTransaction,
      errors: ['transaction_unknown'],
    },
    readContract: {
      method: 'POST',
      path: '/reads',
      summary: 'Calls a function of a contract on the newest state, changing nothing.',
      callers: readers,
      body: Type.Object(contractCall, { additionalProperties: false }),
      response: Type.Object({ values: Arguments, blockHeight: Count }),
      idempotent: true,
      errors: [...contractErrors, 'execution_reverted', 'chain_unavailable', 'wrong_chain'],
    },
    reserve: {
      method: 'PUT',
      path: '/reservations/:reservationId',
      summary:
        'Keeps the next nonces for who names this id, so that addresses are known before anything is sent; repeating it prolongs it.',
      callers: operators,
      params: Type.Object({ reservationId: CallerId }),
      body: Type.Object(
        {
          count: Type.Integer({ minimum: 1, maximum: deploymentLimits.reservedNonces }),
          ttlMs: Type.Integer({ minimum: 1_000, maximum: 86_400_000, default: 3_600_000 }),
        },
        { additionalProperties: false },
      ),
      response: Reservation,
      errors: ['account_reserved', 'chain_unavailable', 'wrong_chain', 'store_full'],
    },
    release: {
      method: 'DELETE',
      path: '/reservations/:reservationId',
      summary: 'Gives the account free; also where there was no such reservation.',
      callers: operators,
      params: Type.Object({ reservationId: CallerId }),
      errors: ['store_full'],
    },
    getAccount: {
      method: 'GET',
      path: '/account',
      summary: 'The account that deploys.',
      callers: readers,
      response: Type.Object({
        account: Address,
        chainId: Count,
        blockHeight: Count,
        balanceWei: Quantity,
        nextNonce: Count,
        reservedBy: Type.Optional(CallerId),
        pending: Type.Object({ deployments: Count, transactions: Count }),
      }),
      errors: ['chain_unavailable', 'wrong_chain'],
    },
  },
});

export type DeploymentFailureCode = keyof (typeof contractDeploymentContract)['errors'];
export { TransactionStatus };
