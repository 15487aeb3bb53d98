// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of plans look so

import { createdAddress } from '@lucid/chain-client';
import { account, FakeDeployment } from './fake-deployment.ts';
import {
  eventually,
  examplePlan,
  type OrchestratorStack,
  planOf,
  problemOf,
  startOrchestrator,
} from './orchestrator-stack.ts';

jest.setTimeout(60_000);

let stack: OrchestratorStack;
const begin = async (plan = examplePlan(), inputs: Record<string, unknown> = {}) => {
  stack = await startOrchestrator();
  stack.fake.reads = { size: ['5'] };
  await stack.put('example', plan);
  return {
    start: () => stack.start('run-1', 'example', inputs),
    rested: () => stack.rested('run-1'),
    fake: stack.fake,
  };
};
const resume = () => stack.client.resumeRun({ params: { runId: 'run-1' } });
const rollBack = () => stack.client.rollBackRun({ params: { runId: 'run-1' } });
afterEach(() => stack.stack.close());

const [first, second] = [createdAddress(account, 7), createdAddress(account, 8)];
const fault = (code: string) => ({ code, detail: expect.any(String) });

describe('a run', () => {
  it('does every step once, in order, with addresses that were foretold', async () => {
    const { start, rested, fake } = await begin();
    expect(await start()).toMatchObject({ status: 'running', planId: 'example', inputs: { size: 1 } });
    const run = await rested();
    expect(run).toMatchObject({
      ...{ status: 'done', account, firstNonce: 7 },
      results: { First: first, Hash: `0x${'9'.padStart(64, '0')}`, Size: '5', Owner: account },
      stands: [
        { step: 'first', contractName: 'Owned', address: first },
        { step: 'second', contractName: 'Owned', address: second },
      ],
    });
    expect(run.steps.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'done'));
    expect(fake.order).toEqual(['run-1.first', 'run-1.second', 'run-1.grant', 'run-1.note']);
    expect(fake.sent.get('run-1.first')!.request).toMatchObject({
      args: [second, 1],
      nonce: 7,
      reservationId: 'run-1',
    });
    expect(fake.sent.get('run-1.note')!.request).toMatchObject({ to: second, args: ['5'], nonce: 10 });
    expect(fake.reservedBy).toBeNull();
    expect(await start()).toEqual(run);
    expect(await problemOf(stack.start('run-1', 'example', { size: 2 }))).toMatchObject({
      code: 'run_conflict',
    });
    const { items } = await stack.client.listRuns({ query: { planId: 'example', limit: 10 } });
    expect(items).toEqual([run]);
    expect((await stack.client.listRuns({ query: { limit: 10 } })).items).toEqual([run]);
    expect((await problemOf(resume())).code).toBe('run_not_stopped');
    expect((await problemOf(rollBack())).code).toBe('run_not_stopped');
  });

  it.each([
    ['chain_unavailable', 'putDeployment'],
    ['account_reserved', 'reserve'],
    ['insufficient_funds', 'putDeployment'],
    ['fee_too_high', 'putTransaction'],
    ['chain_unavailable', 'readContract'],
    ['chain_unavailable', 'getAccount'],
    ['unavailable', 'describeContract'],
  ] as const)('tries again where %s of %s may pass', async (code, operation) => {
    const { start, rested, fake } = await begin();
    fake.refuse(operation, ...(operation === 'describeContract' ? [] : [code, code]));
    await start();
    if (operation === 'describeContract') fake.refuse(operation, code, code);
    expect(await rested()).toMatchObject({ status: 'done' });
    expect(fake.order).toHaveLength(4);
  });

  it('stops where it does not pass, and goes on when it is told to', async () => {
    const { start, rested, fake } = await begin();
    fake.refuse('putTransaction', 'insufficient_funds', 'insufficient_funds', 'insufficient_funds');
    await start();
    expect(await rested()).toMatchObject({
      status: 'stopped',
      stopped: { step: 'grant', ...fault('insufficient_funds'), mayResume: true },
      stands: [{ step: 'first' }, { step: 'second' }],
    });
    expect(fake.reservedBy).toBe('run-1');
    expect(await resume()).toMatchObject({ status: 'running' });
    const run = await rested();
    expect(run).toMatchObject({ status: 'done', results: { First: first } });
    expect(run).not.toHaveProperty('stopped');
  });

  it('stops before its first step where the account is never free', async () => {
    const { start, rested, fake } = await begin();
    fake.reservedBy = 'somebody';
    await start();
    const run = await rested();
    expect(run).toMatchObject({
      status: 'stopped',
      stopped: { step: 'first', code: 'account_reserved', mayResume: true },
      stands: [],
    });
    expect(run).not.toHaveProperty('firstNonce');
    fake.reservedBy = null;
    fake.nextNonce = 20;
    await resume();
    expect(await rested()).toMatchObject({
      status: 'done',
      firstNonce: 20,
      results: { First: createdAddress(account, 20) },
    });
  });

  it('stops for good where somebody got between, for the foretold address is lost', async () => {
    const { start, rested, fake } = await begin();
    fake.refuse('putDeployment', 'insufficient_funds', 'insufficient_funds', 'insufficient_funds');
    await start();
    await rested();
    fake.nextNonce++;
    await resume();
    expect(await rested()).toMatchObject({
      status: 'stopped',
      stopped: { code: 'nonce_taken', mayResume: false },
      stands: [],
    });
    expect((await problemOf(resume())).code).toBe('run_over');
    expect(fake.reservedBy).toBeNull();
  });

  it.each(['transaction_reverted', 'transaction_refused', 'transaction_displaced', 'code_differs'])(
    'stops for good where a deployment came to nothing: %s',
    async (code) => {
      const { start, rested, fake } = await begin();
      fake.failures.set('run-1.second', code);
      await start();
      const run = await rested();
      expect(run).toMatchObject({
        status: 'stopped',
        stopped: { step: 'second', ...fault(code), mayResume: false },
      });
      // Other code stands all the same.
      expect(run.stands.map(({ step }) => step)).toEqual(
        code === 'code_differs' ? ['first', 'second'] : ['first'],
      );
      expect((await problemOf(resume())).code).toBe('run_over');
      expect(fake.order).toEqual(['run-1.first', 'run-1.second']);
    },
  );

  it.each(['execution_reverted', 'gas_too_high'])(
    'stops where the chain refuses it, and may go on: %s',
    async (code) => {
      const { start, rested, fake } = await begin();
      fake.refuse('putTransaction', code);
      await start();
      expect(await rested()).toMatchObject({
        status: 'stopped',
        stopped: { step: 'grant', code, mayResume: true },
      });
      await resume();
      expect(await rested()).toMatchObject({ status: 'done' });
    },
  );

  it('stops where a check reads something else, with both', async () => {
    const { start, rested, fake } = await begin();
    fake.reads = { size: ['6'] };
    await start();
    expect(await rested()).toMatchObject({
      status: 'stopped',
      stopped: {
        step: 'size',
        code: 'check_failed',
        detail: 'size gives "6", expected "5".',
        mayResume: true,
      },
    });
    fake.reads = { size: ['5'] };
    await resume();
    expect(await rested()).toMatchObject({ status: 'done' });
  });

  it('stops where a block does not come in time, and takes it when it came', async () => {
    const plan = examplePlan({ retry: { attempts: 3, delayMs: 10, timeoutMs: 1_000 } });
    const { start, rested, fake } = await begin(plan);
    fake.stuck.add('run-1.second');
    await start();
    expect(await rested()).toMatchObject({
      status: 'stopped',
      stopped: { step: 'second', code: 'step_timed_out', mayResume: true },
    });
    fake.stuck.clear();
    await resume();
    expect(await rested()).toMatchObject({ status: 'done' });
    expect(fake.order).toHaveLength(4);
  });

  it('stops where a contract stands elsewhere than was foretold', async () => {
    const { start, rested, fake } = await begin();
    const send = fake.send.bind(fake);
    fake.send = (id, request) =>
      id.endsWith('second') ? { ...send(id, request), nonce: 99 } : send(id, request);
    await start();
    expect(await rested()).toMatchObject({
      status: 'stopped',
      stopped: { step: 'second', code: 'address_changed', mayResume: false },
    });
  });
});

