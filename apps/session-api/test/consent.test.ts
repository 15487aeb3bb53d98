/** Two parties, one policy: from the proposal to the reason in the evidence. */

import { sessionOrchestratorContract } from '@lucid/contracts';
import { readPolicyEvidence } from '@lucid/control-policy';
import { createBytesReader, verdictToText, verifyBundle } from '@lucid/verifier';
import { verifyTron } from '../src/domain/dependencies.ts';
import { policyDetailsOf } from './bundle-events.ts';
import { bytesOf, codeOf, createWorld, ledgerKey, problemOf, recorderKey, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.close());

test('host proposes, user signs, session starts, policy broken, session ends with the reason in the evidence', async () => {
  const [host, user] = [world.person(), world.person()];
  const parties = { host: host.address, user: user.address };
  const made = await world.newSession(host, { policy: 'standard', parties, title: 'support' });
  const { sessionId } = made;
  const params = { sessionId };
  expect(made.policyHash).toMatch(/^[0-9a-f]{64}$/);

  const early = await problemOf(host.api.startSession({ params }));
  expect([early?.code, early?.extensions.role]).toEqual(['consent_missing', 'host']);
  await world.consent(host, sessionId);
  const half = await problemOf(host.api.startSession({ params }));
  expect([half?.code, half?.extensions.role]).toEqual(['consent_missing', 'user']);
  await world.consent(user, sessionId);
  // Nobody goes round it.
  const orchestrator = world.clientOf(sessionOrchestratorContract);
  expect(await codeOf(orchestrator.startSession({ params }))).toBe('consent_needed');

  expect((await host.api.startSession({ params })).state).toBe('recording');
  await world.capture(sessionId, new Uint8Array(100_000).fill(65));
  const key = { action: { kind: 'key', key: 'a' } };
  expect(await host.api.checkPolicy({ params, body: { ...key, attempted: 'blocked' } })).toMatchObject({
    decision: 'allow',
    ended: false,
  });
  const clipboard = { kind: 'clipboard', direction: 'hostToRemote', sizeBytes: 10, type: 'text/plain' };
  expect(
    await host.api.checkPolicy({ params, body: { action: clipboard, attempted: 'done' } }),
  ).toMatchObject({
    decision: 'deny',
    reason: 'toggle_off',
    ended: true,
  });

  const session = await world.settled(sessionId);
  expect(session).toMatchObject({
    state: 'completed',
    closed: 'interrupted',
    reason: 'policy: toggle_off (clipboard)',
  });
  const file = await bytesOf(await user.api.downloadBundle({ params, query: {} }));
  const verdict = await verifyBundle(createBytesReader(file), {
    recall: () => ({ recorderKeys: [recorderKey], ledgerKeys: [ledgerKey] }),
  });
  // What a stranger is told who has the file alone.
  expect(verdict).toMatchObject({
    ok: true,
    summary: {
      policy: {
        ...{ policyHash: made.policyHash, profile: 'standard', consentFault: null, approvals: 0 },
        consent: { host: host.address, user: user.address },
        ended: 'toggle_off',
      },
    },
  });
  expect(verdictToText('session.lucid', verdict)).toContain(
    `consent     host ${host.address}\n            user ${user.address}`,
  );

  const { header, details } = policyDetailsOf(file);
  expect(header.policyHash).toBe(made.policyHash);
  const { policyHash = '', startedAtUs } = header;
  const evidence = readPolicyEvidence({ sessionId, policyHash, startedAtUs, details, verifyTron });
  expect(evidence).toMatchObject({
    consent: { agreed: true, host: host.address, user: user.address },
    ended: 'toggle_off',
  });
  expect(evidence.policy?.policy.profile).toBe('standard');
  expect(evidence.terms).toContain('recorded as evidence');
});
