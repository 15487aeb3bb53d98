import { bytesToUtf8 } from '@lucid/bytes';
import { ChunkStoreError } from '@lucid/chunk-store';
import { sessionEncryptorContract } from '@lucid/contracts';
import { generateIdentity } from '@lucid/recipients';
import { ProblemError } from '@lucid/service-kit';
import {
  createWorld,
  type Orchestrator,
  problemOf,
  recordSession,
  stopSession,
  type World,
} from './world.ts';

let world: World;
let orchestrator: Orchestrator;
beforeEach(async () => {
  world = await createWorld();
  orchestrator = await world.startOrchestrator();
});
afterEach(() => world.close());

const stop = (sessionId: string, body?: Parameters<typeof stopSession>[2]) =>
  stopSession(orchestrator, sessionId, body);
const recorded = (more?: object) => recordSession(world, orchestrator, more);

describe('retries and dead letters', () => {
  test('a step that fails for a while is tried again', async () => {
    const sessionId = await recorded();
    let failures = 5;
    orchestrator.gate.fault = (name, moment) => {
      if (name === 'finalizeTree' && moment === 'before' && failures-- > 0)
        throw new ProblemError('unavailable');
    };
    expect((await stop(sessionId)).state).toBe('completed');
    expect(orchestrator.gate.calls.filter((name) => name === 'finalizeTree')).toHaveLength(6);
  });

  test('a step that fails for good is a dead letter with its reason; retried, it goes on at that step', async () => {
    const sessionId = await recorded();
    orchestrator.gate.fault = (name) => {
      if (name === 'registerSession')
        throw new ProblemError('anchor_conflict', { remote: 'on-system-chain-client' });
    };
    const failed = await stop(sessionId);
    expect(failed).toMatchObject({
      state: 'failed',
      step: 'anchor',
      fault: 'contradiction',
      reason: 'anchor: on-system-chain-client answered anchor_conflict',
    });
    const { deadLetters } = await orchestrator.client.listDeadLetters();
    expect(deadLetters).toEqual([
      {
        ...{ sessionId, step: 'anchor', attempts: 1, fault: 'contradiction', reason: failed.reason },
        sinceUs: failed.deadSinceUs,
      },
    ]);
    expect(failed.deadSinceUs).toBeGreaterThan(failed.createdAtUs);
    orchestrator.gate.fault = () => {};
    const before = orchestrator.gate.calls.length;
    expect((await orchestrator.client.retryDeadLetter({ params: { sessionId } })).state).toBe('processing');
    await orchestrator.stack.idle();
    const done = await orchestrator.client.getSession({ params: { sessionId } });
    expect(done.state).toBe('completed');
    expect(done.reason).toBeUndefined();
    expect(done.deadSinceUs).toBeUndefined();
    expect(orchestrator.gate.calls.slice(before)).not.toContain('finalizeTree');
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
    expect((await orchestrator.client.listDeadLetters()).deadLetters).toEqual([]);
    expect(await problemOf(orchestrator.client.retryDeadLetter({ params: { sessionId } }))).toBe('not_dead');
  });

  test.each([
    ['store_full', new ProblemError('store_full', { remote: 'session-recorder' })],
    ['store_full', new ChunkStoreError('store_full')],
    ['unavailable', new ProblemError('deadline_exceeded', { remote: 'session-recorder' })],
    ['internal', new Error('a bug')],
  ])('a session tells %s while its step is tried again, and no longer', async (fault, error) => {
    const sessionId = await recorded();
    const params = { sessionId };
    let told: string | undefined;
    orchestrator.gate.fault = (name) => {
      if (name === 'stopRecording') throw error;
    };
    await orchestrator.client.stopSession({ params, query: {}, body: { closed: 'ended' } });
    while (!told) ({ fault: told } = await orchestrator.client.getSession({ params }));
    expect(told).toBe(fault);
    orchestrator.gate.fault = () => {};
    const done = await stop(sessionId);
    expect(done.state).toBe('completed');
    expect(done).not.toHaveProperty('fault');
  });

  test('a step is given up after its last try', async () => {
    const sessionId = await recorded();
    orchestrator.gate.fault = (name) => {
      if (name === 'finish') throw new Error('disk on fire');
    };
    expect(await stop(sessionId)).toMatchObject({ state: 'failed', step: 'bundle', fault: 'internal' });
    expect((await orchestrator.client.listDeadLetters()).deadLetters[0]?.attempts).toBe(20);
  });
});