describe('a roll-back', () => {
  const undone = ['run-1.grant.undo0', 'run-1.grant.undo1', 'run-1.first.undo0'];

  it.each([
    ['done', undefined, undone],
    ['failed', 'transaction_reverted', undone.slice(2)],
  ] as const)('waits for what may still come: a step that is %s after all', async (status, failure, sent) => {
    const plan = examplePlan({ retry: { attempts: 3, delayMs: 10, timeoutMs: 1_000 } });
    const { start, rested, fake } = await begin(plan);
    fake.stuck.add('run-1.grant');
    if (failure) fake.failures.set('run-1.grant', failure);
    await start();
    expect((await rested()).stopped).toMatchObject({ step: 'grant', code: 'step_timed_out' });
    const asked = fake.sent.get('run-1.grant')!.looks;
    await rollBack();
    await eventually(async () => fake.sent.get('run-1.grant')!.looks > asked + 1 || fake.order.length > 3);
    expect(fake.order).toHaveLength(3);
    fake.stuck.clear();
    const run = await rested();
    expect(run.status).toBe('compensated');
    expect(run.steps[2]).toMatchObject({ status, ...(failure ? { failure: { code: failure } } : {}) });
    expect(fake.order.slice(3)).toEqual(sent);
  });

  it('sends the compensations of what was done, the last step first, and says what stands', async () => {
    const { start, rested, fake } = await begin();
    fake.reads = { size: ['6'] };
    await start();
    await rested();
    await rollBack();
    const run = await rested();
    expect(run).toMatchObject({
      status: 'compensated',
      stands: [{ step: 'first' }, { step: 'second' }],
      stopped: { code: 'check_failed', mayResume: false },
    });
    expect(fake.order.slice(3)).toEqual(undone);
    expect(fake.sent.get('run-1.grant.undo0')!.request).toMatchObject({
      to: second,
      function: 'revoke',
      args: [account],
    });
    expect(run.steps[2]!.compensation).toMatchObject([{ status: 'done' }, { status: 'done' }]);
    expect(fake.reservedBy).toBeNull();
    expect((await problemOf(rollBack())).code).toBe('run_not_stopped');
  });

  it('comes by itself where the plan says so, and leaves out what was not done', async () => {
    const { start, rested, fake } = await begin(examplePlan({ onFailure: 'compensate' }));
    fake.failures.set('run-1.second', 'transaction_reverted');
    await start();
    expect(await rested()).toMatchObject({
      status: 'compensated',
      stopped: { step: 'second', code: 'transaction_reverted' },
      stands: [{ step: 'first' }],
    });
    expect(fake.order).toEqual(['run-1.first', 'run-1.second', 'run-1.first.undo0']);
  });

  it('does not come by itself where the chain is away', async () => {
    const { start, rested, fake } = await begin(examplePlan({ onFailure: 'compensate' }));
    fake.refuse('putTransaction', 'chain_unavailable', 'chain_unavailable', 'chain_unavailable');
    await start();
    expect(await rested()).toMatchObject({
      status: 'stopped',
      stopped: { code: 'chain_unavailable', mayResume: true },
    });
  });

  it('that fails stops, and goes on with another transaction for what used up its nonce', async () => {
    const { start, rested, fake } = await begin();
    fake.reads = { size: ['6'] };
    fake.failures.set('run-1.grant.undo1', 'transaction_reverted');
    await start();
    await rested();
    await rollBack();
    expect(await rested()).toMatchObject({
      status: 'stopped',
      stopped: { step: 'grant', code: 'transaction_reverted', mayResume: false },
    });
    expect((await problemOf(resume())).code).toBe('run_over');
    await rollBack();
    expect(await rested()).toMatchObject({ status: 'compensated' });
    expect(fake.order.slice(3)).toEqual([
      'run-1.grant.undo0',
      'run-1.grant.undo1',
      'run-1.grant.undo1.1',
      'run-1.first.undo0',
    ]);
  });

  it('tries again what may pass, with the same id', async () => {
    const { start, rested, fake } = await begin();
    fake.reads = { size: ['6'] };
    await start();
    await rested();
    fake.refuse('putTransaction', 'chain_unavailable', 'insufficient_funds');
    fake.refuse('reserve', 'chain_unavailable');
    await rollBack();
    expect((await rested()).stopped).toMatchObject({ step: 'grant' });
    await rollBack();
    expect(await rested()).toMatchObject({ status: 'compensated' });
    expect(fake.order.slice(3)).toEqual(undone);
  });
});

