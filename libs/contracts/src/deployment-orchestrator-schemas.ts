/** Plans of deployments as data, and their runs. */
import { Type } from 'typebox';
import { Address, Hash32, Quantity } from './chain-schemas.ts';
import {
  Arguments,
  DecodedEvent,
  Failure,
  FunctionName,
  PlannedContract,
  SimulatedOutcome,
} from './contract-deployment-schemas.ts';
import { Count, Hash } from './schemas.ts';

export const planLimits = { steps: 32, compensations: 8, inputs: 32, results: 32 } as const;

export const PlanId = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' });
export const RunId = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$' });
export const StepId = Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' });
const Name = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$' });

/**
 * A text that is `${…}` as a whole stands for a value:
 *
 *     ${step.address}          of a deployment, also of a later one: addresses follow from account and nonce
 *     ${step.transactionHash}  ${step.blockHeight}  ${step.gasUsed}    of an earlier step
 *     ${step.value}            of an earlier check: what was read
 *     ${inputs.name}           what the run was given
 *     ${account}               who deploys
 *
 * Each has a type, which must be the one that the ABI asks for at its place.
 */
const AddressOrReference = Type.String({ minLength: 1, maxLength: 256 });

const plannedCall = {
  contract: PlannedContract,
  to: AddressOrReference,
  function: FunctionName,
  args: Type.Optional(Arguments),
};

/** A transaction that takes back what a step did, as far as that can be. */
const Compensation = Type.Object(plannedCall, { additionalProperties: false });

const sent = {
  valueWei: Type.Optional(Quantity),
  gas: Type.Optional(Quantity),
  /** Sent in this order when the run is rolled back. */
  compensation: Type.Optional(Type.Array(Compensation, { maxItems: planLimits.compensations })),
};

const step = <K extends string, P extends Record<string, unknown>>(kind: K, parts: P) =>
  ({ id: StepId, kind: Type.Literal(kind), ...parts }) as const;

export const PlanStep = Type.Union([
  Type.Object(
    { ...step('deploy', {}), contract: PlannedContract, args: Type.Optional(Arguments), ...sent },
    { additionalProperties: false },
  ),
  Type.Object({ ...step('transact', {}), ...plannedCall, ...sent }, { additionalProperties: false }),
  /** Until so many blocks, its own counted, hold an earlier step. */
  Type.Object(
    {
      ...step('wait', {}),
      for: StepId,
      confirmations: Type.Integer({ minimum: 1, maximum: 1_000 }),
    },
    { additionalProperties: false },
  ),
  /** Reads, and goes on where the answer is `equals`; a function of several values gives a list. */
  Type.Object(
    { ...step('check', {}), ...plannedCall, equals: Type.Unknown() },
    { additionalProperties: false },
  ),
]);

export const PlanBody = Type.Object(
  {
    summary: Type.String({ minLength: 1, maxLength: 512 }),
    inputs: Type.Array(
      Type.Object(
        {
          name: Name,
          description: Type.String({ minLength: 1, maxLength: 256 }),
          /** Where it is absent, a run must give the input. */
          default: Type.Optional(Type.Unknown()),
          /** Where it is there, the input is a list of so many values at least. */
          minItems: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
          /** No item of the list may stand in it twice; upper and lower case are one. */
          uniqueItems: Type.Optional(Type.Boolean()),
        },
        { additionalProperties: false },
      ),
      { maxItems: planLimits.inputs },
    ),
    steps: Type.Array(PlanStep, { minItems: 1, maxItems: planLimits.steps }),
    /** What the run gives in the end, by name: references. */
    results: Type.Record(Name, AddressOrReference, { maxProperties: planLimits.results }),
    /** `compensate`: a step that fails rolls the run back; `stop`: somebody decides. */
    onFailure: Type.Union([Type.Literal('stop'), Type.Literal('compensate')]),
    /** Of what may pass (the chain is away, the account is reserved, no funds): how often, first pause (doubled each time), and in all. */
    retry: Type.Optional(
      Type.Object(
        {
          attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 4 })),
          delayMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 600_000, default: 10_000 })),
          /** How long a step may wait for its block. */
          timeoutMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 86_400_000, default: 300_000 })),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export const Plan = Type.Object({
  planId: PlanId,
  /** `house`: ships with the program and never changes. */
  origin: Type.Union([Type.Literal('house'), Type.Literal('stored')]),
  /** SHA-256 of the canonical JSON (RFC 8785) of the plan. */
  planHash: Hash,
  plan: PlanBody,
});

