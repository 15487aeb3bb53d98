/** A session from its creation to its proof through the application API, with the real services behind; what is shown proves itself. */
import { base64ToBytes, hexToBytes } from '@lucid/bytes';
import { parseCheckpoint, parseNote, parseVerifierKey, verifyNote } from '@lucid/checkpoint';
import { leafHash, verifyInclusion } from '@lucid/merkle';
import { ledgerKey, startRealServices } from './services-real.ts';

let services: Awaited<ReturnType<typeof startRealServices>>;
beforeAll(async () => {
  services = await startRealServices();
});
afterAll(() => services.close());

const provesEntry = (entry: string, at: { index: number; inclusion: string[]; checkpoint: string }) => {
  const { size, root } = parseCheckpoint(parseNote(at.checkpoint).text);
  const proof = at.inclusion.map(hexToBytes);
  return verifyInclusion({ leafHash: leafHash(base64ToBytes(entry)), index: at.index, size, proof, root });
};

test('made, started, stopped and proven', async () => {
  const body = {
    title: 'through the application API',
    tracks: [{ track: 0, kind: 'terminal', mediaType: 'application/x-asciicast' }],
    recipients: [{ recipient: services.recipient }],
  };
  const made = await services.ask('/sessions', { body, key: 'make-it-once' });
  expect(made.status).toBe(201);
  expect((await services.ask('/sessions', { body, key: 'make-it-once' })).json).toEqual(made.json);
  const id: string = made.json.id;
  const path = `/sessions/${id}`;

  expect((await services.ask(`${path}/start`, { method: 'POST', key: 'start-once' })).json.state).toBe(
    'recording',
  );
  await services.capture(id, Buffer.from('what was on the screen'));
  expect((await services.ask(`${path}/stop`, { body: {}, key: 'stop-once' })).status).toBe(200);
  expect(await services.settled(id)).toBe('completed');

  const { json: listed } = await services.ask('/sessions?anchored=true&title=APPLICATION&state=completed');
  expect(listed.items.map((each: { id: string }) => each.id)).toEqual([id]);

  const { json: proof } = await services.ask(`${path}/proof`);
  const { json: manifest } = await services.ask(`/manifests/${id}`);
  expect(manifest.hash).toBe(proof.manifestHash);
  expect(manifest.manifest.sessionId).toBe(id);
  const { bytes } = await services.ask(`/manifests/${id}/bytes`);
  expect(bytes).toHaveLength(manifest.sizeBytes);
  expect(proof.anchor.document).toMatchObject({
    sessionId: id,
    manifestHash: proof.manifestHash,
    merkleRoot: proof.merkleRoot,
  });
  expect(proof.tree.root).toBe(proof.merkleRoot);
  expect(provesEntry(proof.anchor.anchor.entry, proof.anchor.anchor)).toBe(true);
  expect(verifyNote(proof.anchor.anchor.checkpoint, [parseVerifierKey(ledgerKey)])).toMatchObject({
    ok: true,
  });

  const { json: head } = await services.ask('/chain/checkpoint');
  expect(head).toMatchObject({ kind: 'ledger-checkpoint', id: '1', size: 1 });
  const { json: entry } = await services.ask('/chain/entries/0', { admin: true });
  expect(entry.entry).toBe(proof.anchor.anchor.entry);
  expect(provesEntry(entry.entry, entry)).toBe(true);

  const gone = await services.ask(`${path}?reason=done+with+it`, { method: 'DELETE' });
  expect(gone.json.state).toBe('deleted');
  const { json: after } = await services.ask(`${path}/proof`);
  expect(after.tree).toBeUndefined();
  expect(after.deletion.document).toMatchObject({
    type: 'SessionDeleted',
    sessionId: id,
    reason: 'done with it',
  });
});

test('policies: stored and found under the hash that a check told', async () => {
  const { json: named } = await services.ask('/policies');
  const strict = named.items.find((each: { name: string }) => each.name === 'strict');
  const { json: judged } = await services.ask('/policies/check', { body: { policy: strict.policy } });
  expect(judged).toMatchObject({ sound: true, policyHash: strict.id });
  expect((await services.ask(`/policies/${strict.id}`)).json).toEqual(strict);
});
