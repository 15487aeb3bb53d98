/** Resources: ownership, profiles, bound tokens, ETags, manifests, proofs, the chain, policies. */
import { createHash } from 'node:crypto';
import { bytesToBase64, utf8ToBytes } from '@lucid/bytes';
import { apiServerContract } from '@lucid/contracts';
import { namedPolicies } from '@lucid/control-policy';
import { canonicalJson } from '@lucid/jcs';
import { LIMITS } from '../src/limits.ts';
import { ledgerNote } from './services-behind.ts';
import { alice, bob, createWorld, newSession, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const admin = { role: 'ADMIN', profile: 'admin' } as const;
const hash = 'ab'.repeat(32);

function anchored(sessionId: string) {
  const entry = bytesToBase64(utf8ToBytes(JSON.stringify({ type: 'SessionRegistered', sessionId })));
  const place = { index: 3, inclusion: [hash], checkpoint: 'note\n' };
  const anchor = { format: 'lucid-anchor/1', kind: 'ledger', ledger: 'x', entry, ...place } as const;
  return { sessionId, status: 'confirmed', attempts: 1, anchor } as const;
}

/** Of the chain; what its event says is no JSON, so there is no `document`. */
test('an anchor on the chain is shown as it is', async () => {
  const { sessionId } = world.sessions.add(alice);
  const proofs = { transactionIndex: 0, transactionProof: ['AA=='], receiptProof: ['AA=='], logIndex: 0 };
  const place = { ledger: 'x', index: 3, inclusion: [hash], checkpoint: 'note\n' };
  const chainAnchor = {
    ...({ format: 'lucid-anchor/2', kind: 'chain' } as const),
    ...{ chainId: 1337, contract: '00'.repeat(20), header: 'AA==', ...proofs, ...place },
    batch: { count: 2, index: 1, leaf: 'AA==', path: [hash] },
  };
  const status = { status: 'confirmed', attempts: 1, transactionHash: `0x${hash}`, blockHeight: 7 } as const;
  world.chain.anchors.set(sessionId, { sessionId, ...status, chainAnchor });
  const { json } = await world.ask(`/chain/anchors/${sessionId}`);
  expect(json).toEqual({ kind: 'anchor', id: sessionId, ...status, chainAnchor });
});

test('what is not the caller’s is not there, by any way', async () => {
  const { sessionId } = world.sessions.add(bob, { manifestHash: hash });
  world.sessions.manifests.set(sessionId, utf8ToBytes('{}'));
  world.chain.anchors.set(sessionId, anchored(sessionId));
  for (const path of [
    `/sessions/${sessionId}`,
    `/sessions/${sessionId}/proof`,
    `/manifests/${sessionId}`,
    `/manifests/${sessionId}/bytes`,
    `/chain/anchors/${sessionId}`,
  ]) {
    const answer = await world.ask(path);
    expect([path, answer.status, answer.code]).toEqual([path, 404, 'session_unknown']);
    expect((await world.ask(path, { as: bob })).status).toBe(200);
  }
  for (const step of ['start', 'pause', 'resume', 'archive', 'restore'])
    expect((await world.ask(`/sessions/${sessionId}/${step}`, { method: 'POST' })).code).toBe(
      'session_unknown',
    );
  expect((await world.ask('/sessions')).json.items).toEqual([]);
  expect((await world.ask('/sessions/batch', { body: { ids: [sessionId] } })).json.missing).toEqual([
    sessionId,
  ]);
  // The chain is asked only once it is known whose the session is.
  expect(world.chain.hooks.calls.map(({ caller }) => caller)).toEqual(['api-server', 'api-server']);
});

test('the services behind see the account itself, and api-server only at the chain', async () => {
  const { sessionId } = world.sessions.add(alice);
  await world.ask('/sessions', { body: newSession });
  await world.ask(`/sessions/${sessionId}/stop`, { body: { reason: 'enough' } });
  await world.ask(`/sessions/${sessionId}?reason=gone`, { method: 'DELETE' });
  const { calls } = world.sessions.hooks;
  expect(calls.map(({ operation }) => operation)).toEqual(['createSession', 'stopSession', 'deleteSession']);
  expect(calls.every(({ caller, account }) => caller === 'account' && account === alice)).toBe(true);
  expect(calls[1]?.input).toMatchObject({ body: { reason: 'enough' } });
  expect(calls[2]?.input).toMatchObject({ query: { reason: 'gone' } });
});

test.each([
  ['start', 'recording'],
  ['pause', 'paused'],
  ['resume', 'recording'],
  ['stop', 'completed'],
])('%s answers the session as it is then', async (step, state) => {
  const { sessionId } = world.sessions.add(alice);
  const body = step === 'stop' ? { body: {} } : {};
  const answer = await world.ask(`/sessions/${sessionId}/${step}`, { method: 'POST', ...body });
  expect([answer.status, answer.json]).toEqual([
    200,
    expect.objectContaining({ kind: 'session', id: sessionId, state }),
  ]);
});

test('archive and restore', async () => {
  const { sessionId } = world.sessions.add(alice);
  const post = { method: 'POST' };
  expect((await world.ask(`/sessions/${sessionId}/archive`, post)).json.archivedAtUs).toBe(5);
  expect((await world.ask(`/sessions/${sessionId}/restore`, post)).json).not.toHaveProperty('archivedAtUs');
});

test('the profile node reaches the chain and users here, but no session', async () => {
  const { sessionId } = world.sessions.add(alice);
  const claims = { role: 'NODE_OPERATOR', profile: 'node' } as const;
  world.users.rows.set(alice, { address: alice, role: 'USER', status: 'active', totp: false, createdAt: 1 });
  for (const path of ['/sessions', `/sessions/${sessionId}`, `/sessions/${sessionId}/proof`, '/policies'])
    expect([path, (await world.ask(path, { claims })).status]).toEqual([path, 403]);
  expect((await world.ask('/sessions', { claims, body: newSession })).status).toBe(403);
  expect((await world.ask('/sessions/batch', { claims, body: { ids: [sessionId] } })).status).toBe(403);
  expect((await world.ask('/users/me', { claims })).status).toBe(200);
  expect(world.sessions.hooks.calls).toEqual([]);
});

test('a proof token for one session reads that one and nothing else', async () => {
  const mine = world.sessions.add(alice).sessionId;
  const other = world.sessions.add(alice).sessionId;
  const claims = { scope: 'proof', session: mine } as const;
  for (const path of [`/sessions/${mine}`, `/sessions/${mine}/proof`])
    expect((await world.ask(path, { claims })).status).toBe(200);
  for (const path of [
    `/sessions/${other}`,
    `/sessions/${other}/proof`,
    '/sessions',
    '/users/me',
    '/chain/checkpoint',
  ])
    expect([path, (await world.ask(path, { claims })).status]).toEqual([path, 403]);
  expect((await world.ask('/sessions/batch', { claims, body: { ids: [mine] } })).status).toBe(403);
  expect((await world.ask(`/sessions/${mine}/start`, { claims, method: 'POST' })).status).toBe(403);
});

test('ETag: what the caller has is not sent again; a change is', async () => {
  const { sessionId } = world.sessions.add(alice);
  const path = `/sessions/${sessionId}`;
  const first = await world.ask(path);
  const tag = String(first.headers.get('etag'));
  expect(first.headers.get('cache-control')).toBe('private, no-cache');
  const again = await world.ask(path, { headers: { 'if-none-match': tag } });
  expect([again.status, again.text]).toEqual([304, '']);
  await world.ask(`${path}/start`, { method: 'POST' });
  const changed = await world.ask(path, { headers: { 'if-none-match': tag } });
  expect([changed.status, changed.json.state]).toEqual([200, 'recording']);
  expect((await world.ask(path, { method: 'HEAD' })).headers.get('etag')).toBe(changed.headers.get('etag'));
});

test('a manifest read and as bytes: the hash is of the bytes', async () => {
  const { sessionId } = world.sessions.add(alice);
  const text = '{"a":1,"b":["x"]}';
  world.sessions.manifests.set(sessionId, utf8ToBytes(text));
  const sha256 = createHash('sha256').update(text).digest('hex');
  expect((await world.ask(`/manifests/${sessionId}`)).json).toEqual({
    ...{ kind: 'manifest', id: sessionId, hash: sha256, sizeBytes: text.length },
    manifest: { a: 1, b: ['x'] },
  });
  expect((await world.ask(`/manifests/${sessionId}/bytes`)).text).toBe(text);
  world.sessions.manifests.set(sessionId, utf8ToBytes('["no object"]'));
  expect((await world.ask(`/manifests/${sessionId}`)).status).toBe(500);
});

test('the proof of a session grows with it, and ends with its tombstone', async () => {
  const { sessionId } = world.sessions.add(alice, { state: 'recording' });
  const path = `/sessions/${sessionId}/proof`;
  world.sessions.hooks.refuse('getMerkleProof', 'record_unknown');
  expect((await world.ask(path)).json).toEqual({ kind: 'session-proof', id: sessionId, state: 'recording' });
  world.sessions.hooks.before.clear();
  const tree = { size: 7, root: 'cd'.repeat(32), checkpoint: 'signed\n' };
  expect((await world.ask(path)).json).toEqual({
    kind: 'session-proof',
    id: sessionId,
    state: 'recording',
    tree,
  });

  const done = { manifestHash: hash, merkleRoot: hash, policyHash: hash, state: 'completed' } as const;
  const row = world.sessions.rows.get(sessionId);
  if (row) world.sessions.rows.set(sessionId, { ...row, ...done, anchored: true });
  const status = anchored(sessionId);
  world.chain.anchors.set(sessionId, status);
  const { sessionId: _id, ...shown } = status;
  const anchor = { ...shown, document: { type: 'SessionRegistered', sessionId } };
  expect((await world.ask(path)).json).toEqual({
    kind: 'session-proof',
    id: sessionId,
    ...done,
    tree,
    anchor,
  });
  expect((await world.ask(`/chain/anchors/${sessionId}`)).json).toEqual({
    kind: 'anchor',
    id: sessionId,
    ...anchor,
  });

  if (row) world.sessions.rows.set(sessionId, { ...row, state: 'deleted' });
  world.chain.deletions.set(sessionId, { sessionId, status: 'pending', attempts: 0 });
  world.sessions.hooks.refuse('getMerkleProof', 'session_deleted');
  expect((await world.ask(path)).json).toMatchObject({
    state: 'deleted',
    deletion: { status: 'pending', attempts: 0 },
  });
});

test('the ledger: its head read out of the note, entries for who may see them', async () => {
  const { note, root } = ledgerNote(42);
  world.chain.note = utf8ToBytes(note);
  expect((await world.ask('/chain/checkpoint')).json).toEqual({
    ...{ kind: 'ledger-checkpoint', id: '42', origin: 'lucid.invalid/ledger', size: 42 },
    ...{ root: bytesToBase64(root), note },
  });
  const proof = { index: 0, leafHash: hash, inclusion: [], checkpoint: note };
  world.chain.entries.push(
    { ...proof, entry: bytesToBase64(utf8ToBytes('{"type":"x"}')) },
    { ...proof, index: 1, entry: bytesToBase64(new Uint8Array([255, 0])) },
  );
  expect((await world.ask('/chain/entries/0')).code).toBe('forbidden');
  const first = await world.ask('/chain/entries/0', { claims: admin });
  expect(first.json).toMatchObject({ kind: 'ledger-entry', id: '0', index: 0, document: { type: 'x' } });
  expect((await world.ask('/chain/entries/1', { claims: admin })).json).not.toHaveProperty('document');
  expect((await world.ask('/chain/entries/2', { claims: admin })).code).toBe('not_in_log');
  world.chain.note = utf8ToBytes('no note');
  expect((await world.ask('/chain/checkpoint')).status).toBe(500);
});

test('a policy document is judged here: sound with hash and canonical text, or why not', async () => {
  const policy = namedPolicies.strict;
  const check = (given: unknown) => world.ask('/policies/check', { body: { policy: given } });
  const turned = Object.fromEntries(Object.entries(policy).reverse());
  const { json } = await check(turned);
  const canonical = canonicalJson(policy);
  expect(json).toEqual({
    sound: true,
    policyHash: createHash('sha256').update(`lucid/policy/v1\0${canonical}`).digest('hex'),
    canonical,
  });
  for (const wrong of [{}, { ...policy, extra: 1 }, { ...policy, profile: 'standard' }, { a: '\ud800' }])
    expect((await check(wrong)).json).toEqual({ sound: false, detail: expect.any(String) });
  expect(world.sessions.hooks.calls).toEqual([]);
});

test('policies: stored, found, forgotten', async () => {
  const made = await world.ask('/policies', { body: { name: 'mine', policy: { x: 1 } } });
  expect([made.status, made.json]).toEqual([
    201,
    expect.objectContaining({ kind: 'policy', id: hash, owner: alice }),
  ]);
  expect((await world.ask(`/policies/${hash}`)).json).toEqual(made.json);
  expect((await world.ask(`/policies/${hash}`, { method: 'DELETE' })).status).toBe(204);
  expect((await world.ask(`/policies/${hash}`)).code).toBe('policy_unknown');
});

test('users: oneself, others for administrators only', async () => {
  const user = { role: 'USER', status: 'active', totp: false, createdAt: 1 } as const;
  world.users.rows.set(alice, { ...user, address: alice });
  world.users.rows.set(bob, { ...user, address: bob, displayName: 'Bob' });
  expect((await world.ask('/users/me')).json).toMatchObject({
    kind: 'user',
    id: alice,
    createdAtUs: 1_000_000,
  });
  expect((await world.ask('/users')).code).toBe('forbidden');
  expect((await world.ask(`/users/${bob}`)).code).toBe('forbidden');
  expect((await world.ask(`/users/${bob}`, { claims: admin })).json).toMatchObject({
    id: bob,
    displayName: 'Bob',
  });
});

test('meta', async () => {
  const { version } = apiServerContract;
  expect((await world.ask('/meta/version')).json).toEqual({ service: 'api-server', version });
  expect((await world.ask('/meta/limits')).json).toEqual(LIMITS);
  const { resources } = (await world.ask('/meta/info')).json;
  const paths = Object.values(apiServerContract.operations).map(({ path }) => path.split('/')[1]);
  expect([...new Set(paths)].sort()).toEqual([...resources].sort());
});
