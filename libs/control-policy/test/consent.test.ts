import { bytesToHex, bytesToUtf8 } from '@lucid/bytes';
import { ed25519PublicKey, ed25519Sign } from '@lucid/crypto';
import fc from 'fast-check';
import {
  APPROVAL_MAX_US,
  type Approval,
  type ApprovalFault,
  approvalBytes,
  approvalFaults,
  CONSENT_MAX_AGE_US,
  CONSENT_MAX_AHEAD_US,
  type ConsentFault,
  type ConsentQuestion,
  type ConsentStatement,
  consentBytes,
  consentFaults,
  judgeApproval,
  judgeConsents,
  namedPolicies,
  type Party,
  type SignedConsent,
  toggles,
} from '../src/index.ts';
import { checkedPolicy, noonUs, seedOf, sessionId } from './samples.ts';
import { tronAddress, tronSign, verifyTron } from './tron.ts';

const { hash: policyHash } = checkedPolicy(namedPolicies.standard);
const termsHash = 'cd'.repeat(32);
const hostKey = seedOf('11');
const userKey = seedOf('22');
const host: Party = { kind: 'ed25519', publicKey: bytesToHex(ed25519PublicKey(hostKey)) };
const user: Party = { kind: 'tron', address: tronAddress(userKey) };

const statementOf = (role: 'host' | 'user', changes: Partial<ConsentStatement> = {}): ConsentStatement => ({
  format: 'lucid-consent/1',
  sessionId,
  policyHash,
  termsHash,
  role,
  party: role === 'host' ? host : user,
  acceptedAtUs: noonUs - 5,
  ...changes,
});
const signed = (statement: ConsentStatement): SignedConsent => {
  const sign = statement.role === 'host' ? ed25519Sign : tronSign;
  const key = statement.role === 'host' ? hostKey : userKey;
  return { ...statement, signature: bytesToHex(sign(key, consentBytes(statement))) };
};
const byHost = signed(statementOf('host'));
const byUser = signed(statementOf('user'));
const question = (consents: readonly unknown[], changes: Partial<ConsentQuestion> = {}): ConsentQuestion => ({
  sessionId,
  policyHash,
  termsHash,
  parties: { host, user },
  startsAtUs: noonUs,
  consents,
  verifyTron,
  ...changes,
});
const other = 'ee'.repeat(32);
const changedDigit = (hex: string, at: number): string =>
  `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`;

test('the test of TRON signatures knows the address of a recorded key', () => {
  expect(user).toEqual({ kind: 'tron', address: 'TBvJUBXorwBPzqvV38vjDgegj5Eh6g2Tsq' });
});

test('what is signed is text that a wallet can show', () => {
  expect(bytesToUtf8(consentBytes(byUser))).toBe(
    `Lucid consent, version 1\nsession: ${sessionId}\npolicy: ${policyHash}\nterms: ${termsHash}\nrole: user\n` +
      `party: tron:TBvJUBXorwBPzqvV38vjDgegj5Eh6g2Tsq\naccepted: ${noonUs - 5}\n`,
  );
});

test('both agreed, in any order', () => {
  const agreed = { agreed: true, host: byHost, user: byUser };
  expect(judgeConsents(question([byHost, byUser]))).toEqual(agreed);
  expect(judgeConsents(question([byUser, byHost]))).toEqual(agreed);
});

const faults: readonly (readonly [ConsentFault, string, ConsentQuestion])[] = [
  ['malformed', 'no object', question([byHost, null])],
  ['malformed', 'another member', question([byHost, { ...byUser, extra: 1 }])],
  ['malformed', 'the signature of the other kind', question([byHost, { ...byUser, signature: 'zz' }])],
  ['malformed', 'another format', question([{ ...byHost, format: 'lucid-consent/2' }, byUser])],
  [
    'malformed',
    'a party with both identities',
    question([{ ...byHost, party: { ...host, ...user } }, byUser]),
  ],
  ['malformed', 'no list', question('text' as never)],
  ['repeated', 'the host twice', question([byHost, byHost])],
  ['repeated', 'a third', question([byHost, byUser, byUser])],
  ['missing', 'nobody', question([])],
  ['missing', 'the user', question([byHost])],
  ['missing', 'the host', question([byUser])],
  [
    'other_session',
    'signed for another',
    question([byHost, signed(statementOf('user', { sessionId: other }))]),
  ],
  ['other_policy', 'signed another', question([signed(statementOf('host', { policyHash: other })), byUser])],
  ['other_policy', 'asked of another', question([byHost, byUser], { policyHash: other })],
  ['other_terms', 'signed others', question([byHost, signed(statementOf('user', { termsHash: other }))])],
  [
    'other_party',
    'a stranger',
    question([byHost, byUser], { parties: { host, user: { kind: 'ed25519', publicKey: other } } }),
  ],
  ['other_party', 'the roles exchanged', question([byHost, byUser], { parties: { host: user, user: host } })],
  ['same_party', 'alone', question([byHost, byUser], { parties: { host, user: host } })],
  [
    'accepted_late',
    'after the start',
    question([byHost, signed(statementOf('user', { acceptedAtUs: noonUs + CONSENT_MAX_AHEAD_US + 1 }))]),
  ],
  [
    'accepted_early',
    'long before',
    question([byHost, signed(statementOf('user', { acceptedAtUs: noonUs - CONSENT_MAX_AGE_US - 1 }))]),
  ],
  ['signature_invalid', 'the time changed', question([byHost, { ...byUser, acceptedAtUs: noonUs - 4 }])],
  ['signature_invalid', 'of the other kind', question([byHost, { ...byUser, signature: byHost.signature }])],
  [
    'signature_invalid',
    'of the user as host',
    question([{ ...byHost, signature: byUser.signature }, byUser]),
  ],
  [
    'signature_invalid',
    'that makes the verifier throw',
    question([byHost, { ...byUser, signature: '00'.repeat(65) }]),
  ],
];

