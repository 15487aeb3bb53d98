/** What remains of the declared problems, and what a process that died leaves to the next. */
import { sessionOrchestratorContract } from '@lucid/contracts';
import { approvalBytes, customPolicy } from '@lucid/control-policy';
import { createManualClock } from '@lucid/service-kit/testing';
import { openOwnerStore } from '../src/store/owner-store.ts';
import type { SessionRow } from '../src/store/session-row.ts';
import { policyDetailsOf } from './bundle-events.ts';
import { bytesOf, codeOf, createWorld, type World } from './world.ts';

const clock = createManualClock();
let world: World;
beforeAll(async () => {
  world = await createWorld({
    clock,
    environment: { SESSION_API_ENFORCE_MS: '60000', SESSION_API_SESSIONS_PER_USER: '2' },
  });
});
afterAll(() => world?.close());

const days = [1, 2, 3, 4, 5, 6, 7];
const patient = {
  longestMs: 86_400_000,
  idleMs: 86_400_000,
  windows: [{ days, fromMinute: 0, untilMinute: 1440 }],
};
const policyOf = (longestMs: number) => ({ ...customPolicy({ time: { ...patient, longestMs } }) });
const rowsOf = () =>
  world.own.collection<SessionRow>({
    name: 'user-sessions',
    key: (row) => row.sessionId,
    indexes: [{ name: 'run', fields: ['run', 'createdAtUs'] }],
  });

test('an account keeps a hundred policies', async () => {
  const who = world.person();
  const store = (at: number) =>
    codeOf(who.api.storePolicy({ body: { name: `p${at}`, policy: policyOf(1000 + at) } }));
  for (let at = 0; at < 100; at += 1) expect(await store(at)).toBe('none');
  expect(await store(100)).toBe('too_many_policies');
  expect(await store(7)).toBe('none');
  const { policies } = await who.api.listPolicies({});
  const last = policies.find(({ name }) => name === 'p99');
  await who.api.deletePolicy({ params: { policyHash: last?.policyHash ?? '' } });
  await Promise.all(Array.from({ length: 8 }, (_, at) => store(200 + at)));
  expect((await who.api.listPolicies({})).policies.length).toBeLessThanOrEqual(102);
});

test('a session has sixty-four approvals', async () => {
  const [host, user] = [world.person(), world.person()];
  const sessionId = await world.agreed(host, user, { policy: policyOf(86_400_000) });
  const params = { sessionId };
  const { policyHash = '' } = await host.api.startSession({ params });
  const approve = (at: number) => {
    const opens = 'devices.camera' as const;
    const times = { fromUs: at, untilUs: at + 1 };
    const party = { kind: 'tron' as const, address: host.address };
    const statement = { format: 'lucid-approval/1' as const, sessionId, policyHash, opens, ...times, party };
    const signature = host.sign(new TextDecoder().decode(approvalBytes(statement)));
    return codeOf(host.api.approve({ params, body: { opens, ...times, signature } }));
  };
  for (let at = 0; at < 64; at += 1) expect(await approve(at)).toBe('none');
  expect(await approve(64)).toBe('too_many_approvals');
  expect(await approve(3)).toBe('none');
});

test('the archive frees a place, which must be free again to come out', async () => {
  const who = world.person();
  const made = [(await world.newSession(who)).sessionId, (await world.newSession(who)).sessionId];
  expect(await codeOf(world.newSession(who))).toBe('too_many_sessions');
  const params = { sessionId: made[0] as string };
  await who.api.startSession({ params });
  await who.api.stopSession({ params, query: {}, body: {} });
  for (let step = 0; step < 200; step += 1) {
    if ((await who.api.getSession({ params })).state === 'completed') break;
    await clock.advance(100);
  }
  await who.api.archiveSession({ params });
  expect(await codeOf(world.newSession(who))).toBe('none');
  expect(await codeOf(who.api.restoreSession({ params }))).toBe('too_many_sessions');
});

