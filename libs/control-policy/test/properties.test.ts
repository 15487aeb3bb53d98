/** What must hold of every policy, action and context. */
import fc from 'fast-check';
import {
  type Action,
  allowReasons,
  type ControlPolicy,
  denyReasons,
  devices,
  type EvaluationContext,
  evaluate,
  explain,
} from '../src/index.ts';
import { checkedPolicy, contextOf, everyAction, noonUs, openPolicy } from './samples.ts';

const subset = <T extends string | number>(...members: T[]) =>
  fc.subarray(members).map((some) => [...some].sort((a, b) => (a < b ? -1 : 1)));
const bool = fc.boolean();
const hosts = ['a.example', 'b.example', 'x.b.example'];
const paths = ['/', '/p', '/p/q'];
const ports = [22, 80, 443, 3389];

const anyRule = fc.record({
  effect: fc.constantFrom('allow' as const, 'deny' as const),
  host: fc.constantFrom(...hosts, '*', '*.b.example'),
  ports: fc.array(
    fc
      .tuple(fc.constantFrom(...ports), fc.constantFrom(0, 400))
      .map(([from, more]) => ({ from, until: from + more })),
    { maxLength: 3 },
  ),
  path: fc.constantFrom(...paths, '*', '/p/*'),
});
const anyWindow = fc.record({
  days: subset(1, 2, 3, 4, 5, 6, 7),
  fromMinute: fc.constantFrom(0, 700),
  untilMinute: fc.constantFrom(740, 1440),
});
const anyPolicy: fc.Arbitrary<ControlPolicy> = fc.record({
  format: fc.constant('lucid-policy/1' as const),
  profile: fc.constant('custom' as const),
  input: fc.record({
    mouse: bool,
    mouseRateHz: fc.integer({ min: 1, max: 20 }),
    keyboard: bool,
    allowedKeys: subset('*', 'F12', 'a'),
    blockedKeys: subset('F12', 'b'),
  }),
  clipboard: fc.record({
    hostToRemote: bool,
    remoteToHost: bool,
    maxBytes: fc.nat(20),
    types: subset('text/html', 'text/plain'),
  }),
  files: fc.record({
    upload: bool,
    download: bool,
    maxBytes: fc.nat(20),
    extensions: subset('pdf', 'txt'),
    folders: subset('/', '/p', '/p/q'),
    maxPerSession: fc.nat(5),
    replace: bool,
  }),
  devices: fc.record(Object.fromEntries(devices.map((each) => [each, bool]))) as fc.Arbitrary<
    ControlPolicy['devices']
  >,
  time: fc.record({
    longestMs: fc.integer({ min: 1, max: 86_400_000 }),
    idleMs: fc.integer({ min: 1, max: 86_400_000 }),
    windows: fc.array(anyWindow, { maxLength: 3 }),
  }),
  resources: fc.array(anyRule, { maxLength: 5 }),
  recording: fc.record({ input: bool }),
});

const size = fc.nat(25);
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  fc.constantFrom(...Object.values(everyAction)),
  fc.record({ kind: fc.constant('key' as const), key: fc.constantFrom('a', 'b', 'B', 'F12') }),
  fc.record({
    kind: fc.constant('clipboard' as const),
    direction: fc.constantFrom('hostToRemote' as const, 'remoteToHost' as const),
    sizeBytes: size,
    type: fc.constantFrom('text/plain', 'text/html'),
  }),
  fc.record({
    kind: fc.constant('file' as const),
    direction: fc.constantFrom('upload' as const, 'download' as const),
    path: fc.constantFrom('/a.txt', '/p/a.pdf', '/p/q/a.txt', '/p/a'),
    sizeBytes: size,
    replaces: bool,
  }),
  fc.record({
    kind: fc.constant('resource' as const),
    host: fc.constantFrom(...hosts),
    port: fc.constantFrom(...ports),
    path: fc.constantFrom(...paths),
  }),
);
const anyTimes = fc.record({
  startedAtUs: fc.constantFrom(noonUs - 1_000, noonUs - 3_600_000_000),
  lastInputAtUs: fc.constantFrom(noonUs, noonUs - 500),
  mouseEventsLastSecond: fc.nat(20),
  filesMoved: fc.nat(5),
});

/** Every policy that allows one thing less: a toggle off, a list's member gone, a bound lower, a rule that allows gone. */
function* narrowed(policy: ControlPolicy): Generator<ControlPolicy> {
  const lists = {
    input: ['allowedKeys'],
    clipboard: ['types'],
    files: ['extensions', 'folders'],
    time: ['windows'],
  };
  const bounds = ['mouseRateHz', 'maxBytes', 'maxPerSession', 'longestMs', 'idleMs'];
  for (const section of ['input', 'clipboard', 'files', 'devices', 'time', 'recording'] as const) {
    for (const [name, value] of Object.entries(policy[section])) {
      const less = (to: unknown) =>
        ({ ...policy, [section]: { ...policy[section], [name]: to } }) as ControlPolicy;
      if (value === true) yield less(false);
      if (bounds.includes(name) && (value as number) > 1) yield less((value as number) - 1);
      if ((lists as Record<string, string[]>)[section]?.includes(name))
        for (let at = 0; at < value.length; at++) yield less(value.toSpliced(at, 1));
    }
  }
  for (const [at, rule] of policy.resources.entries()) {
    if (rule.effect !== 'allow') continue;
    yield { ...policy, resources: policy.resources.toSpliced(at, 1) };
    for (let range = 0; range < rule.ports.length; range++)
      yield {
        ...policy,
        resources: policy.resources.with(at, { ...rule, ports: rule.ports.toSpliced(range, 1) }),
      };
  }
}

