import { bytesToHex } from '@lucid/bytes';
import fc from 'fast-check';
import {
  approvalBytes,
  approvalEvent,
  type ConsentRole,
  consentBytes,
  customPolicy,
  encodePolicy,
  namedPolicies,
  type PartyConsent,
  type PolicyEventDetail,
  policyStartEvents,
  readPolicyEvidence,
  termsHashOf,
} from '../src/index.ts';
import { checkedPolicy, noonUs, seedOf, sessionId } from './samples.ts';
import { tronAddress, tronSign, verifyTron } from './tron.ts';

const keys = { host: seedOf('11'), user: seedOf('22') };

function consentOf(role: ConsentRole, said: { policyHash: string; termsHash: string }): PartyConsent {
  const party = tronAddress(keys[role]);
  const acceptedAtUs = noonUs - 7;
  const statement = {
    ...{ format: 'lucid-consent/1' as const, sessionId, role, acceptedAtUs, ...said },
    party: { kind: 'tron' as const, address: party },
  };
  return { role, party, acceptedAtUs, signature: bytesToHex(tronSign(keys[role], consentBytes(statement))) };
}

function sample(terms = 'Nothing but the policy.', policy: unknown = namedPolicies.standard) {
  const checked = checkedPolicy(policy as never);
  const said = { policyHash: checked.hash, termsHash: termsHashOf(terms) };
  const details = policyStartEvents({
    ...said,
    policyText: new TextDecoder().decode(encodePolicy(checked)),
    terms,
    consents: [consentOf('host', said), consentOf('user', said)],
  });
  return { details, policyHash: checked.hash };
}
const read = (policyHash: string, details: readonly PolicyEventDetail[]) =>
  readPolicyEvidence({ sessionId, policyHash, startedAtUs: noonUs, details, verifyTron });

test('what is written is read: policy, terms, both consents', () => {
  const { details, policyHash } = sample();
  const evidence = read(policyHash, details);
  expect(evidence.policy?.hash).toBe(policyHash);
  expect(evidence).toMatchObject({
    terms: 'Nothing but the policy.',
    consent: { agreed: true, host: tronAddress(keys.host), user: tronAddress(keys.user) },
    approvals: { valid: 0, invalid: 0 },
    ended: null,
  });
});

test('a large policy is cut into parts that fit an event, and joined again', () => {
  const resources = Array.from({ length: 256 }, (_, at) => ({
    ...{ effect: 'deny' as const, host: `host-${at}.example.org`, path: `/${'x'.repeat(100)}/*` },
    ports: [{ from: 1, until: 65_535 }],
  }));
  const { details, policyHash } = sample('t', customPolicy({ resources }));
  const parts = details.filter(({ type }) => type === 'policy');
  expect(parts.length).toBeGreaterThan(9);
  for (const { text } of parts) expect((text as string).length).toBeLessThanOrEqual(4096);
  expect(read(policyHash, details).consent.agreed).toBe(true);
});

test('terms of any characters, at any length, keep their text and hash', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.integer({ min: 1, max: 300 }),
      (unit, times) => {
        const terms = `${unit.repeat(times)}.`;
        fc.pre(terms.length < 16_384);
        const { details, policyHash } = sample(terms);
        const evidence = read(policyHash, details);
        expect(evidence.terms).toBe(terms);
        expect(evidence.consent.agreed).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

test('events written twice after a crash say the same', () => {
  const { details, policyHash } = sample();
  expect(read(policyHash, [...details.slice(0, 3), ...details]).consent.agreed).toBe(true);
});

test('an approval that was written twice counts once', () => {
  const { details, policyHash } = sample();
  const opens = 'clipboard.hostToRemote' as const;
  const party = { kind: 'tron' as const, address: tronAddress(keys.host) };
  const approval = {
    ...{ format: 'lucid-approval/1' as const, sessionId, policyHash, opens, party },
    ...{ fromUs: noonUs, untilUs: noonUs + 1_000_000 },
  };
  const signature = bytesToHex(tronSign(keys.host, approvalBytes(approval)));
  const event = approvalEvent({ ...approval, signature });
  const forged = { ...event, untilUs: noonUs + 2_000_000 };
  expect(read(policyHash, [...details, event, event, forged]).approvals).toEqual({ valid: 1, invalid: 1 });
});

const without = (type: string, role?: string) => (details: readonly PolicyEventDetail[]) =>
  details.filter((each) => each.type !== type || (role !== undefined && each.role !== role));
const changed = (type: string, change: object) => (details: readonly PolicyEventDetail[]) =>
  details.map((each) => (each.type === type ? ({ ...each, ...change } as PolicyEventDetail) : each));

test.each([
  ['policy_missing', without('policy')],
  ['policy_missing', changed('policy', { parts: 2 })],
  ['policy_missing', changed('policy', { parts: 1e9 })],
  ['policy_missing', changed('policy', { part: 0 })],
  ['policy_differs', changed('policy', { text: '{}' })],
  ['policy_differs', changed('policy', { text: '\ud800' })],
  ['terms_missing', without('terms')],
  ['terms_missing', changed('terms', { text: 'Other terms.' })],
  ['missing', without('consent', 'host')],
  ['missing', without('consent', 'user')],
  ['signature_invalid', changed('consent', { acceptedAtUs: noonUs - 8 })],
  ['accepted_late', changed('consent', { acceptedAtUs: noonUs + 3_600_000_000 })],
  ['same_party', changed('consent', { address: tronAddress(keys.host) })],
  ['malformed', changed('consent', { address: 'nobody' })],
  ['malformed', changed('consent', { signature: 7 })],
] as const)('%s', (fault, change) => {
  const { details, policyHash } = sample();
  expect(read(policyHash, change(details)).consent).toMatchObject({ agreed: false, fault });
});

test('a consent to another session, or a policy of another header, counts for nothing', () => {
  const { details, policyHash } = sample();
  const other = { policyHash, startedAtUs: noonUs, details, verifyTron };
  expect(readPolicyEvidence({ ...other, sessionId: 'ef'.repeat(32) }).consent).toMatchObject({
    agreed: false,
    fault: 'signature_invalid',
  });
  expect(read('ef'.repeat(32), details).policy).toBeNull();
});

test('no event makes it throw', () => {
  const member = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const type = fc.constantFrom('policy', 'terms', 'consent', 'approval', 'ended', 'decision', 'new');
  const names = [
    'policyHash',
    'termsHash',
    'part',
    'parts',
    'text',
    'role',
    'address',
    'acceptedAtUs',
    'signature',
  ];
  const detail = fc
    .tuple(type, fc.dictionary(fc.constantFrom(...names, 'opens', 'fromUs', 'reason'), member))
    .map(([of, members]) => ({ ...members, type: of }));
  const { details, policyHash } = sample();
  fc.assert(
    fc.property(fc.array(detail, { maxLength: 12 }), fc.boolean(), (foreign, before) => {
      const evidence = read(policyHash, before ? [...foreign, ...details] : [...details, ...foreign]);
      expect(typeof evidence.consent.agreed).toBe('boolean');
    }),
  );
});
