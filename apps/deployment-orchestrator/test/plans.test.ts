// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of plans look so

import { createdAddress, type Hex } from '@lucid/chain-client';
import { governancePlan } from '@lucid/contracts';
import fc from 'fast-check';
import { ContractCatalog } from '../src/domain/contract-catalog.ts';
import { foretold } from '../src/domain/dry-runs.ts';
import { judgePlan } from '../src/domain/plan-judge.ts';
import { resolved } from '../src/domain/scope.ts';
import { account, descriptions } from './fake-deployment.ts';
import {
  eventually,
  examplePlan,
  type OrchestratorStack,
  type PlanBody,
  planOf,
  problemOf,
  startOrchestrator,
} from './orchestrator-stack.ts';

jest.setTimeout(60_000);

const owned = { house: 'Owned' };
const address = `0x${'4c'.repeat(20)}`;
const deploy = (id: string, args: unknown[] = [address, 1]) =>
  ({ id, kind: 'deploy', contract: owned, args }) as const;
const check = (more: object = {}) =>
  ({
    id: 'check',
    kind: 'check',
    contract: owned,
    to: '${a.address}',
    function: 'size',
    equals: 1,
    ...more,
  }) as PlanBody['steps'][number];
const call = (more: object = {}) =>
  ({
    id: 'call',
    kind: 'transact',
    contract: owned,
    to: '${a.address}',
    function: 'note',
    args: [1],
    ...more,
  }) as PlanBody['steps'][number];