const ask = (value: ControlPolicy, action: Action, times: Partial<EvaluationContext>) => {
  const policy = checkedPolicy(value);
  return evaluate(policy, action, contextOf(policy, times));
};

test('what allows less never allows what was denied', () => {
  let allowed = 0;
  let taken = 0;
  fc.assert(
    fc.property(
      anyPolicy,
      fc.array(anyAction, { minLength: 5, maxLength: 5 }),
      anyTimes,
      (policy, actions, times) => {
        const before = actions.map((action) => ask(policy, action, times).decision);
        allowed += before.filter((each) => each === 'allow').length;
        for (const less of narrowed(policy)) {
          for (const [at, action] of actions.entries()) {
            const { decision } = ask(less, action, times);
            if (decision === 'allow')
              expect({ action, before: before[at] }).toEqual({ action, before: 'allow' });
            else if (before[at] === 'allow') taken++;
          }
        }
      },
    ),
    { numRuns: 150 },
  );
  // The property says nothing where nothing is ever allowed, or nothing ever taken.
  expect(allowed).toBeGreaterThan(20);
  expect(taken).toBeGreaterThan(20);
});

test('explain agrees with evaluate, and its steps end in what decided', () => {
  fc.assert(
    fc.property(anyPolicy, anyAction, anyTimes, (value, action, times) => {
      const policy = checkedPolicy(value);
      const context = contextOf(policy, times);
      const verdict = evaluate(policy, action, context);
      const { steps, ...explained } = explain(policy, action, context);
      expect(explained).toEqual(verdict);
      const denying = steps.filter(({ outcome }) => outcome === 'denies').map(({ rule }) => rule);
      if (verdict.decision === 'deny') expect(denying).toEqual([verdict.rule]);
      else
        expect([denying, steps.map(({ rule }) => rule)]).toEqual([
          [],
          expect.arrayContaining([verdict.rule]),
        ]);
    }),
  );
});

test('a policy that says no to everything allows nothing but the session', () => {
  const off = (section: object) =>
    Object.fromEntries(
      Object.entries(section).map(([name, value]) => [name, typeof value === 'boolean' ? false : value]),
    );
  const closed = checkedPolicy({
    ...openPolicy,
    input: off(openPolicy.input),
    clipboard: off(openPolicy.clipboard),
    files: off(openPolicy.files),
    devices: off(openPolicy.devices),
    recording: off(openPolicy.recording),
    resources: [],
  });
  fc.assert(
    fc.property(anyAction, anyTimes, (action, times) => {
      if (action.kind !== 'session')
        expect(evaluate(closed, action, contextOf(closed, times)).decision).toBe('deny');
    }),
  );
});

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
});
const reasons: readonly string[] = [...allowReasons, ...denyReasons];

test('anything unknown is denied, and nothing throws', () => {
  const policy = checkedPolicy(openPolicy);
  const context = contextOf(policy);
  const mutated = fc
    .tuple(fc.constantFrom(...Object.values(everyAction)), fc.string(), anything)
    .map(([action, name, value]) => ({ ...action, [`x${name}`]: value }));
  const kinds = fc.oneof(
    fc.string(),
    fc.constantFrom('__proto__', 'toString', 'hasOwnProperty', '', 'Mouse', 'file '),
  );
  const known = new Set(Object.values(everyAction).map(({ kind }) => kind as string));
  const foreign = kinds.filter((kind) => !known.has(kind)).map((kind) => ({ kind }));
  fc.assert(
    fc.property(fc.oneof(anything, mutated, foreign), anything, (action, other) => {
      expect(evaluate(policy, action as Action, context).decision).toBe('deny');
      expect(evaluate(policy, { kind: 'mouse' }, other as EvaluationContext).decision).toBe('deny');
      expect(evaluate(other as never, { kind: 'mouse' }, context).reason).toBe('policy_not_checked');
      expect(reasons).toContain(explain(policy, action as Action, other as EvaluationContext).reason);
    }),
    { numRuns: 500 },
  );
});

test('each member of action and context may be anything without a throw or a wider answer', () => {
  const policy = checkedPolicy(openPolicy);
  const name = fc.constantFrom(...Object.keys(contextOf(policy)));
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(everyAction)),
      name,
      anything,
      fc.nat(),
      (action, member, value, at) => {
        const { reason } = evaluate(policy, action, {
          ...contextOf(policy),
          [member]: value,
        } as EvaluationContext);
        expect(reasons).toContain(reason);
        const members = Object.keys(action);
        const changed = { ...action, [members[at % members.length]!]: value };
        expect(reasons).toContain(evaluate(policy, changed as Action, contextOf(policy)).reason);
        if (typeof value === 'object' && !Array.isArray(value))
          expect(evaluate(policy, changed as Action, contextOf(policy)).decision).toBe('deny');
      },
    ),
  );
});