describe('killed after any write, whether it was kept or lost', () => {
  /** The nth write of a life is the last: it is done or not, and nobody hears of it. */
  const mortal = (writes: number, keeps: boolean) => {
    let left = writes;
    return {
      get isDead() {
        return left <= 0;
      },
      async write<T>(work: () => Promise<T>): Promise<T> {
        if (left <= 0) throw new Error('dead');
        if (--left > 0) return work();
        if (keeps) await work();
        throw new Error('dead');
      },
    };
  };

  it.each([
    ['kept', true],
    ['lost', false],
  ] as const)('%s: a run does every step once all the same', async (_, keeps) => {
    const fake = new FakeDeployment();
    fake.reads = { size: ['5'] };
    const documents = new Map();
    const plan = examplePlan();
    stack = await startOrchestrator({ fake, documents });
    await stack.put('example', plan);
    await stack.start('run-1', 'example');
    for (let lives = 0; ; lives++) {
      await stack.stack.close();
      // Lost writes never get anywhere in lives of one.
      const life = mortal(keeps ? 1 : 2 + (lives % 3), keeps);
      stack = await startOrchestrator({
        ...{ fake, documents },
        wrap: (store) => ({
          ...store,
          collection: async (definition) => {
            const own = await store.collection(definition);
            return {
              ...own,
              get: own.get.bind(own),
              find: own.find.bind(own),
              count: own.count.bind(own),
              replace: (document, version) => life.write(() => own.replace(document, version)),
            };
          },
          check: () => store.check(),
          close: () => store.close(),
        }),
      });
      const run = await stack.client.getRun({ params: { runId: 'run-1' } });
      if (run.status === 'done') break;
      expect(lives).toBeLessThan(200);
      while (!life.isDead && (await stack.client.getRun({ params: { runId: 'run-1' } })).status !== 'done')
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await stack.rested('run-1')).toMatchObject({ status: 'done', results: { First: first } });
    expect(fake.order).toEqual(['run-1.first', 'run-1.second', 'run-1.grant', 'run-1.note']);
  });
});

