/** A host that wants more of a signature than it says. */
import { CONSENT_FORMAT, checkPolicy, consentBytes, namedPolicies, termsHashOf } from '@lucid/control-policy';
import { composeSignIn, secretKeyToAddress } from '@lucid/tron-message';
import { assertConsent, assertSignIn } from './what-to-sign.ts';

const origin = 'https://lucid.example:8443';
const address = secretKeyToAddress(new Uint8Array(32).fill(7));
const other = secretKeyToAddress(new Uint8Array(32).fill(8));

describe('a sign-in message', () => {
  const own = {
    ...{ domain: 'lucid.example:8443', address, uri: origin, chainId: '0x2b6653dc', nonce: 'a1b2c3d4' },
    issuedAtMs: 1_800_000_000_000,
  };
  const judge = (text: string) => () => assertSignIn(text, { origin, address });

  test('of this host for this address is signed', () => {
    expect(judge(composeSignIn(own))).not.toThrow();
  });

  test.each([
    ['another host', composeSignIn({ ...own, domain: 'bank.example', uri: 'https://bank.example' })],
    ['another domain', composeSignIn({ ...own, domain: 'lucid.example' })],
    ['another address', composeSignIn({ ...own, address: other })],
    ['no sign-in at all', 'I owe you everything.'],
  ])('of %s is not', (_what, text) => {
    expect(judge(text)).toThrow(expect.objectContaining({ code: 'host_untrusted' }));
  });
});

describe('a consent', () => {
  const policy = namedPolicies.strict;
  const judged = checkPolicy(policy);
  if (!judged.ok) throw new Error(judged.detail);
  const statement = {
    format: CONSENT_FORMAT,
    sessionId: 'ab'.repeat(32),
    policyHash: judged.value.hash,
    termsHash: termsHashOf('terms'),
    role: 'host',
    party: { kind: 'tron', address },
    acceptedAtUs: 1_800_000_000_000_000,
  } as const;
  const asked = {
    origin,
    sessionId: statement.sessionId,
    role: 'host',
    party: address,
    policy,
    terms: 'terms',
    acceptedAtUs: statement.acceptedAtUs,
  } as const;
  const textOf = (change: object) =>
    new TextDecoder().decode(consentBytes({ ...statement, ...change } as typeof statement));

  test('to what is shown is signed', () => {
    expect(assertConsent({ ...asked, text: textOf({}) })).toMatchObject({ profile: 'strict' });
  });

  test.each([
    ['another session', textOf({ sessionId: 'cd'.repeat(32) })],
    ['another policy', textOf({ policyHash: 'cd'.repeat(32) })],
    ['other terms', textOf({ termsHash: termsHashOf('your house') })],
    ['another role', textOf({ role: 'user' })],
    ['another time', textOf({ acceptedAtUs: 1_900_000_000_000_000 })],
    ['something else', 'I owe you everything.'],
  ])('to %s is not', (_what, text) => {
    expect(() => assertConsent({ ...asked, text })).toThrow(
      expect.objectContaining({ code: 'host_untrusted' }),
    );
  });

  test('to what is no policy is not', () => {
    expect(() => assertConsent({ ...asked, policy: {}, text: textOf({}) })).toThrow(
      expect.objectContaining({ code: 'host_untrusted' }),
    );
  });
});
