/** The house's own plan on the chain as it is. */
import { type Abi, createdAddress, decodeRevert, encodeCall, type Hex } from '@lucid/chain-client';
import { defaultParameters, lucidGovernor, paramRegistry } from '@lucid/chain-contracts';
import { deploymentOrchestratorContract, governancePlan, onSystemChainContract } from '@lucid/contracts';
import { createMemoryDocumentStore, type DocumentStore } from '@lucid/document-store';
import { type AnyServiceDefinition, defineService } from '@lucid/service-kit';
import { Type } from 'typebox';
import { keccak256, toHex } from 'viem';
import {
  addressOf,
  chainIsUp,
  createWorld,
  deployerKey,
  eventually,
  removeWorld,
  startDeployment,
  type World,
} from '../../contract-deployment/test/deployment-stack.ts';
import { deploymentOrchestrator } from '../src/index.ts';
import { governance } from '../src/plans/governance.ts';

jest.setTimeout(300_000);

const deployer = addressOf(deployerKey);
const founder = `0x${'f0'.repeat(20)}`;
const oracle = `0x${'0a'.repeat(20)}`;
const inputs = { oracles: [oracle], founders: [founder], admins: [founder] };

let world: World;
let documents: World['documents'];
beforeEach(async () => {
  world = await createWorld();
  documents = new Map();
});
afterEach(() => removeWorld(world));

