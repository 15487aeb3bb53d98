/** Every error that the contract declares for an operation is answered by it in some situation. */
import { ChunkStoreError } from '@lucid/chunk-store';
import { sessionEncryptorContract } from '@lucid/contracts';
import { generateIdentity } from '@lucid/recipients';
import { isProblem } from '@lucid/service-kit';
import {
  codeOf,
  type EvidenceRig,
  freshSessionId,
  openBody,
  startEvidenceRig,
} from '../../session-recorder/test/evidence-rig.ts';
import { chunkOf, closeOf, eventOf, openAt } from './sealing.ts';

let rig: EvidenceRig;
let full: boolean;
let damaged: boolean;
beforeEach(async () => {
  full = false;
  damaged = false;
  rig = await startEvidenceRig({
    chunkStore: (store) =>
      new Proxy(store, {
        get: (target, name) => {
          const value = Reflect.get(target, name, target);
          if (name === 'append' && full) return () => Promise.reject(new ChunkStoreError('store_full'));
          if (name === 'read' && damaged) return () => Promise.reject(new ChunkStoreError('store_damaged'));
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
  });
});
afterEach(() => rig.close());

const unknown = freshSessionId();
const closed = async () => {
  const sessionId = await openAt(rig);
  await rig.chunkerSide.putControl(closeOf(sessionId, 1));
  return sessionId;
};
const withChunk = async () => {
  const sessionId = await openAt(rig);
  await rig.chunkerSide.putChunk(chunkOf({ sessionId, index: 1 }));
  return sessionId;
};
const withFullStore = async () => {
  const sessionId = await openAt(rig);
  full = true;
  return sessionId;
};
const forgotten = async () => {
  const sessionId = await openAt(rig);
  await rig.services.encryptor.restart();
  return sessionId;
};
/** A session whose records the chunk store does not have any more; 64 are written down as counted. */
const lost = async (records = 64) => {
  const sessionId = await openAt(rig);
  for (let index = 1; index < records; index += 1)
    await rig.chunkerSide.putControl(eventOf(sessionId, index));
  rig.chunks.delete(sessionId);
  await rig.services.encryptor.restart();
  return sessionId;
};
const open = (sessionId: string, body = openBody([rig.owner.recipient])) =>
  rig.encryptor.openSession({ params: { sessionId }, body });
const openRecord = (sessionId: string, index: number, identity = rig.owner.identity) =>
  rig.reader.openRecord({ params: { sessionId, index }, body: { identities: [identity] } });
const grantBody = (recipient: string) => ({
  recipient,
  age: Buffer.from('age-encryption.org/v1\nx').toString('base64'),
});

type Situation = readonly [operation: string, code: string, act: () => Promise<unknown>];

const situations: readonly Situation[] = [
  [
    'openSession',
    'session_exists',
    async () => open(await openAt(rig), { ...openBody([rig.owner.recipient]), startedAtUs: 2 }),
  ],
  ['openSession', 'session_exists', async () => open(await closed())],
  [
    'openSession',
    'session_exists',
    async () => {
      const sessionId = await openAt(rig);
      await rig.encryptor.deleteSession({ params: { sessionId } });
      await open(sessionId);
    },
  ],
  ['openSession', 'record_damaged', async () => open(await lost())],
  ['openSession', 'record_damaged', async () => open(await lost(1))],
  ['openSession', 'key_forgotten', async () => open(await forgotten())],
  [
    'openSession',
    'store_full',
    async () => {
      full = true;
      await open(freshSessionId());
    },
  ],
  [
    'putChunk',
    'session_unknown',
    async () => rig.chunkerSide.putChunk(chunkOf({ sessionId: unknown, index: 1 })),
  ],
  [
    'putChunk',
    'key_forgotten',
    async () => rig.chunkerSide.putChunk(chunkOf({ sessionId: await forgotten(), index: 1 })),
  ],
  [
    'putChunk',
    'session_closed',
    async () => rig.chunkerSide.putChunk(chunkOf({ sessionId: await closed(), index: 2 })),
  ],
  [
    'putChunk',
    'record_out_of_order',
    async () => rig.chunkerSide.putChunk(chunkOf({ sessionId: await openAt(rig), index: 2 })),
  ],
  [
    'putChunk',
    'record_conflict',
    async () =>
      rig.chunkerSide.putChunk(chunkOf({ sessionId: await withChunk(), index: 1, bytes: Uint8Array.of(1) })),
  ],
  [
    'putChunk',
    'store_full',
    async () => rig.chunkerSide.putChunk(chunkOf({ sessionId: await withFullStore(), index: 1 })),
  ],
  [
    'putChunk',
    'record_damaged',
    async () => rig.chunkerSide.putChunk(chunkOf({ sessionId: await lost(), index: 1 })),
  ],
  ['putControl', 'record_damaged', async () => rig.chunkerSide.putControl(eventOf(await lost(), 1))],
  ['putControl', 'session_unknown', async () => rig.chunkerSide.putControl(eventOf(unknown, 1))],
  ['putControl', 'session_closed', async () => rig.chunkerSide.putControl(eventOf(await closed(), 2))],
  [
    'putControl',
    'record_out_of_order',
    async () => rig.chunkerSide.putControl(eventOf(await openAt(rig), 7)),
  ],
  ['putControl', 'record_conflict', async () => rig.chunkerSide.putControl(eventOf(await withChunk(), 1))],
  ['putControl', 'store_full', async () => rig.chunkerSide.putControl(eventOf(await withFullStore(), 1))],
  ['recordsHead', 'session_unknown', () => rig.reader.recordsHead({ params: { sessionId: unknown } })],
  [
    'recordsHead',
    'record_damaged',
    async () => {
      const sessionId = await withChunk();
      rig.chunks.get(sessionId)?.delete('000000000001');
      rig.chunks.get(sessionId)?.set('000000000001', new Uint8Array(200));
      await rig.services.encryptor.restart();
      await rig.reader.recordsHead({ params: { sessionId } });
    },
  ],
  ['getRecord', 'session_unknown', () => rig.reader.getRecord({ params: { sessionId: unknown, index: 0 } })],
  [
    'getRecord',
    'record_unknown',
    async () => rig.reader.getRecord({ params: { sessionId: await openAt(rig), index: 1 } }),
  ],
  [
    'getRecord',
    'record_damaged',
    async () => {
      const sessionId = await openAt(rig);
      damaged = true;
      await rig.reader.getRecord({ params: { sessionId, index: 0 } });
    },
  ],
  ['openRecord', 'session_unknown', () => openRecord(unknown, 1)],
  ['openRecord', 'record_unknown', async () => openRecord(await openAt(rig), 1)],
  ['openRecord', 'record_unknown', async () => openRecord(await openAt(rig), 0)],
  [
    'openRecord',
    'wrong_identity',
    async () => openRecord(await withChunk(), 1, (await generateIdentity()).identity),
  ],
  [
    'openRecord',
    'record_damaged',
    async () => {
      const sessionId = await withChunk();
      const record = rig.chunks.get(sessionId)?.get('000000000001') as Uint8Array;
      record[130] = (record[130] as number) ^ 1;
      await openRecord(sessionId, 1);
    },
  ],
  ['getRecipients', 'session_unknown', () => rig.reader.getRecipients({ params: { sessionId: unknown } })],
  [
    'grantRecipient',
    'session_unknown',
    () => rig.reader.grantRecipient({ params: { sessionId: unknown }, body: grantBody(rig.owner.recipient) }),
  ],
  [
    'revokeRecipient',
    'session_unknown',
    () => rig.reader.revokeRecipient({ params: { sessionId: unknown, recipient: rig.owner.recipient } }),
  ],
  [
    'revokeRecipient',
    'recipient_unknown',
    async () => {
      const { recipient } = await generateIdentity();
      await rig.reader.revokeRecipient({ params: { sessionId: await openAt(rig), recipient } });
    },
  ],
  [
    'revokeRecipient',
    'last_recipient',
    async () =>
      rig.reader.revokeRecipient({
        params: { sessionId: await openAt(rig), recipient: rig.owner.recipient },
      }),
  ],
  ['forgetKey', 'session_unknown', () => rig.encryptor.forgetKey({ params: { sessionId: unknown } })],
  [
    'forgetKey',
    'record_damaged',
    async () => rig.encryptor.forgetKey({ params: { sessionId: await lost() } }),
  ],
  ['deleteSession', 'session_unknown', () => rig.encryptor.deleteSession({ params: { sessionId: unknown } })],
];

it.each(situations)('%s answers %s', async (_operation, code, act) => {
  expect(await codeOf(act())).toBe(code);
});

/** A document store that is full cannot be had from the memory store; storing() maps it, see problems.test.ts. */
const mappedElsewhere = ['grantRecipient store_full', 'revokeRecipient store_full'];

it('no declared error is left out', () => {
  const declared = Object.entries(sessionEncryptorContract.operations).flatMap(([name, operation]) =>
    ('errors' in operation ? operation.errors : []).map((code) => `${name} ${code}`),
  );
  const asserted = new Set([
    ...situations.map(([operation, code]) => `${operation} ${code}`),
    ...mappedElsewhere,
  ]);
  expect(declared.filter((each) => !asserted.has(each))).toEqual([]);
});

describe('what a verifier would refuse is not written', () => {
  const refused = async (act: (sessionId: string) => Promise<unknown>) => {
    const sessionId = await openAt(rig);
    expect(await codeOf(act(sessionId))).toBe('invalid_request');
    expect(await rig.reader.recordsHead({ params: { sessionId } })).toMatchObject({ records: 1 });
  };
  const changed = (query: object) => (sessionId: string) => {
    const chunk = chunkOf({ sessionId, index: 1 });
    return rig.chunkerSide.putChunk({ ...chunk, query: { ...chunk.query, ...query } });
  };

  it('a track the session has not', () => refused(changed({ track: 9 })));
  it('times that run backwards', () => refused(changed({ fromUs: 9, untilUs: 8 })));
  it('an uncompressed chunk of another size', () => refused(changed({ plainSizeBytes: 3 })));
  it('a compressed chunk that is not smaller', () => refused(changed({ compressed: true })));
  it('a chunk above the session’s size', () =>
    refused(changed({ compressed: true, plainSizeBytes: 65_537 })));
  it('an event that is not canonical', () =>
    refused((sessionId) =>
      rig.chunkerSide.putControl({ ...eventOf(sessionId, 1), body: Buffer.from('{ "event": 1 }') }),
    ));
  it('an event of another time', () =>
    refused((sessionId) =>
      rig.chunkerSide.putControl({ ...eventOf(sessionId, 1), query: { type: 'event', atUs: 1 } }),
    ));
  it('a close that counts wrongly', () =>
    refused((sessionId) => rig.chunkerSide.putControl(closeOf(sessionId, 1, { chunks: 1 }))));
  it('an interrupted close after its last record', () =>
    refused((sessionId) =>
      rig.chunkerSide.putControl(
        closeOf(sessionId, 1, { closed: 'interrupted', reason: 'found later', atUs: 1_000_001 }),
      ),
    ));
  it('a close that is an event', () =>
    refused((sessionId) =>
      rig.chunkerSide.putControl({ ...closeOf(sessionId, 1), body: eventOf(sessionId, 1).body }),
    ));

  it('a chunk that leaves a gap in its track; the expected offset is told', async () => {
    const sessionId = await withChunk();
    const error = await rig.chunkerSide
      .putChunk(chunkOf({ sessionId, index: 2, plainOffset: 5 }))
      .catch((caught: unknown) => caught);
    expect(isProblem(error, 'record_out_of_order') && error.extensions).toMatchObject({
      expected: 2,
      expectedOffset: 29,
    });
  });

  it('a header with two tracks of one number, or no real recipient, claims no id', async () => {
    const sessionId = freshSessionId();
    const body = openBody([rig.owner.recipient]);
    const [track] = body.tracks;
    const twice = { ...body, tracks: [track, track] as typeof body.tracks };
    expect(await codeOf(open(sessionId, twice))).toBe('invalid_request');
    const { recipient } = await generateIdentity();
    const wrong = openBody([`${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`]);
    expect(await codeOf(open(sessionId, wrong))).toBe('invalid_request');
    expect(await codeOf(open(sessionId))).toBe('no problem');
  });

  it('a grant that is no age file', async () => {
    const sessionId = await openAt(rig);
    const grant = (body: { recipient: string; age: string }) =>
      codeOf(rig.reader.grantRecipient({ params: { sessionId }, body }));
    expect(await grant({ recipient: rig.owner.recipient, age: 'AAAA' })).toBe('invalid_request');
    expect(await grant({ recipient: rig.owner.recipient, age: '!' })).toBe('invalid_request');
    expect(await grant(grantBody('age1qqqqqqqqqqqqqq'))).toBe('invalid_request');
  });
});
