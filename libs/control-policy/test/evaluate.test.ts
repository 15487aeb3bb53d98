import { bytesToHex } from '@lucid/bytes';
import { ed25519PublicKey, ed25519Sign } from '@lucid/crypto';
import {
  type Action,
  type Approval,
  approvalBytes,
  type CheckedPolicy,
  customPolicy,
  type DenyReason,
  denyReasons,
  type EvaluationContext,
  evaluate,
  explain,
  guardedPorts,
  judgeApproval,
  namedPolicies,
  type Party,
  type SignedApproval,
} from '../src/index.ts';
import { checkedPolicy, contextOf, everyAction, noonUs, openPolicy, seedOf, sessionId } from './samples.ts';

const open = checkedPolicy(openPolicy);
const standard = checkedPolicy(namedPolicies.standard);
const second = 1_000_000;
const given = (name: string, changes: object = {}): Action =>
  ({ ...everyAction[name]!, ...changes }) as Action;
const lastsUs = openPolicy.time.longestMs * 1000;
const idleUs = openPolicy.time.idleMs * 1000;
const broken = new Proxy(
  {},
  {
    ownKeys: () => {
      throw new Error('no');
    },
  },
);

type Case = readonly [DenyReason, string, string, Action, Partial<EvaluationContext>?, CheckedPolicy?];
const resource = (host: string, port: number, path = '/'): Action => ({ kind: 'resource', host, port, path });

const cases: readonly Case[] = [
  ['policy_not_checked', 'question', 'a copy of a checked one', given('mouse'), {}, { ...open }],
  ['context_malformed', 'question', 'a negative count', given('mouse'), { filesMoved: -1 }],
  ['context_malformed', 'question', 'no number', given('mouse'), { nowUs: Number.NaN }],
  ['context_malformed', 'question', 'another member', given('mouse'), { extra: 1 } as never],
  [
    'context_malformed',
    'question',
    'too many approvals',
    given('mouse'),
    { approvals: new Array(65).fill(null) },
  ],
  ['action_unknown', 'question', 'a kind of its own', { kind: 'usb' } as never],
  ['action_unknown', 'question', 'the prototype’s', { kind: 'constructor' } as never],
  ['action_unknown', 'question', 'nothing', null as never],
  ['action_malformed', 'question', 'an unknown device', given('devices.camera', { device: 'usb' })],
  ['action_malformed', 'question', 'another member', given('mouse', { extra: 1 })],
  [
    'action_malformed',
    'question',
    'a path that climbs',
    given('files.upload', { path: '/exchange/../a.txt' }),
  ],
  [
    'action_malformed',
    'question',
    'a type with parameters',
    given('clipboard.hostToRemote', { type: 'text/plain;a=b' }),
  ],
  ['action_malformed', 'question', 'a host in another spelling', resource('WWW.example.org', 443)],
  [
    'action_malformed',
    'question',
    'a path in another spelling',
    resource('www.example.org', 443, '/%64ocs/a'),
  ],
  ['action_malformed', 'question', 'a negative size', given('files.upload', { sizeBytes: -1 })],
  [
    'policy_mismatch',
    'header.policyHash',
    'the header names another',
    given('session'),
    { policyHash: standard.hash },
  ],
  [
    'times_reversed',
    'time',
    'before the start',
    given('session'),
    { startedAtUs: noonUs + 1, lastInputAtUs: noonUs + 1 },
  ],
  ['times_reversed', 'time', 'input of the future', given('session'), { lastInputAtUs: noonUs + 1 }],
  [
    'times_reversed',
    'time',
    'input before the start',
    given('session'),
    { startedAtUs: noonUs - 1, lastInputAtUs: noonUs - 2 },
  ],
  [
    'session_too_long',
    'time.longestMs',
    'a microsecond more',
    given('session'),
    { startedAtUs: noonUs - lastsUs - 1 },
  ],
  [
    'session_idle',
    'time.idleMs',
    'a microsecond more',
    given('mouse'),
    { startedAtUs: noonUs - 2 * idleUs, lastInputAtUs: noonUs - idleUs - 1 },
  ],
  ['outside_window', 'time.windows', 'in the evening', given('session'), at(6 * 3600 * second)],
  ['outside_window', 'time.windows', 'on Saturday', given('session'), at(3 * 86_400 * second)],
  ['toggle_off', 'clipboard.hostToRemote', 'of standard', given('clipboard.hostToRemote'), {}, standard],
  ['rate_exceeded', 'input.mouseRateHz', 'the eleventh', given('mouse'), { mouseEventsLastSecond: 10 }],
  ['key_blocked', 'input.blockedKeys', 'as written', given('key', { key: 'F12' })],
  ['key_blocked', 'input.blockedKeys', 'in another case', given('key', { key: 'printSCREEN' })],
  [
    'key_not_allowed',
    'input.allowedKeys',
    'not in the list',
    given('key', { key: 'c' }),
    {},
    checkedPolicy(customPolicy({ input: { allowedKeys: ['a', 'b'] } })),
  ],
  ['too_large', 'clipboard.maxBytes', 'a byte more', given('clipboard.remoteToHost', { sizeBytes: 1001 })],
  ['type_not_allowed', 'clipboard.types', 'html', given('clipboard.remoteToHost', { type: 'text/html' })],
  ['too_large', 'files.maxBytes', 'a byte more', given('files.upload', { sizeBytes: 5001 })],
  [
    'folder_not_allowed',
    'files.folders',
    'one of a like name',
    given('files.upload', { path: '/exchange2/a.txt' }),
  ],
  ['folder_not_allowed', 'files.folders', 'the one above', given('files.upload', { path: '/in/a.txt' })],
  [
    'extension_not_allowed',
    'files.extensions',
    'a program',
    given('files.upload', { path: '/exchange/a.txt.exe' }),
  ],
  ['extension_not_allowed', 'files.extensions', 'none', given('files.upload', { path: '/exchange/txt' })],
  [
    'extension_not_allowed',
    'files.extensions',
    'a stream',
    given('files.upload', { path: '/exchange/a.exe:a.txt' }),
  ],
  ['replacing_not_allowed', 'files.replace', 'one that is there', given('files.upload', { replaces: true })],
  ['too_many_files', 'files.maxPerSession', 'the fourth', given('files.download'), { filesMoved: 3 }],
  [
    'resource_denied',
    'resources[0]',
    'denied before it is allowed',
    resource('secret.example.org', 443, '/docs/a'),
  ],
  ['no_rule', 'default', 'another port', resource('www.example.org', 80, '/docs/a')],
  ['no_rule', 'default', 'another path', resource('www.example.org', 443, '/doc')],
  ['no_rule', 'default', 'another host', resource('example.org', 443, '/docs/a')],
  [
    'evaluation_error',
    'default',
    'an action that throws',
    new Proxy(given('mouse'), {
      get: () => {
        throw new Error('no');
      },
    }),
  ],
  ['evaluation_error', 'default', 'a context that throws', given('mouse'), broken as never],
];

