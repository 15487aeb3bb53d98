/** What a policy does to a session that runs under it; time is the test's. */
import { approvalBytes, customPolicy, type PolicyChanges } from '@lucid/control-policy';
import { createManualClock } from '@lucid/service-kit/testing';
import type { SessionRow } from '../src/store/session-row.ts';
import { policyDetailsOf } from './bundle-events.ts';
import { bytesOf, codeOf, createWorld, type Person, problemOf, type World } from './world.ts';

const clock = createManualClock();
const SECOND_US = 1_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let world: World;
beforeAll(async () => {
  world = await createWorld({
    clock,
    environment: { SESSION_API_ENFORCE_MS: '1000', ORCHESTRATOR_LEASE_MS: '1000' },
  });
});
afterEach(() => {
  world.fault.away.clear();
  world.fault.answers.clear();
  world.fault.store = null;
});
afterAll(() => world?.close());

const days = [1, 2, 3, 4, 5, 6, 7];
const always = [{ days, fromMinute: 0, untilMinute: 1440 }];
const patient = { longestMs: DAY_MS, idleMs: DAY_MS, windows: always };

interface Running {
  readonly host: Person;
  readonly user: Person;
  readonly sessionId: string;
  readonly params: { sessionId: string };
  readonly policyHash: string;
}

async function run(changes: PolicyChanges = {}, more: object = {}): Promise<Running> {
  const [host, user] = [world.person(), world.person()];
  const policy = customPolicy({ time: patient, ...changes });
  const sessionId = await world.agreed(host, user, { policy, ...more });
  const params = { sessionId };
  const { policyHash = '' } = await host.api.startSession({ params });
  return { host, user, sessionId, params, policyHash };
}

/** Lets time go by until the session is over. */
async function over({ host, params }: Running, stepMs = 1_000): Promise<{ reason?: string; state: string }> {
  for (let step = 0; step < 200; step += 1) {
    const session = await host.api.getSession({ params });
    if (session.state === 'completed' || session.state === 'failed') return session;
    await clock.advance(stepMs);
  }
  throw new Error(`the session goes on: ${JSON.stringify(await host.api.getSession({ params }))}`);
}

const endOf = async ({ host, params }: Running) => {
  const file = await bytesOf(await host.api.downloadBundle({ params, query: {} }));
  return policyDetailsOf(file).details.find((each) => each.type === 'ended');
};
const check = ({ host, params }: Running, action: object, attempted?: 'blocked' | 'done') =>
  host.api.checkPolicy({ params, body: { action: { ...action }, ...(attempted ? { attempted } : {}) } });
const clipboard = { kind: 'clipboard', direction: 'hostToRemote', sizeBytes: 10, type: 'text/plain' };

test('a session ends when its longest time is over, and its evidence says why', async () => {
  const session = await run({ time: { ...patient, longestMs: 60_000 } });
  await clock.advance(55_000);
  expect((await session.host.api.getSession({ params: session.params })).state).toBe('recording');
  expect(await over(session)).toMatchObject({ state: 'completed', reason: 'policy: session_too_long' });
  expect(await endOf(session)).toMatchObject({ reason: 'session_too_long', rule: 'time.longestMs' });
});

test('a session ends when nothing came in for too long; input and captured bytes keep it', async () => {
  const session = await run({ time: { ...patient, idleMs: 20_000 } });
  await clock.advance(15_000);
  expect(await check(session, { kind: 'mouse' }, 'blocked')).toMatchObject({ decision: 'allow' });
  await clock.advance(15_000);
  await world.capture(session.sessionId, new Uint8Array(100));
  await clock.advance(15_000);
  expect((await session.host.api.getSession({ params: session.params })).state).toBe('recording');
  expect(await over(session)).toMatchObject({ reason: 'policy: session_idle' });
});

test('a pause is not idleness', async () => {
  const session = await run({ time: { ...patient, idleMs: 20_000 } });
  await session.user.api.pauseSession({ params: session.params });
  await clock.advance(60_000);
  expect((await session.host.api.resumeSession({ params: session.params })).state).toBe('recording');
  await session.user.api.stopSession({ params: session.params, query: {}, body: { reason: 'enough' } });
  expect(await over(session)).toMatchObject({ state: 'completed', reason: 'enough' });
});