test.each(faults)('%s: %s', (fault, _, asked) => {
  expect(judgeConsents(asked)).toMatchObject({ agreed: false, fault });
});

test('every fault has a case', () => {
  expect(new Set(faults.map(([fault]) => fault))).toEqual(new Set(consentFaults));
});

test('times are allowed up to their bounds', () => {
  const at = (acceptedAtUs: number) =>
    judgeConsents(question([byHost, signed(statementOf('user', { acceptedAtUs }))]));
  expect(at(noonUs + CONSENT_MAX_AHEAD_US).agreed).toBe(true);
  expect(at(noonUs - CONSENT_MAX_AGE_US).agreed).toBe(true);
});

test('a verifier that answers anything but true is not believed', () => {
  for (const answer of [1, 'yes', {}, undefined])
    expect(judgeConsents(question([byHost, byUser], { verifyTron: () => answer as never })).agreed).toBe(
      false,
    );
});

test('any digit of either signature changed is refused', () => {
  fc.assert(
    fc.property(fc.nat(127), (at) => {
      const forgedHost = { ...byHost, signature: changedDigit(byHost.signature, at) };
      const forgedUser = { ...byUser, signature: changedDigit(byUser.signature, at) };
      expect(judgeConsents(question([forgedHost, byUser])).agreed).toBe(false);
      expect(judgeConsents(question([byHost, forgedUser])).agreed).toBe(false);
    }),
    { numRuns: 40 },
  );
});

test('nothing that strangers send makes it throw', () => {
  const member = fc.constantFrom(...Object.keys(byUser));
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withSparseArray: true }), member, (value, name) => {
      expect(judgeConsents(question([byHost, value])).agreed).toBe(false);
      expect(judgeConsents(question(value as never)).agreed).toBe(false);
      if (value !== (byUser as never)[name])
        expect(judgeConsents(question([byHost, { ...byUser, [name]: value }])).agreed).toBe(false);
    }),
  );
  const hostile = {
    get signature() {
      throw new Error('no');
    },
  };
  expect(judgeConsents(question([hostile])).agreed).toBe(false);
});

test('an unsound question is the caller’s fault', () => {
  expect(() => judgeConsents(question([], { startsAtUs: Number.NaN }))).toThrow(TypeError);
  expect(() => judgeConsents(question([], { parties: { host, user: {} as never } }))).toThrow(TypeError);
  expect(() => consentBytes({ ...byHost, role: 'guest' as never })).toThrow(TypeError);
});

describe('approvals', () => {
  const plain: Approval = {
    format: 'lucid-approval/1',
    sessionId,
    policyHash,
    opens: 'clipboard.hostToRemote',
    fromUs: noonUs,
    untilUs: noonUs + 60_000_000,
    party: host,
  };
  const approve = (changes: Partial<Approval> = {}) => {
    const approval = { ...plain, ...changes };
    return { ...approval, signature: bytesToHex(ed25519Sign(hostKey, approvalBytes(approval))) };
  };
  const judge = (approval: unknown) => judgeApproval({ sessionId, policyHash, host, approval, verifyTron });

  test('of each toggle, by either kind of signature', () => {
    for (const opens of toggles)
      expect(judge(approve({ opens }))).toMatchObject({ ok: true, value: { opens } });
    const approval = { ...plain, party: user };
    const signature = bytesToHex(tronSign(userKey, approvalBytes(approval)));
    const asked = { sessionId, policyHash, host: user, approval: { ...approval, signature }, verifyTron };
    expect(judgeApproval(asked)).toEqual({ ok: true, value: asked.approval });
  });

  test('what is signed', () => {
    expect(bytesToUtf8(approvalBytes(plain))).toBe(
      `Lucid approval, version 1\nsession: ${sessionId}\npolicy: ${policyHash}\nopens: clipboard.hostToRemote\n` +
        `from: ${noonUs}\nuntil: ${noonUs + 60_000_000}\nparty: ed25519:${(host as { publicKey: string }).publicKey}\n`,
    );
  });

  const good = approve();
  const wrong: readonly (readonly [ApprovalFault, string, unknown])[] = [
    ['malformed', 'longer than an hour', { ...good, untilUs: noonUs + APPROVAL_MAX_US + 1 }],
    ['malformed', 'no time at all', { ...good, untilUs: noonUs }],
    ['malformed', 'of what is recorded', { ...good, opens: 'recording.input' }],
    ['malformed', 'of nothing known', { ...good, opens: 'devices.usb' }],
    ['malformed', 'another member', { ...good, extra: 1 }],
    ['other_session', 'of another', approve({ sessionId: other })],
    ['other_policy', 'of another', approve({ policyHash: other })],
    ['other_party', 'by the user', { ...good, party: user, signature: '00'.repeat(65) }],
    ['signature_invalid', 'made longer', { ...good, untilUs: good.untilUs + 1 }],
    ['signature_invalid', 'of another toggle', { ...good, opens: 'files.upload' }],
    ['signature_invalid', 'of the consent', { ...good, signature: byHost.signature }],
  ];

  test.each(wrong)('%s: %s', (fault, _, approval) => {
    expect(judge(approval)).toEqual({ ok: false, fault });
  });

  test('every fault has a case, and nothing throws', () => {
    expect(new Set(wrong.map(([fault]) => fault))).toEqual(new Set(approvalFaults));
    fc.assert(fc.property(fc.anything({ withBigInt: true }), (value) => expect(judge(value).ok).toBe(false)));
    expect(() => approvalBytes({ ...plain, untilUs: 0 })).toThrow(TypeError);
  });
});