/** A process, ended by the nth write of either service: kept or lost, and nobody hears of it. */
class Life {
  #left: number;
  readonly #keeps: boolean;
  constructor(writes: number, keeps: boolean) {
    this.#left = writes;
    this.#keeps = keeps;
  }
  get isOver(): boolean {
    return this.#left <= 0;
  }
  async #write<T>(work: () => Promise<T>): Promise<T> {
    if (this.isOver) throw new Error('dead');
    if (--this.#left > 0) return work();
    if (this.#keeps) await work();
    throw new Error('dead');
  }
  wrap = (store: DocumentStore): DocumentStore => ({
    atomicBatch: store.atomicBatch,
    collection: async (definition) => {
      const own = await store.collection(definition);
      return {
        definition: own.definition,
        get: (key) => own.get(key),
        getMany: (keys) => own.getMany(keys),
        find: (options) => own.find(options),
        count: (range) => own.count(range),
        insert: (document) => this.#write(() => own.insert(document)),
        replace: (document, version) => this.#write(() => own.replace(document, version)),
        upsert: (document) => this.#write(() => own.upsert(document)),
        remove: (key, version) => this.#write(() => own.remove(key, version)),
      };
    },
    batch: (operations) => this.#write(() => store.batch(operations)),
    acquireLease: (...args) => store.acquireLease(...args),
    renewLease: (...args) => store.renewLease(...args),
    releaseLease: (...args) => store.releaseLease(...args),
    sweepExpired: (nowMs) => store.sweepExpired(nowMs),
    check: () => store.check(),
    close: () => store.close(),
  });
}

type Chain = Awaited<ReturnType<typeof startDeployment>>;

/** The node of another stack, which goes on while this one ends and begins again. */
const nodeOf = ({ chain }: Chain): AnyServiceDefinition =>
  defineService({
    contract: onSystemChainContract,
    config: Type.Object({}),
    createContext: () => ({ close: () => {} }),
    handlers: {
      rpc: ({ body }) => chain.rpc({ body }),
      getStatus: () => chain.getStatus({}),
      getProducers: () => chain.getProducers({}),
      importBlock: ({ params, body }) => chain.importBlock({ params, body }),
      exportBlock: ({ params }) => chain.exportBlock({ params }),
    },
  });

/** Over a chain of its own, or that of another stack. */
async function start({ life, chain }: { life?: Life; chain?: Chain } = {}) {
  const wrap = life ? life.wrap : (store: DocumentStore) => store;
  const stack = await startDeployment(world, {
    hasChain: chain === undefined,
    more: [...(chain ? [nodeOf(chain)] : []), deploymentOrchestrator],
    wrap,
    adapters: {
      'contract-deployment': { documents: wrap(createMemoryDocumentStore(world.documents)) },
      'deployment-orchestrator': { documents: wrap(createMemoryDocumentStore(documents)) },
    },
    environment: { ORCHESTRATOR_POLL_MS: '20' },
  });
  if (!chain) await chainIsUp(stack);
  const plans = stack.stack.clientOf(deploymentOrchestratorContract, { retry: false });
  return { ...stack, plans };
}

const params = { runId: 'run-1' };
const body = { planId: governancePlan.planId, inputs };

async function assertGoverned({ rpc }: Pick<Chain, 'rpc'>, results: Record<string, string>) {
  const governor = results.LucidGovernor!;
  const abi = lucidGovernor.abi as Abi;
  const quorum = encodeCall(paramRegistry.abi as Abi, 'get', [keccak256(toHex('GOV_QUORUM_PERCENT'))]);
  const answer = await rpc('eth_call', { to: results.ParamRegistry, input: quorum }, 'latest');
  const expected = defaultParameters.find(({ name }) => name === 'GOV_QUORUM_PERCENT')!.value;
  expect(BigInt(answer.result as never)).toBe(expected);
  // A founder may propose, a stranger may not.
  const propose = encodeCall(abi, 'propose', [[founder], [0n], ['0x'], 'nothing']);
  const tried = (from: string) => rpc('eth_call', { from, to: governor, input: propose }, 'latest');
  const refused = (await tried(oracle)).error as { data?: Hex } | undefined;
  expect(decodeRevert(refused?.data ?? null, abi).name).toMatch(
    /NodeNotEligible|GovernorInsufficientProposerVotes/,
  );
  expect((await tried(founder)).error).toBeUndefined();
}

it('stands with the addresses and within the gas that the dry run foretold, and nobody has rights over it', async () => {
  const stack = await start();
  try {
    const dry = await stack.plans.dryRun({ params: { planId: body.planId }, body: { inputs } });
    expect(dry.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect(dry).toMatchObject({ ok: true, account: deployer, firstNonce: 0 });
    expect(Object.keys(dry.results)).toEqual([...governancePlan.results]);
    await stack.plans.startRun({ params, body });
    const run = await eventually(async () => {
      const found = await stack.plans.getRun({ params });
      return found.status !== 'running' && found;
    });
    expect(run).toMatchObject({ status: 'done', results: dry.results });
    expect(Object.values(run.results!)).toEqual([0, 1, 2, 3].map((nonce) => createdAddress(deployer, nonce)));
    for (const [at, step] of run.steps.slice(0, 4).entries()) {
      const ratio = Number(dry.steps[at]!.gas) / Number(step.gasUsed);
      expect(ratio).toBeGreaterThan(0.9);
      expect(ratio).toBeLessThan(1.1);
    }
    await assertGoverned(stack, run.results as Record<string, string>);
    const again = await stack.plans.dryRun({ params: { planId: body.planId }, body: { inputs } });
    expect(again).toMatchObject({ ok: true, firstNonce: 4 });
    const nobody = { ...inputs, founders: [`0x${'00'.repeat(20)}`] };
    const zero = await stack.plans.dryRun({ params: { planId: body.planId }, body: { inputs: nobody } });
    expect(zero.ok).toBe(false);
    expect(zero.steps.at(-1)).toMatchObject({
      id: 'nodes',
      failure: { code: 'execution_reverted', detail: 'It reverts: ZeroAddress().' },
    });
  } finally {
    await stack.stack.close();
  }
});

it.each([
  ['kept', true],
  ['lost', false],
] as const)('stands all the same where all die at every write, and it is %s', async (_, keeps) => {
  const chain = await startDeployment({ ...world, documents: new Map() });
  try {
    await chainIsUp(chain);
    const first = await start({ chain });
    // What died is refused for a moment.
    const patient = { ...governance, retry: { attempts: 100, delayMs: 10 } };
    await first.plans.putPlan({ params: { planId: 'patient' }, body: patient });
    await first.plans.startRun({ params, body: { ...body, planId: 'patient' } });
    await first.stack.close();
    for (let lives = 0, isDone = false; !isDone; lives++) {
      expect(lives).toBeLessThan(300);
      // A life with one write only gets no further than to keep the account for itself.
      const life = new Life((keeps ? 1 : 2) + (lives % 5), keeps);
      const stack = await start({ life, chain });
      for (;;) {
        const { status, stopped } = await stack.plans.getRun({ params });
        expect(stopped).toBeUndefined();
        isDone = status === 'done';
        if (isDone || life.isOver) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await stack.stack.close();
    }
    const stack = await start({ chain });
    const run = await stack.plans.getRun({ params });
    expect(Object.values(run.results!)).toEqual([0, 1, 2, 3].map((nonce) => createdAddress(deployer, nonce)));
    await assertGoverned(chain, run.results as Record<string, string>);
    // Four transactions were ever made, and all of them are known to be over.
    const over = await eventually(async () => {
      const account = await stack.deployment.getAccount({});
      return account.pending.deployments === 0 && account;
    });
    expect(over.nextNonce).toBe(4);
    expect((await chain.rpc('eth_getTransactionCount', deployer, 'latest')).result).toBe('0x4');
    await stack.stack.close();
  } finally {
    await chain.stack.close();
  }
});