function at(laterUs: number): Partial<EvaluationContext> {
  const nowUs = noonUs + laterUs;
  return { nowUs, startedAtUs: nowUs - 1, lastInputAtUs: nowUs - 1 };
}

// Not test.each, which takes a parameter that a row lacks for a callback to wait for.
for (const [reason, rule, what, action, changes, policy = open] of cases) {
  test(`${reason} by ${rule}: ${what}`, () => {
    const context = changes === broken ? (broken as EvaluationContext) : contextOf(policy, changes);
    const matched = !['question', 'default', 'header.policyHash'].includes(rule);
    const verdict = { decision: 'deny', reason, rule, matched };
    expect(evaluate(policy, action, context)).toEqual(verdict);
    const { steps, ...explained } = explain(policy, action, context);
    expect(explained).toEqual(verdict);
    if (matched) expect(steps).toContainEqual({ rule, outcome: 'denies', why: expect.any(String) });
  });
}

test('every reason to deny has a case', () => {
  expect(new Set(cases.map(([reason]) => reason))).toEqual(new Set(denyReasons));
});

const withinBounds: readonly [string, Action, Partial<EvaluationContext>?][] = [
  ['the longest session', given('session'), { startedAtUs: noonUs - 4 * 3600 * second }],
  ['the longest pause', given('mouse'), { startedAtUs: noonUs - 2 * idleUs, lastInputAtUs: noonUs - idleUs }],
  ['the first minute', given('session'), at(-4 * 3600 * second)],
  ['the last microsecond of the window', given('session'), at(6 * 3600 * second - 1)],
  ['the tenth pointer event', given('mouse'), { mouseEventsLastSecond: 9 }],
  ['the largest clipboard', given('clipboard.hostToRemote', { sizeBytes: 1000 })],
  ['the largest file', given('files.upload', { sizeBytes: 5000 })],
  ['the last file', given('files.upload'), { filesMoved: 2 }],
  ['another folder, another case', given('files.upload', { path: '/in/box/deep/A.PDF' })],
  ['the guarded port by its name', resource('jump.example.net', 22)],
  ['a port of the range', resource('db.example.net', 5432)],
];
for (const [what, action, changes] of withinBounds) {
  test(`bounds are within: ${what}`, () => {
    expect(evaluate(open, action, contextOf(open, changes))).toMatchObject({
      decision: 'allow',
      reason: 'allowed',
    });
  });
}

test('exactly the longest session is allowed', () => {
  const always = checkedPolicy(customPolicy({}));
  const startedAtUs = noonUs - always.policy.time.longestMs * 1000;
  expect(evaluate(always, given('session'), contextOf(always, { startedAtUs })).decision).toBe('allow');
});

