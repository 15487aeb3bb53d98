import { bytesToUtf8, utf8ToBytes } from '@lucid/bytes';
import { canonicalBytes } from '@lucid/jcs';
import fc from 'fast-check';
import { type Anchor, anchorEntryBytes } from './anchor.ts';
import {
  type DocumentKind,
  encodeDocument,
  isSessionId,
  keyCommitmentMessage,
  type Manifest,
  parseDocument,
  type SessionHeader,
  sessionIdFromBytes,
  sessionOrigin,
} from './control.ts';

const id = 'ef'.repeat(32);
const hash = '01'.repeat(32);
const track = { track: 0, kind: 'terminal', mediaType: 'application/x-asciicast' } as const;

const header: SessionHeader = {
  format: 'lucid-session/1',
  sessionId: id,
  owner: 'age1owner',
  recorder: 'recorder+00000000+AA==',
  recipients: ['age1owner'],
  keyCommitment: hash,
  policyHash: hash,
  title: 'né',
  startedAtUs: 1,
  chunkSizeBytes: 1_048_576,
  tracks: [track, { ...track, track: 4, name: 'x' }],
  software: 'lucid/1',
};
const manifest: Manifest = {
  format: 'lucid-manifest/1',
  sessionId: id,
  owner: 'age1owner',
  recorder: 'r',
  startedAtUs: 1,
  endedAtUs: 2,
  closed: 'interrupted',
  reason: 'power',
  treeSize: 3,
  merkleRoot: hash,
  chunkCount: 1,
  plainBytes: 5,
  storedBytes: 500,
  tracks: [{ ...track, chunks: 1, plainBytes: 5 }],
};
const anchor: Anchor = {
  format: 'lucid-anchor/1',
  kind: 'ledger',
  ledger: 'l',
  entry: 'AQI=',
  index: 0,
  inclusion: [hash],
  checkpoint: 'x',
};

const valid: { readonly [K in DocumentKind]: Record<string, unknown> } = {
  sessionHeader: { ...header },
  sessionEvent: {
    event: 'gap',
    atUs: 9,
    track: 1,
    detail: { fromUs: 1, untilUs: 9, reason: 'encoder', ok: true },
  },
  sessionClose: { closed: 'interrupted', atUs: 3, chunks: 1, events: 0, plainBytes: 5, reason: 'killed' },
  manifest: { ...manifest },
  recipients: {
    format: 'lucid-recipients/1',
    sessionId: id,
    wraps: [{ recipient: 'age1x', label: 'me', age: 'AQID' }],
  },
  sessionRegistered: {
    type: 'SessionRegistered',
    sessionId: id,
    manifestHash: hash,
    startedAt: 1,
    owner: 'o',
    merkleRoot: hash,
    chunkCount: 1,
    checkpoint: 'c',
  },
  sessionDeleted: {
    type: 'SessionDeleted',
    sessionId: id,
    manifestHash: hash,
    merkleRoot: hash,
    deletedAt: 1,
    by: 'o',
    reason: 'r',
  },
  auditHead: { type: 'AuditHead', format: 'lucid-audit/1', entries: 1, hash, at: 1 },
  anchor: { ...anchor },
};
const kinds = Object.keys(valid) as DocumentKind[];

const optionalMembers: { readonly [K in DocumentKind]: readonly string[] } = {
  sessionHeader: ['policyHash', 'title'],
  sessionEvent: ['track'],
  sessionClose: [],
  manifest: ['policyHash'],
  recipients: [],
  sessionRegistered: [],
  sessionDeleted: ['manifestHash', 'merkleRoot'],
  auditHead: [],
  anchor: [],
};