test('outside its hours a session does not begin, and ends', async () => {
  const minute = Math.floor((clock.nowMs() % DAY_MS) / 60_000);
  const window = (fromMinute: number, untilMinute: number) => [{ days, fromMinute, untilMinute }];
  const session = await run({ time: { ...patient, windows: window(minute, minute + 2) } });
  expect(await over(session)).toMatchObject({ reason: 'policy: outside_window' });
  const late = world.person();
  const guest = world.person();
  const policy = customPolicy({ time: { ...patient, windows: window(1439, 1440) } });
  const sessionId = await world.agreed(late, guest, { policy });
  const refused = await problemOf(late.api.startSession({ params: { sessionId } }));
  expect([refused?.code, refused?.extensions.reason]).toEqual(['policy_broken', 'outside_window']);
});

test.each([
  [
    'is not the one of the header',
    (text: string) => text.replace('"hostToRemote":false', '"hostToRemote":true'),
  ],
  ['cannot be read', (text: string) => text.slice(1)],
])('a stored policy that %s voids the session', async (_what, change) => {
  const session = await run();
  const rows = await world.own.collection<SessionRow>({
    name: 'user-sessions',
    key: (row) => row.sessionId,
    indexes: [{ name: 'run', fields: ['run', 'createdAtUs'] }],
  });
  const stored = await rows.get(session.sessionId);
  if (!stored?.document.policy) throw new Error('there is no row');
  const { policy } = stored.document;
  const text = change(policy.text);
  expect(text).not.toBe(policy.text);
  await rows.replace({ ...stored.document, policy: { ...policy, text } }, stored.version);
  expect(await over(session)).toMatchObject({ state: 'completed', reason: 'policy: policy_mismatch' });
  expect(await endOf(session)).toMatchObject({ reason: 'policy_mismatch', rule: 'header.policyHash' });
});

test('what is only tried is held back, told once of its kind, and ends nothing', async () => {
  const session = await run();
  const { host, params } = session;
  for (let time = 0; time < 3; time += 1)
    expect(await check(session, clipboard, 'blocked')).toMatchObject({ decision: 'deny', ended: false });
  expect(await check(session, clipboard)).toMatchObject({ decision: 'deny', ended: false });
  expect(await check(session, { kind: 'nonsense' }, 'blocked')).toMatchObject({ reason: 'action_unknown' });
  const explained = await host.api.checkPolicy({ params, body: { action: clipboard, explain: true } });
  expect(explained.steps?.map(({ rule }) => rule)).toContain('clipboard.hostToRemote');
  await clock.advance(2_000);
  expect(await host.api.getStatistics({ params })).toMatchObject({ policy: { decisions: 4, denied: 4 } });
  await host.api.stopSession({ params, query: {}, body: {} });
  await over(session);
  const file = await bytesOf(await host.api.downloadBundle({ params, query: {} }));
  const told = policyDetailsOf(file).details.filter((each) => each.type === 'decision');
  expect(told.map(({ action, reason }) => [action, reason])).toEqual([
    ['clipboard', 'toggle_off'],
    ['unknown', 'action_unknown'],
  ]);
  expect(await codeOf(check(session, clipboard))).toBe('wrong_state');
});

test('files and pointer events are counted', async () => {
  const session = await run({
    files: { upload: true, maxPerSession: 2 },
    input: { mouseRateHz: 3 },
  });
  const file = { kind: 'file', direction: 'upload', path: '/exchange/a.txt', sizeBytes: 1, replaces: false };
  const reasons = [];
  for (let at = 0; at < 3; at += 1) reasons.push((await check(session, file, 'blocked')).reason);
  for (let at = 0; at < 4; at += 1) reasons.push((await check(session, { kind: 'mouse' }, 'blocked')).reason);
  expect(reasons).toEqual([
    ...['allowed', 'allowed', 'too_many_files'],
    ...['allowed', 'allowed', 'allowed', 'rate_exceeded'],
  ]);
  await clock.advance(1_000);
  expect((await check(session, { kind: 'mouse' }, 'blocked')).reason).toBe('allowed');
  // A question counts nothing.
  expect((await check(session, { kind: 'mouse' })).reason).toBe('allowed');
});