test('an id that was not used for eight hours cannot be started, and is forgotten', async () => {
  const [host, user] = [world.person(), world.person()];
  const sessionId = await world.agreed(host, user, { policy: policyOf(86_400_000) });
  await clock.advance(8 * 3_600_000 + 60_000);
  const fresh = host.as({});
  expect(await codeOf(fresh.startSession({ params: { sessionId } }))).toBe('wrong_state');
});

test('damage of what is stored, and a full store, are told as that', async () => {
  const who = world.person();
  const { sessionId } = await world.newSession(who);
  const params = { sessionId };
  world.fault.answers.set('session-orchestrator', 'store_full');
  expect(await codeOf(world.newSession(who))).toBe('store_full');
  world.fault.answers.clear();
  await who.api.startSession({ params });
  world.fault.answers.set('session-encryptor', 'record_damaged');
  expect(await codeOf(who.api.getChunk({ params: { sessionId, index: 0 } }))).toBe('record_damaged');
  world.fault.answers.clear();
  expect(await codeOf(who.api.getChunk({ params: { sessionId, index: 0 } }))).toBe('none');
});

test('a session under a policy whose row is gone is ended, and its evidence stays', async () => {
  const [host, user] = [world.person(), world.person()];
  const sessionId = await world.agreed(host, user, { policy: policyOf(86_400_000) });
  await host.api.startSession({ params: { sessionId } });
  await (await rowsOf()).remove(sessionId);
  await clock.advance(120_000);
  const orchestrator = world.clientOf(sessionOrchestratorContract);
  const session = () => orchestrator.getSession({ params: { sessionId } });
  for (let step = 0; step < 200 && (await session()).state !== 'completed'; step += 1)
    await clock.advance(1_000);
  expect(await session()).toMatchObject({ state: 'completed', closed: 'interrupted' });
  const bundle = await bytesOf(await orchestrator.readBundle({ params: { sessionId }, query: {} }));
  const told = policyDetailsOf(bundle).details.map(({ type }) => type);
  expect(told).toEqual(expect.arrayContaining(['policy', 'terms', 'consent']));
});

test('sessions that were made and never started do not hold their places for ever', async () => {
  const who = world.person();
  const { idempotency } = await openOwnerStore(world.own);
  for (let at = 0; at < 2; at += 1) await world.newSession(who, { idempotencyKey: `unused-${at}` });
  expect(await idempotency.get(`${who.address} unused-0`)).not.toBeNull();
  expect(await codeOf(world.newSession(who))).toBe('too_many_sessions');
  for (let hour = 0; hour < 26; hour += 1) await clock.advance(3_600_000);
  const later = { ...who, api: who.as({}) };
  expect(await codeOf(world.newSession(later))).toBe('none');
  expect(await codeOf(world.newSession(later))).toBe('none');
  expect(await idempotency.get(`${who.address} unused-0`)).toBeNull();
});

test('a start whose process died before policy and consents were told is ended', async () => {
  const [host, user] = [world.person(), world.person()];
  const sessionId = await world.agreed(host, user, { policy: policyOf(86_400_000) });
  const params = { sessionId };
  await host.api.startSession({ params });
  const rows = await rowsOf();
  const stored = await rows.get(sessionId);
  if (!stored) throw new Error('there is no row');
  // As it was when the process died.
  await rows.replace({ ...stored.document, run: 'starting' }, stored.version);
  const action = { kind: 'mouse' };
  for (let step = 0; step < 200; step += 1) {
    if ((await host.api.getSession({ params })).state === 'completed') break;
    await clock.advance(60_000);
  }
  const over = await host.api.getSession({ params });
  expect(over).toMatchObject({ state: 'completed', closed: 'interrupted' });
  expect(over.reason).toMatch(/could not be entered/);
  expect(await codeOf(host.api.checkPolicy({ params, body: { action } }))).toBe('wrong_state');
  expect((await bytesOf(await host.api.downloadBundle({ params, query: {} }))).length).toBeGreaterThan(1000);
});