describe.each(kinds)('%s', (kind) => {
  const bytes = encodeDocument(kind, valid[kind] as never);

  test('comes back as it was written', () => {
    expect(parseDocument(kind, bytes)).toEqual({ ok: true, value: valid[kind] });
    expect(bytesToUtf8(bytes)).toBe(bytesToUtf8(canonicalBytes(valid[kind])));
  });

  test('each member is needed unless it is optional, and none may be null', () => {
    for (const name of Object.keys(valid[kind])) {
      const { [name]: _, ...rest } = valid[kind];
      const without = parseDocument(kind, canonicalBytes(rest));
      expect({ name, ok: without.ok }).toEqual({ name, ok: optionalMembers[kind].includes(name) });
      expect(parseDocument(kind, canonicalBytes({ ...rest, [name]: null })).ok).toBe(false);
    }
  });

  test('no other member is taken', () => {
    for (const name of ['extra', '__proto__', 'constructor', 'toString']) {
      const text = bytesToUtf8(canonicalBytes({ ...valid[kind], '\uffff': 1 })).replace(
        '"\uffff":1',
        `"${name}":1`,
      );
      expect(parseDocument(kind, utf8ToBytes(text)).ok).toBe(false);
      const added = Object.fromEntries([...Object.entries(valid[kind]), [name, 1]]);
      expect(parseDocument(kind, canonicalBytes(added))).toEqual({
        ok: false,
        detail: expect.stringContaining(`.${name} is not a member`),
      });
    }
  });

  test('only the canonical text is taken', () => {
    for (const text of [
      ` ${bytesToUtf8(bytes)}`,
      `${bytesToUtf8(bytes)}\n`,
      bytesToUtf8(bytes).replace(/^\{/, '{ '),
    ])
      expect(parseDocument(kind, utf8ToBytes(text))).toMatchObject({ ok: false });
    for (const other of ['', '{', '[]', 'null', '1', '"x"', '{}'])
      expect(parseDocument(kind, utf8ToBytes(other)).ok).toBe(false);
    expect(parseDocument(kind, Uint8Array.of(0xff)).ok).toBe(false);
  });

  test('what does not have its shape is not written', () => {
    expect(() => encodeDocument(kind, { ...valid[kind], extra: 1 } as never)).toThrow(TypeError);
  });

  test('random damage never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (patches) => {
          const damaged = bytes.slice();
          for (const [at, byte] of patches) damaged[at] = byte;
          const parsed = parseDocument(kind, damaged);
          if (parsed.ok) expect(encodeDocument(kind, parsed.value as never)).toEqual(damaged);
        },
      ),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseDocument(kind, utf8ToBytes(JSON.stringify(value) ?? '')).ok).toBe(false);
      }),
    );
  });
});