test('the host opens a toggle for a while; nobody else, and nothing forged', async () => {
  const session = await run();
  const { host, user, params, sessionId, policyHash } = session;
  const nowUs = clock.nowMs() * 1_000;
  const statement = (by: Person) => ({
    ...{ format: 'lucid-approval/1' as const, sessionId, policyHash },
    ...{ opens: 'clipboard.hostToRemote' as const, fromUs: nowUs, untilUs: nowUs + 60 * SECOND_US },
    party: { kind: 'tron' as const, address: by.address },
  });
  const { opens, fromUs, untilUs } = statement(host);
  const text = new TextDecoder().decode(approvalBytes(statement(host)));
  const body = { opens, fromUs, untilUs, signature: host.sign(text) };
  expect(await codeOf(user.api.approve({ params, body }))).toBe('not_yours');
  const forged = await problemOf(host.api.approve({ params, body: { ...body, signature: user.sign(text) } }));
  expect([forged?.code, forged?.extensions.fault]).toEqual(['approval_refused', 'signature_invalid']);
  const longer = { ...body, untilUs: untilUs + 1 };
  expect(await codeOf(host.api.approve({ params, body: longer }))).toBe('approval_refused');

  expect((await check(session, clipboard)).decision).toBe('deny');
  expect((await host.api.approve({ params, body })).inForce).toBe(true);
  expect((await host.api.approve({ params, body })).inForce).toBe(true);
  expect(await check(session, clipboard)).toMatchObject({ decision: 'allow', reason: 'allowed_by_approval' });
  await clock.advance(60_000);
  expect((await check(session, clipboard)).decision).toBe('deny');
  await host.api.stopSession({ params, query: {}, body: {} });
  await over(session);
  const file = await bytesOf(await host.api.downloadBundle({ params, query: {} }));
  expect(policyDetailsOf(file).details.filter((each) => each.type === 'approval')).toHaveLength(1);
});

test('an approval that could not be entered into the evidence is not in force', async () => {
  const session = await run();
  const { host, params, sessionId, policyHash } = session;
  const nowUs = clock.nowMs() * 1_000;
  const opens = 'clipboard.hostToRemote' as const;
  const given = { opens, fromUs: nowUs, untilUs: nowUs + 60 * SECOND_US };
  const text = approvalBytes({
    ...{ format: 'lucid-approval/1', sessionId, policyHash, ...given },
    party: { kind: 'tron', address: host.address },
  });
  const body = { ...given, signature: host.sign(new TextDecoder().decode(text)) };
  world.fault.away.add('session-recorder');
  expect(await codeOf(host.api.approve({ params, body }))).toBe('unavailable');
  world.fault.away.clear();
  expect((await check(session, clipboard)).decision).toBe('deny');
  await host.api.approve({ params, body });
  expect((await check(session, clipboard)).decision).toBe('allow');
  await host.api.stopSession({ params, query: {}, body: {} });
  await over(session);
  const file = await bytesOf(await host.api.downloadBundle({ params, query: {} }));
  expect(policyDetailsOf(file).details.filter((each) => each.type === 'approval')).toHaveLength(1);
});

test.each([
  { kind: { toString: 1 } },
  { kind: ['key', 'x'] },
  { kind: '\u001b]0;x\u0007' },
  { kind: 'x'.repeat(40) },
  {},
])('an action of no kind that was done ends the session, and is told as unknown: %j', async (action) => {
  const session = await run();
  expect(await check(session, action, 'done')).toMatchObject({ reason: 'action_unknown', ended: true });
  await over(session);
  expect(await endOf(session)).toMatchObject({ reason: 'action_unknown', action: 'unknown' });
});

test('what another process ended is answered for by nobody', async () => {
  const session = await run();
  expect((await check(session, clipboard)).decision).toBe('deny');
  const rows = await world.own.collection<SessionRow>({
    name: 'user-sessions',
    key: (row) => row.sessionId,
    indexes: [{ name: 'run', fields: ['run', 'createdAtUs'] }],
  });
  const stored = await rows.get(session.sessionId);
  if (!stored) throw new Error('there is no row');
  await rows.replace({ ...stored.document, run: 'over' }, stored.version);
  await clock.advance(3_000);
  expect(await codeOf(check(session, clipboard))).toBe('wrong_state');
});