describe('granting', () => {
  test('a refreshed bundle has the new recipient and still verifies', async () => {
    const sessionId = await recorded();
    const params = { sessionId };
    await stop(sessionId);
    const before = await world.bundle(sessionId);
    const other = await generateIdentity();
    const encryptor = world.clientOf(sessionEncryptorContract, 'operator');
    const { wraps } = await encryptor.getRecipients({ params });
    await encryptor.grantRecipient({ params, body: { ...wraps[0], recipient: other.recipient } as never });
    expect((await orchestrator.client.refreshBundle({ params })).state).toBe('completed');
    const after = await world.bundle(sessionId);
    expect(Buffer.from(after as Uint8Array).includes(other.recipient)).toBe(true);
    expect(Buffer.from(before as Uint8Array).includes(other.recipient)).toBe(false);
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
  });

  test('the chain being away does not keep a bundle from being refreshed', async () => {
    const sessionId = await recorded();
    await stop(sessionId);
    orchestrator.gate.fault = (name) => {
      if (name === 'refreshAnchor') throw new ProblemError('unavailable');
    };
    await orchestrator.client.refreshBundle({ params: { sessionId } });
    expect(await world.verify(sessionId)).toMatchObject({ ok: true });
  });
});

describe('deletion', () => {
  test('destroys records, keys and tree, and leaves a tombstone in the ledger', async () => {
    const sessionId = await recorded({ title: 'private title' });
    const params = { sessionId };
    const done = await stop(sessionId);
    const gone = await orchestrator.client.deleteSession({
      params,
      query: { reason: 'asked for', by: 'the owner' },
    });
    expect(gone).toMatchObject({ state: 'deleted', reason: 'asked for' });
    expect([gone.title, gone.bundle, gone.step]).toEqual([undefined, undefined, undefined]);
    expect(world.chunks.has(sessionId)).toBe(false);
    const encryptor = world.clientOf(sessionEncryptorContract, 'operator');
    expect(await problemOf(encryptor.getRecipients({ params }))).toBe('session_unknown');
    const anchor = JSON.parse(bytesToUtf8(await orchestrator.client.getTombstone({ params })));
    expect(JSON.parse(Buffer.from(anchor.entry, 'base64').toString())).toMatchObject({
      type: 'SessionDeleted',
      sessionId,
      by: 'the owner',
      reason: 'asked for',
      manifestHash: done.manifestHash,
    });
    expect(await orchestrator.client.deleteSession({ params, query: { reason: 'again' } })).toEqual(gone);
    expect(await problemOf(orchestrator.client.getManifest({ params }))).toBe('session_deleted');
    expect(await problemOf(orchestrator.client.refreshBundle({ params }))).toBe('session_deleted');
    expect(await problemOf(orchestrator.client.startSession({ params }))).toBe('wrong_state');
    expect(await problemOf(stop(sessionId))).toBe('wrong_state');
    expect((await world.ledgerEntries()).map(({ type }) => type)).toEqual([
      'SessionRegistered',
      'SessionDeleted',
    ]);
    expect(JSON.stringify([...world.documents].map(([, rows]) => [...rows]))).not.toContain('private title');
  });

  test('of a session that never began', async () => {
    const { sessionId } = await world.newSession(orchestrator);
    const gone = await orchestrator.client.deleteSession({
      params: { sessionId },
      query: { reason: 'unused' },
    });
    expect(gone.state).toBe('deleted');
    expect((await world.ledgerEntries()).map(({ by }) => by)).toEqual(['operator']);
  });

  test('of a dead letter ends its being one', async () => {
    const sessionId = await recorded();
    orchestrator.gate.fault = (name) => {
      if (name === 'registerSession')
        throw new ProblemError('anchor_conflict', { remote: 'on-system-chain-client' });
    };
    await stop(sessionId);
    orchestrator.gate.fault = () => {};
    await orchestrator.client.deleteSession({ params: { sessionId }, query: { reason: 'hopeless' } });
    expect((await orchestrator.client.listDeadLetters()).deadLetters).toEqual([]);
  });
});