const rules: readonly (readonly [string, DocumentKind, Record<string, unknown>, RegExp])[] = [
  ['a hash of 31 bytes', 'sessionHeader', { keyCommitment: '01'.repeat(31) }, /keyCommitment must be 64/],
  ['upper-case hex', 'sessionHeader', { keyCommitment: 'AB'.repeat(32) }, /lower-case hex/],
  ['another format', 'sessionHeader', { format: 'lucid-session/2' }, /"lucid-session\/1"/],
  ['no recipients', 'sessionHeader', { recipients: [] }, /1 to 256 members/],
  ['recipients that are no array', 'sessionHeader', { recipients: 'age1' }, /must be an array/],
  ['a chunk size below 64 KiB', 'sessionHeader', { chunkSizeBytes: 65_535 }, /65536/],
  ['a chunk size above 16 MiB', 'sessionHeader', { chunkSizeBytes: 16_777_217 }, /16777216/],
  ['a fraction', 'sessionHeader', { startedAtUs: 0.5 }, /integer/],
  ['a negative time', 'sessionHeader', { startedAtUs: -1 }, /integer from 0/],
  [
    'an unknown kind of track',
    'sessionHeader',
    { tracks: [{ ...track, kind: 'smell' }] },
    /tracks\[0\]\.kind/,
  ],
  [
    'a track number above 65535',
    'sessionHeader',
    { tracks: [{ ...track, track: 65_536 }] },
    /tracks\[0\]\.track/,
  ],
  ['the same track twice', 'sessionHeader', { tracks: [track, track] }, /tracks\[1\]\.track must be above/],
  ['a track that is no object', 'sessionHeader', { tracks: [[]] }, /must be an object/],
  ['a title too long', 'sessionHeader', { title: 'x'.repeat(4097) }, /longer than 4096/],
  ['a title that is no string', 'sessionHeader', { title: 7 }, /must be a string/],
  ['an unknown event', 'sessionEvent', { event: 'party' }, /"pause" or/],
  ['a nested detail', 'sessionEvent', { event: 'note', detail: { a: {} } }, /detail\.a must be/],
  ['a fractional detail', 'sessionEvent', { event: 'note', detail: { a: 0.5 } }, /detail\.a must be/],
  ['a detail that is a list', 'sessionEvent', { event: 'note', detail: [] }, /detail must be an object/],
  ['a gap without detail', 'sessionEvent', { detail: {} }, /detail\.fromUs/],
  ['a gap without its end', 'sessionEvent', { detail: { fromUs: 1, reason: 'x' } }, /detail\.untilUs/],
  [
    'a gap that ends before it begins',
    'sessionEvent',
    { detail: { fromUs: 2, untilUs: 1, reason: 'x' } },
    /not be before/,
  ],
  ['a gap without reason', 'sessionEvent', { detail: { fromUs: 1, untilUs: 1, reason: '' } }, /say why/],
  ['an empty reason', 'sessionClose', { reason: '' }, /reason must say why/],
  ['an unknown end', 'sessionClose', { closed: 'vanished' }, /"ended" or "interrupted"/],
  ['an interruption without reason', 'manifest', { reason: '' }, /reason must say why/],
  [
    'the same track twice in a manifest',
    'manifest',
    { tracks: [manifest.tracks[0], manifest.tracks[0]] },
    /above the track/,
  ],
  [
    'a wrap that is no base64',
    'recipients',
    { wraps: [{ recipient: 'a', age: 'AQI' }] },
    /wraps\[0\]\.age must be base64/,
  ],
  ['a wrap that is a number', 'recipients', { wraps: [{ recipient: 'a', age: 1 }] }, /must be a string/],
  ['an entry that is no base64', 'anchor', { entry: '*' }, /entry must be base64/],
  ['a path of 65 hashes', 'anchor', { inclusion: new Array(65).fill(hash) }, /0 to 64 members/],
  ['another kind of anchor', 'anchor', { kind: 'moon' }, /"ledger"/],
  ['a head of no entries', 'auditHead', { entries: 0 }, /entries/],
  ['a head of another log', 'auditHead', { format: 'lucid-audit/2' }, /"lucid-audit\/1"/],
  ['a head that calls itself a session', 'auditHead', { type: 'SessionRegistered' }, /"AuditHead"/],
  ['a deletion of another type', 'sessionDeleted', { type: 'SessionRegistered' }, /"SessionDeleted"/],
];

test.each(rules)('%s is refused', (_, kind, changes, detail) => {
  const value = { ...valid[kind], ...changes };
  expect(parseDocument(kind, canonicalBytes(value))).toEqual({
    ok: false,
    detail: expect.stringMatching(detail),
  });
  expect(() => encodeDocument(kind, value as never)).toThrow(TypeError);
});

test('an end needs no reason, other events no detail', () => {
  const { reason: _, ...close } = valid.sessionClose;
  expect(parseDocument('sessionClose', canonicalBytes({ ...close, closed: 'ended' })).ok).toBe(true);
  expect(parseDocument('sessionClose', canonicalBytes(close)).ok).toBe(false);
  expect(parseDocument('sessionEvent', canonicalBytes({ event: 'pause', atUs: 1 })).ok).toBe(true);
});

test('small things', () => {
  expect(sessionOrigin(id)).toBe(`lucid.invalid/session/${id}`);
  expect(isSessionId(id)).toBe(true);
  for (const other of [id.toUpperCase(), id.slice(2), 7, null]) expect(isSessionId(other)).toBe(false);
  expect(sessionIdFromBytes(new Uint8Array(32).fill(0xef))).toBe(id);
  expect(anchorEntryBytes(anchor)).toEqual(Uint8Array.of(1, 2));
  const [label, bytes] = keyCommitmentMessage(id);
  expect(bytesToUtf8(label)).toBe('lucid/key-commitment/v1\0');
  expect(bytes).toEqual(new Uint8Array(32).fill(0xef));
});