test('consents that do not hold are refused with their fault', async () => {
  const [host, user, other] = [world.person(), world.person(), world.person()];
  const parties = { host: host.address, user: user.address };
  const { sessionId } = await world.newSession(host, { policy: 'strict', parties });
  const second = await world.newSession(host, { policy: 'standard', parties });
  const params = { sessionId };
  const { toSign } = await user.api.getConsents({ params });
  const elsewhere = await user.api.getConsents({ params: { sessionId: second.sessionId } });
  const { acceptedAtUs = 0, text = '' } = toSign ?? {};
  const put = (signature: string, atUs = acceptedAtUs) =>
    problemOf(user.api.putConsent({ params, body: { acceptedAtUs: atUs, signature } }));
  expect((await put(other.sign(text)))?.extensions.fault).toBe('signature_invalid');
  expect((await put(user.sign(elsewhere.toSign?.text ?? '')))?.extensions.fault).toBe('signature_invalid');
  expect((await put(user.sign(text), acceptedAtUs + 3600 * SECOND_US))?.extensions.fault).toBe(
    'accepted_late',
  );
  expect((await put(user.sign(text), 0))?.extensions.fault).toBe('accepted_early');
  expect(await put(user.sign(text).toUpperCase().replace('0X', '0x'))).toBeNull();
  // Nothing to sign twice, and nothing for who is no party.
  expect((await user.api.getConsents({ params })).toSign).toBeUndefined();
  const plain = await world.newSession(host);
  expect(await codeOf(host.api.getConsents({ params: { sessionId: plain.sessionId } }))).toBe('policy_none');
  expect(await codeOf(host.api.getPolicy({ params: { sessionId: plain.sessionId } }))).toBe('policy_none');
});

test('a consent that grew old is told at the start', async () => {
  const [host, user] = [world.person(), world.person()];
  const policy = customPolicy({ time: patient });
  const sessionId = await world.agreed(host, user, { policy });
  const rows = await world.own.collection<SessionRow>({
    name: 'user-sessions',
    key: (row) => row.sessionId,
    indexes: [{ name: 'run', fields: ['run', 'createdAtUs'] }],
  });
  const stored = await rows.get(sessionId);
  if (!stored) throw new Error('there is no row');
  const consents = stored.document.consents.map((each) => ({ ...each, acceptedAtUs: each.acceptedAtUs - 1 }));
  await rows.replace({ ...stored.document, consents }, stored.version);
  const refused = await problemOf(host.api.startSession({ params: { sessionId } }));
  expect([refused?.code, refused?.extensions.fault]).toEqual(['consent_refused', 'signature_invalid']);
});

test('no session runs whose policy could not be entered into its evidence', async () => {
  const [host, user] = [world.person(), world.person()];
  const sessionId = await world.agreed(host, user);
  world.fault.away.add('session-recorder');
  expect(await codeOf(host.api.startSession({ params: { sessionId } }))).toBe('unavailable');
  world.fault.away.clear();
  const session = { host, user, sessionId, params: { sessionId }, policyHash: '' };
  expect(await over(session)).toMatchObject({ state: 'completed' });
  expect((await host.api.getSession({ params: { sessionId } })).reason).toMatch(/could not be entered/);
});

test.each(['session-orchestrator', 'session-recorder'])(
  'a session that is to end ends, though %s is away when it should',
  async (service) => {
    const session = await run();
    const { params } = session;
    world.fault.away.add(service);
    expect(await codeOf(check(session, clipboard, 'done'))).toBe('unavailable');
    await clock.advance(3_000);
    world.fault.away.clear();
    expect(await over(session)).toMatchObject({ reason: 'policy: toggle_off (clipboard)' });
    expect(await codeOf(session.host.api.resumeSession({ params }))).toBe('wrong_state');
  },
);

test('a session that is to end ends, though there is no room to say why in an event', async () => {
  const session = await run();
  world.fault.answers.set('session-recorder', 'store_full');
  expect(await codeOf(check(session, clipboard, 'done'))).not.toBe('none');
  expect(await over(session)).toMatchObject({ reason: 'policy: toggle_off (clipboard)' });
});

test('own policies are kept under their hash, and judged', async () => {
  const who = world.person();
  const policy = { ...customPolicy({ time: patient }) } as Record<string, unknown>;
  const kept = await who.api.storePolicy({ body: { name: 'office', policy } });
  expect((await who.api.storePolicy({ body: { name: 'office two', policy } })).policyHash).toBe(
    kept.policyHash,
  );
  const { policies } = await who.api.listPolicies({});
  expect(policies.map(({ name }) => name)).toEqual(['strict', 'standard', 'office two']);
  expect(await codeOf(who.api.storePolicy({ body: { name: 'bad', policy: { format: 'x' } } }))).toBe(
    'policy_unsound',
  );
  expect((await world.person().api.listPolicies({})).policies).toHaveLength(2);
  const params = { policyHash: kept.policyHash };
  expect(await codeOf(world.person().api.deletePolicy({ params }))).toBe('policy_unknown');
  expect(await codeOf(who.api.deletePolicy({ params }))).toBe('none');
  expect((await who.api.listPolicies({})).policies).toHaveLength(2);
});