it('two runs take turns', async () => {
  stack = await startOrchestrator();
  stack.fake.reads = { size: ['5'] };
  await stack.put('example', examplePlan({ retry: { attempts: 20, delayMs: 10, timeoutMs: 60_000 } }));
  await Promise.all([stack.start('run-1', 'example'), stack.start('run-2', 'example')]);
  const runs = [await stack.rested('run-1'), await stack.rested('run-2')];
  expect(runs.map(({ status }) => status)).toEqual(['done', 'done']);
  const of = (id: string) => stack.fake.order.flatMap((each, at) => (each.startsWith(id) ? [at] : []));
  const [one, other] = [of('run-1'), of('run-2')];
  expect(Math.max(...one) < Math.min(...other) || Math.max(...other) < Math.min(...one)).toBe(true);
});

it('a plan without transactions runs, too', async () => {
  stack = await startOrchestrator();
  stack.fake.reads = { both: [account, '5'] };
  const contract = { house: 'Owned' };
  const step = {
    id: 'both',
    kind: 'check',
    contract,
    to: account,
    function: 'both',
    equals: ['${account}', 5],
  } as const;
  await stack.put('example', planOf([{ ...step, equals: [...step.equals] }]));
  await stack.start('run-1', 'example');
  expect(await stack.rested('run-1')).toMatchObject({ status: 'done', steps: [{ value: [account, '5'] }] });
});