/** By name; what is absent has its default. */
export const RunInputs = Type.Record(Name, Type.Unknown(), { maxProperties: planLimits.inputs });

export const DryRunStep = Type.Object({
  id: StepId,
  kind: Type.String(),
  /** What would be done, with all references filled in as far as they are known. */
  what: Type.String(),
  args: Type.Optional(Arguments),
  nonce: Type.Optional(Count),
  ...SimulatedOutcome.properties,
});

export const DryRun = Type.Object({
  ok: Type.Boolean(),
  account: Address,
  blockHeight: Count,
  firstNonce: Count,
  /** Up to the first that would fail. */
  steps: Type.Array(DryRunStep),
  gas: Quantity,
  gasPriceWei: Quantity,
  costWei: Quantity,
  balanceWei: Quantity,
  /** Foretold; addresses hold as long as nothing else is sent before. */
  results: Type.Record(Name, Type.Unknown()),
});

const stepState = {
  tries: Count,
  nonce: Type.Optional(Count),
  transactionHash: Type.Optional(Hash32),
  blockHeight: Type.Optional(Count),
  gasUsed: Type.Optional(Quantity),
  failure: Type.Optional(Failure),
};

const CompensationState = Type.Object({
  function: FunctionName,
  to: AddressOrReference,
  status: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('started'),
    Type.Literal('done'),
    Type.Literal('failed'),
  ]),
  ...stepState,
  /** Transactions of it that are in blocks and came to nothing. */
  lost: Type.Optional(Count),
});

export const RunStep = Type.Object({
  id: StepId,
  kind: Type.String(),
  status: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('started'),
    Type.Literal('done'),
    Type.Literal('failed'),
  ]),
  /** Of a deployment: foretold when the run begins, there once `done`. */
  address: Type.Optional(Address),
  ...stepState,
  /** Of a check. */
  value: Type.Optional(Type.Unknown()),
  events: Type.Optional(Type.Array(DecodedEvent)),
  /** In the order in which they are sent. */
  compensation: Type.Optional(Type.Array(CompensationState)),
});

/** running → done, or stopped → running (resume) or compensating → compensated, or stopped again. */
export const RunStatus = Type.Union([
  Type.Literal('running'),
  Type.Literal('stopped'),
  Type.Literal('compensating'),
  Type.Literal('done'),
  Type.Literal('compensated'),
]);

export const Run = Type.Object({
  runId: RunId,
  planId: PlanId,
  planHash: Hash,
  status: RunStatus,
  inputs: RunInputs,
  account: Type.Optional(Address),
  firstNonce: Type.Optional(Count),
  steps: Type.Array(RunStep),
  /** Once `done`. */
  results: Type.Optional(Type.Record(Name, Type.Unknown())),
  stopped: Type.Optional(
    Type.Object({
      /** Absent where it stopped before its first step. */
      step: Type.Optional(StepId),
      ...Failure.properties,
      /** Whether `resume` may help; else the plan must be run anew. */
      mayResume: Type.Boolean(),
    }),
  ),
  /** Contracts that stand on the chain by this run; a contract is never taken back. */
  stands: Type.Array(Type.Object({ step: StepId, contractName: Type.String(), address: Address })),
  startedAtMs: Count,
  endedAtMs: Type.Optional(Count),
  /** Where it waits before the next try. */
  nextTryAtMs: Type.Optional(Count),
});