test('windows of every day of a week, against Date', () => {
  for (let day = 1; day <= 7; day++) {
    const policy = checkedPolicy(
      customPolicy({ time: { windows: [{ days: [day], fromMinute: 600, untilMinute: 601 }] } }),
    );
    for (let hours = 0; hours < 24 * 8; hours++) {
      const nowUs = noonUs + hours * 3600 * second;
      const date = new Date(nowUs / 1000);
      const inside = (date.getUTCDay() || 7) === day && date.getUTCHours() === 10;
      const { decision } = evaluate(policy, given('session'), contextOf(policy, at(hours * 3600 * second)));
      expect({ day, hours, decision }).toEqual({ day, hours, decision: inside ? 'allow' : 'deny' });
    }
  }
});

test('a range never means a guarded port, unless it denies', () => {
  for (const port of guardedPorts) {
    expect(evaluate(open, resource('db.example.net', port), contextOf(open)).reason).toBe('no_rule');
    expect(evaluate(open, resource('secret.example.org', port), contextOf(open)).reason).toBe(
      'resource_denied',
    );
  }
});

describe('approvals', () => {
  const key = seedOf('11');
  const host: Party = { kind: 'ed25519', publicKey: bytesToHex(ed25519PublicKey(key)) };
  function approve(changes: Partial<Approval> = {}): SignedApproval {
    const approval: Approval = {
      format: 'lucid-approval/1',
      sessionId,
      policyHash: standard.hash,
      opens: 'clipboard.hostToRemote',
      fromUs: noonUs,
      untilUs: noonUs + 10,
      party: host,
      ...changes,
    };
    const judged = judgeApproval({
      ...approval,
      host,
      approval: { ...approval, signature: bytesToHex(ed25519Sign(key, approvalBytes(approval))) },
      verifyTron: () => false,
    });
    if (!judged.ok) throw new Error(judged.fault);
    return judged.value;
  }
  const clip = given('clipboard.hostToRemote');
  const under = (
    approvals: readonly SignedApproval[],
    action = clip,
    changes: Partial<EvaluationContext> = {},
  ) => evaluate(standard, action, contextOf(standard, { approvals, ...changes }));

  test('opens its toggle for its time, and says so', () => {
    const opened = { decision: 'allow', reason: 'allowed_by_approval', rule: 'approvals[1]', matched: true };
    const approvals = [approve({ opens: 'files.upload' }), approve()];
    expect(under(approvals)).toEqual(opened);
    expect(under(approvals, clip, { nowUs: noonUs + 9 })).toEqual(opened);
    expect(under(approvals, clip, { nowUs: noonUs + 10 }).reason).toBe('toggle_off');
    expect(under(approvals, clip, { nowUs: noonUs - 1 }).reason).toBe('toggle_off');
    expect(explain(standard, clip, contextOf(standard, { approvals })).steps.slice(-4)).toEqual([
      { rule: 'clipboard.hostToRemote', outcome: 'denies', why: expect.any(String) },
      { rule: 'approvals[1]', outcome: 'allows', why: expect.stringContaining(String(noonUs + 10)) },
      { rule: 'clipboard.maxBytes', outcome: 'holds', why: expect.any(String) },
      { rule: 'clipboard.types', outcome: 'holds', why: expect.any(String) },
    ]);
  });

  test('opens nothing else and no bound', () => {
    const approvals = [approve()];
    expect(under(approvals, given('clipboard.remoteToHost')).reason).toBe('toggle_off');
    expect(under(approvals, given('clipboard.hostToRemote', { sizeBytes: 65_537 })).reason).toBe('too_large');
    expect(under(approvals, given('clipboard.hostToRemote', { type: 'image/png' })).reason).toBe(
      'type_not_allowed',
    );
    expect(under(approvals, given('recordInput')).reason).toBe('toggle_off');
    expect(under(approvals, given('resource')).reason).toBe('no_rule');
    expect(under(approvals, clip, { startedAtUs: 0, lastInputAtUs: noonUs }).reason).toBe('session_too_long');
  });

  test('counts only as it was judged, for its session and policy', () => {
    expect(under([{ ...approve() }]).reason).toBe('toggle_off');
    expect(under([null as never, 1 as never]).reason).toBe('toggle_off');
    expect(under([approve({ sessionId: 'ee'.repeat(32) })]).reason).toBe('toggle_off');
    expect(under([approve({ policyHash: open.hash })]).reason).toBe('toggle_off');
    expect(() => Object.assign(approve(), { untilUs: noonUs * 2 })).toThrow(TypeError);
  });
});

test('an explanation tells of nothing that the action carries', () => {
  for (const action of [
    resource('private.example.net', 4711, '/hidden'),
    given('files.upload', { path: '/hidden/x.txt' }),
  ]) {
    const said = JSON.stringify(explain(open, action, contextOf(open)));
    expect(said).not.toMatch(/private|4711|hidden/);
  }
});

test('an action is read once: a getter that changes its mind changes nothing', () => {
  let reads = 0;
  const action = {
    ...given('clipboard.hostToRemote'),
    get sizeBytes() {
      return reads++ === 0 ? 1001 : 1;
    },
  };
  expect(evaluate(open, action as Action, contextOf(open)).reason).toBe('too_large');
  expect(reads).toBe(1);
});
