/** What the setting CHAIN_ACCOUNT_KEY of services must be, said without the library that signs: some never load that. */

/** 32 bytes in hex. */
export const ACCOUNT_KEY_PATTERN = '^(0x)?[0-9a-fA-F]{64}$';
const FORM = new RegExp(ACCOUNT_KEY_PATTERN);

/** Order of secp256k1 (SEC 2, 2.4.1); secret keys are 1 to this less 1. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export function isAccountKey(text: string): boolean {
  if (!FORM.test(text)) return false;
  const scalar = BigInt(`0x${text.replace(/^0x/, '')}`);
  return scalar > 0n && scalar < CURVE_ORDER;
}

/** Of a key that no account can have, what a ConfigError says; it does not hold the key. Empty where it is one. */
export const accountKeyFaults = (secretKey: string) =>
  isAccountKey(secretKey)
    ? []
    : [
        {
          variable: 'CHAIN_ACCOUNT_KEY',
          expected: 'a secret key of secp256k1, 64 hex digits',
          hint: 'use the key of an account of the chain that nobody else sends with',
        },
      ];