describe('plans over the service', () => {
  let stack: OrchestratorStack;
  beforeAll(async () => {
    stack = await startOrchestrator({ transport: 'tcp' });
  });
  afterAll(() => stack.stack.close());
  const refused = async (steps: PlanBody['steps'], more: Partial<PlanBody> = {}) =>
    problemOf(stack.put('refused', planOf(steps, more)));

  it.each<[string, PlanBody['steps'], string]>([
    ['a name that is taken', [deploy('a'), deploy('a')], 'a: there are two of this name.'],
    ['a name of its own', [deploy('inputs')], 'inputs: a step may not be called so.'],
    ['a step that is not there', [deploy('a', ['${b.address}', 1])], 'step a: there is no step b.'],
    [
      'a field that is not there',
      [deploy('a', ['${a.owner}', 1])],
      'step a: a step has address, transactionHash, blockHeight, gasUsed, value, but no owner.',
    ],
    [
      'a reference inside of text',
      [deploy('a', ['0x${a.address}', 1])],
      'step a: a reference is the whole of a text: ${step.address}.',
    ],
    [
      'nothing by that name',
      [deploy('a', ['${deployer}', 1])],
      'step a: ${deployer} names nothing; there are ${account}, ${inputs.NAME} and ${STEP.address}.',
    ],
    [
      'an input that is not there',
      [deploy('a', ['${inputs.none}', 1])],
      'step a: the plan has no input none.',
    ],
    [
      'an address where a number stands',
      [deploy('a', [address, '${a.address}'])],
      'step a: args[1]: expected uint256, and ${a.address} is address.',
    ],
    [
      'a number where an address stands',
      [deploy('a'), deploy('b', ['${a.blockHeight}', 1])],
      'step b: args[0]: expected address, and ${a.blockHeight} is uint64.',
    ],
    [
      'a height before it is known',
      [deploy('a', [address, '${b.blockHeight}']), deploy('b')],
      'step a: blockHeight of step b is not known before it was done.',
    ],
    [
      'its own height',
      [deploy('a', [address, '${a.gasUsed}'])],
      'step a: gasUsed of step a is not known before it was done.',
    ],
    [
      'too few arguments',
      [deploy('a', [address])],
      'step a: args: expected 2 values (address owner, uint256 size), not 1.',
    ],
    [
      'a value that does not fit',
      [deploy('a', [address, -1])],
      `step a: args[1]: expected uint256, from 0 to ${2n ** 256n - 1n}.`,
    ],
    [
      'a contract that is not there',
      [{ id: 'a', kind: 'deploy', contract: { house: 'None' } }],
      'step a: There is no such contract.',
    ],
    [
      'an abstract contract',
      [{ id: 'a', kind: 'deploy', contract: { house: 'Abstract' } }],
      'step a: Abstract is abstract or an interface.',
    ],
    [
      'a contract that is too large',
      [{ id: 'a', kind: 'deploy', contract: { house: 'Large' } }],
      'step a: Large is larger than a contract may be (EIP-170).',
    ],
    [
      'a call of what comes later',
      [call(), deploy('a')],
      'step call: to: the contract is deployed by a later step.',
    ],
    ['a call of no address', [deploy('a'), call({ to: 'nowhere' })], 'step call: to: expected an address.'],
    [
      'a call of a hash',
      [deploy('a'), call({ to: '${a.transactionHash}' })],
      'step call: to: expected an address.',
    ],
    [
      'a function that is not there',
      [deploy('a'), call({ function: 'none' })],
      'step call: function: expected a function of the contract, not none.',
    ],
    [
      'a transaction that only reads',
      [deploy('a'), call({ function: 'size', args: [] })],
      'step call: size changes nothing; read it in a check.',
    ],
    [
      'a check that writes',
      [deploy('a'), check({ function: 'note', args: [1] })],
      'step check: note is no function that only reads.',
    ],
    [
      'a check of another type',
      [deploy('a'), check({ equals: true })],
      'step check: equals[0]: expected uint256, a whole number.',
    ],
    [
      'a check of too few values',
      [deploy('a'), check({ function: 'both', equals: 1 })],
      'step check: equals: expected a list of 2 values.',
    ],
    [
      'the value of what is no check',
      [deploy('a'), call({ args: ['${a.value}'] })],
      'step call: step a is no check of one value.',
    ],
    [
      'the hash of what sends nothing',
      [deploy('a'), check(), call({ function: 'grant', args: [address, '${check.transactionHash}'] })],
      'step call: step check sends nothing, so it has no transactionHash.',
    ],
    [
      'the address of a call',
      [deploy('a'), call(), deploy('b', ['${call.address}', 1])],
      'step b: step call deploys nothing, so it has no address.',
    ],
    [
      'a wait for what is no step',
      [{ id: 'w', kind: 'wait', for: 'a', confirmations: 1 }, deploy('a')],
      'step w: it waits for a, which is no earlier step that is sent.',
    ],
    [
      'a wait for a check',
      [deploy('a'), check(), { id: 'w', kind: 'wait', for: 'check', confirmations: 1 }],
      'step w: it waits for check, which is no earlier step that is sent.',
    ],
    [
      'a compensation of what comes later',
      [
        {
          ...deploy('a'),
          compensation: [{ contract: owned, to: '${b.address}', function: 'note', args: [1] }],
        },
        deploy('b'),
      ],
      'step a: compensation[0]: to: the contract is deployed by a later step.',
    ],
    [
      'a library that is none',
      [
        {
          id: 'a',
          kind: 'deploy',
          contract: { artifactId: '0'.repeat(64), name: 'Plain', libraries: { 'a.sol:L': 'here' } },
        },
      ],
      'step a: libraries a.sol:L: expected an address.',
    ],
  ])('refuses %s', async (_, steps, detail) => {
    expect(await refused(steps)).toEqual({ code: 'plan_invalid', detail });
  });

  it('refuses results that name nothing, and defaults that are references', async () => {
    expect(await refused([deploy('a')], { results: { A: '${b.address}' } })).toEqual({
      code: 'plan_invalid',
      detail: 'result A: there is no step b.',
    });
    expect(await refused([deploy('a')], { results: { A: address } })).toEqual({
      code: 'plan_invalid',
      detail: 'result A: a result is a reference.',
    });
    const inputs = [{ name: 'x', description: 'x', default: '${account}' }];
    expect(await refused([deploy('a')], { inputs })).toEqual({
      code: 'plan_invalid',
      detail: 'input x: its default holds a reference.',
    });
    expect(await refused([deploy('a', ['\ud800', 1])])).toMatchObject({ code: 'plan_invalid' });
  });

  it('refuses inputs that are not there, not known, or do not fit', async () => {
    const plan = examplePlan({ inputs: [{ name: 'size', description: 'how large' }] });
    await stack.put('sized', plan);
    const start = (inputs: Record<string, unknown>) => problemOf(stack.start('never', 'sized', inputs));
    expect(await start({})).toEqual({ code: 'inputs_invalid', detail: 'Give the input size: how large.' });
    expect(await start({ size: 1, more: 1 })).toEqual({
      code: 'inputs_invalid',
      detail: 'The plan has no input more; it has size.',
    });
    expect(await start({ size: 'much' })).toEqual({
      code: 'inputs_invalid',
      detail: 'input size: expected uint256, a whole number (args[1] of step first).',
    });
    expect(await start({ size: '${account}' })).toEqual({
      code: 'inputs_invalid',
      detail: 'The input size holds a reference; give values alone.',
    });
    expect(
      (await problemOf(stack.client.dryRun({ params: { planId: 'sized' }, body: { inputs: {} } }))).code,
    ).toBe('inputs_invalid');
    expect((await problemOf(stack.client.getRun({ params: { runId: 'never' } }))).code).toBe('run_unknown');
  });

  it('refuses a list that is too short: governance without a founder, or without an oracle, is nobody’s', async () => {
    const plan = examplePlan({ inputs: [{ name: 'size', description: 'how large', minItems: 2 }] });
    await stack.put('lists', plan);
    for (const size of [1, [], [1]])
      expect(await problemOf(stack.start('never', 'lists', { size }))).toEqual({
        code: 'inputs_invalid',
        detail: 'The input size is a list of at least 2: how large.',
      });
    for (const [inputs, name] of [
      [{ oracles: [address], founders: [] }, 'founders'],
      [{ oracles: [], founders: [address] }, 'oracles'],
    ] as const)
      expect(
        await problemOf(stack.client.dryRun({ params: { planId: 'governance' }, body: { inputs } })),
      ).toEqual({
        code: 'inputs_invalid',
        detail: expect.stringMatching(`^The input ${name} is a list of at least 1: `),
      });
  });

  it('finds who is named twice, however it is written', async () => {
    const founder = `0x${'ab'.repeat(20)}`;
    const inputs = {
      oracles: [address],
      founders: [founder, address, founder.toUpperCase().replace('X', 'x')],
    };
    const work = stack.client.dryRun({ params: { planId: 'governance' }, body: { inputs } });
    expect(await problemOf(work)).toEqual({
      code: 'inputs_invalid',
      detail: 'The input founders names the same twice: founders[0] and founders[2].',
    });
  });

  it('judges an input for a receiver, too', async () => {
    const plan = planOf([call({ to: '${inputs.where}' })], {
      inputs: [{ name: 'where', description: 'where' }],
    });
    await stack.put('anywhere', plan);
    expect(await problemOf(stack.start('never', 'anywhere', { where: 7 }))).toEqual({
      code: 'inputs_invalid',
      detail: 'input where: expected an address (to of step call).',
    });
    const { steps } = await stack.client.dryRun({
      params: { planId: 'anywhere' },
      body: { inputs: { where: address } },
    });
    expect(steps).toMatchObject([{ ok: true, what: `calls note of Owned at ${address}` }]);
  });

  it('keeps plans, and changes none that has runs', async () => {
    const kept = await stack.put('kept', examplePlan());
    expect(kept).toMatchObject({
      planId: 'kept',
      origin: 'stored',
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await stack.client.getPlan({ params: { planId: 'kept' } })).toEqual(kept);
    const other = await stack.put('kept', examplePlan({ summary: 'another' }));
    expect(other.planHash).not.toBe(kept.planHash);
    stack.fake.reads = { size: ['5'] };
    await stack.start('of-kept', 'kept');
    expect(await problemOf(stack.put('kept', examplePlan()))).toMatchObject({ code: 'plan_conflict' });
    expect(await stack.put('kept', examplePlan({ summary: 'another' }))).toEqual(other);
    const remove = (planId: string) => problemOf(stack.client.deletePlan({ params: { planId } }));
    expect((await remove('kept')).code).toBe('plan_conflict');
    expect((await remove(governancePlan.planId)).code).toBe('plan_conflict');
    expect((await remove('none')).code).toBe('plan_unknown');
    await stack.put('gone', examplePlan());
    expect((await remove('gone')).code).toBe('none');
    expect((await problemOf(stack.client.getPlan({ params: { planId: 'gone' } }))).code).toBe('plan_unknown');
    expect((await problemOf(stack.start('x', 'gone'))).code).toBe('plan_unknown');
    expect(await problemOf(stack.put(governancePlan.planId, examplePlan()))).toMatchObject({
      code: 'plan_conflict',
    });
    const { items } = await stack.client.listPlans({ query: { limit: 50 } });
    expect(items[0]).toMatchObject({ planId: 'governance', origin: 'house' });
    expect(items.map(({ planId }) => planId)).toContain('kept');
    await stack.rested('of-kept');
  });

  it('says what a run would do, and does none of it', async () => {
    stack.fake.reads = { size: ['5'] };
    await stack.put('dry', examplePlan());
    const before = stack.fake.nextNonce;
    const dry = await stack.client.dryRun({ params: { planId: 'dry' }, body: { inputs: {} } });
    const [first, second] = [createdAddress(account, before), createdAddress(account, before + 1)];
    expect(dry).toMatchObject({
      ok: true,
      firstNonce: before,
      results: { First: first, Hash: null, Size: '0x05' },
    });
    expect(dry.steps.map(({ id, nonce, what }) => [id, nonce, what])).toEqual([
      ['first', before, `deploys Owned at ${first}`],
      ['second', before + 1, `deploys Owned at ${second}`],
      ['grant', before + 2, `calls grant of Owned at ${first}`],
      ['sure', undefined, 'waits until 3 blocks hold grant'],
      ['size', undefined, `checks that size of Owned at ${second} gives "0x05"`],
      ['note', before + 3, `calls note of Owned at ${second}`],
    ]);
    expect(dry.steps[2]!.args).toEqual([account, '${second.transactionHash}']);
    expect(stack.fake.nextNonce).toBe(before);
    stack.fake.reads = { size: ['6'] };
    const failing = await stack.client.dryRun({ params: { planId: 'dry' }, body: { inputs: {} } });
    expect(failing).toMatchObject({ ok: false });
    expect(failing.steps.at(-1)).toMatchObject({ id: 'size', ok: false, failure: { code: 'check_failed' } });
    stack.fake.refuse('simulate', 'chain_unavailable');
    expect(
      (await problemOf(stack.client.dryRun({ params: { planId: 'dry' }, body: { inputs: {} } }))).code,
    ).toBe('deployment_unavailable');
  });

  it('is for the operator', async () => {
    const stranger = stack.stack.clientOf((await import('@lucid/contracts')).deploymentOrchestratorContract, {
      as: 'api-server',
      retry: false,
    });
    expect((await problemOf(stranger.listPlans({ query: { limit: 1 } }))).code).toBe('forbidden');
    await eventually(async () => (await stack.stack.ready())['deployment-orchestrator']);
  });
});

describe('whatever plan', () => {
  const catalog = new ContractCatalog({
    describeContract: async ({ body }: { body: { contract: { house: string } } }) =>
      descriptions[body.contract.house],
  } as never);

  /** Plans that are sound by the way they are made: each place gets a reference of its type that is known there, or a value. */
  const plans = fc
    .array(fc.tuple(fc.nat(3), fc.infiniteStream(fc.nat(1_000))), { minLength: 1, maxLength: 12 })
    .map((made) => {
      const deployments = made.flatMap(([kind], at) => (kind <= 1 || at === 0 ? [at] : []));
      const pick = <T>(all: readonly T[], stream: Iterator<number>): T =>
        all[Number(stream.next().value) % all.length]!;
      const steps = made.map(([kind, stream], at): PlanBody['steps'][number] => {
        const id = `s${at}`;
        const anyAddress = () =>
          pick([address, '${account}', ...deployments.map((each) => `\${s${each}.address}`)], stream);
        const sentBefore = made
          .slice(0, at)
          .flatMap(([each], place) => (each !== 3 || place === 0 ? [place] : []));
        const anyNumber = () =>
          pick(
            [
              1,
              '0x02',
              ...sentBefore.map((each) => `\${s${each}.${pick(['blockHeight', 'gasUsed'], stream)}}`),
            ],
            stream,
          );
        const to = () =>
          pick(
            ['${account}', ...deployments.filter((each) => each < at).map((each) => `\${s${each}.address}`)],
            stream,
          );
        if (deployments.includes(at)) return { ...deploy(id), args: [anyAddress(), anyNumber()] };
        if (kind === 2)
          return { id, kind: 'transact', contract: owned, to: to(), function: 'note', args: [anyNumber()] };
        return { id, kind: 'check', contract: owned, to: to(), function: 'owner', equals: anyAddress() };
      });
      return planOf(steps);
    });

  it('sound ones are taken, and every address is that of its nonce', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(1_000), async (plan, firstNonce) => {
        await judgePlan(plan, catalog);
        const scope = foretold(plan, { account, inputs: {}, firstNonce });
        let nonce = firstNonce;
        for (const step of plan.steps) {
          if (step.kind === 'deploy')
            expect(scope.steps.get(step.id)?.address).toBe(createdAddress(account as Hex, nonce));
          if (step.kind === 'deploy' || step.kind === 'transact') nonce++;
        }
        const filled = JSON.stringify(resolved(plan.steps, scope, () => '0'));
        expect(filled).not.toContain('${');
      }),
    );
  });

  it('one reference that is wrong is found, wherever it stands', async () => {
    const wrong = fc.constantFrom(
      '${none.address}',
      '${s0.owner}',
      '${account.address}',
      '${inputs.none}',
      '${s0.address',
      'x${account}',
      '${s99.value}',
    );
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(), wrong, async (plan, where, reference) => {
        const steps = plan.steps.map((each, at) => {
          if (at !== where % plan.steps.length) return each;
          if (each.kind === 'deploy')
            return { ...each, args: [where % 2 ? reference : address, where % 2 ? 1 : reference] };
          if (each.kind === 'transact') return { ...each, args: [reference] };
          return { ...each, equals: reference };
        });
        expect(await problemOf(judgePlan({ ...plan, steps } as never, catalog))).toMatchObject({
          code: 'plan_invalid',
        });
      }),
    );
  });
});
