/**
 * Statements that people sign: lines of ASCII that a wallet can show, so that one text serves an Ed25519 key and TRON's
 * signMessageV2 alike:
 *
 *     TITLE, version 1 LF
 *     NAME: VALUE LF … (the fields in the order of their format; no value holds a line end)
 *
 * The title keeps one kind of statement from being taken for another.
 */
import { hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { ed25519Verify } from '@lucid/crypto';
import { type Check, hexOf, oneOf, record } from '@lucid/session-format/shape';
import { textThat, variants } from './shape.ts';

/** By what somebody is known. */
export type Party =
  /** 64 hex digits. */
  | { readonly kind: 'ed25519'; readonly publicKey: string }
  /** Base58check, 34 characters. */
  | { readonly kind: 'tron'; readonly address: string };

/**
 * Whether the owner of `address` signed `message` by signMessageV2 (TIP-191). `signature` has 65 bytes: r, s, v.
 * Answers false for anything malformed; what it throws is taken as false.
 */
export type VerifyTron = (claim: {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly address: string;
}) => boolean;

const ED25519_SIGNATURE_BYTES = 64;
const TRON_SIGNATURE_BYTES = 65;

export const party: Check = variants('kind', {
  ed25519: record({ kind: oneOf('ed25519'), publicKey: hexOf(32) }),
  tron: record({
    kind: oneOf('tron'),
    address: textThat('a TRON address', (text) => /^T[1-9A-HJ-NP-Za-km-z]{33}$/.test(text)),
  }),
});

/** Lower-case hex without prefix; how long depends on the party. */
export const signature: Check = (value, path) =>
  value === undefined || typeof value !== 'string' || value.length === 2 * TRON_SIGNATURE_BYTES
    ? hexOf(TRON_SIGNATURE_BYTES)(value, path)
    : hexOf(ED25519_SIGNATURE_BYTES)(value, path);

export const partyText = (of: Party): string =>
  of.kind === 'ed25519' ? `ed25519:${of.publicKey}` : `tron:${of.address}`;

export const sameParty = (a: Party, b: Party): boolean => partyText(a) === partyText(b);

export const statementBytes = (
  title: string,
  fields: readonly (readonly [name: string, value: string | number])[],
): Uint8Array =>
  utf8ToBytes(`${title}, version 1\n${fields.map(([name, value]) => `${name}: ${value}\n`).join('')}`);

/** Never throws. */
export function isSignedBy(by: Party, message: Uint8Array, hex: string, verifyTron: VerifyTron): boolean {
  try {
    const bytes = hexToBytes(hex);
    if (by.kind === 'ed25519') return ed25519Verify(hexToBytes(by.publicKey), message, bytes);
    if (bytes.length !== TRON_SIGNATURE_BYTES) return false;
    return verifyTron({ message, signature: bytes, address: by.address }) === true;
  } catch {
    return false;
  }
}

/** A copy that nobody can change, made of JSON; null where `value` has none. Never throws. */
export function plainCopy(value: unknown, maxLength = 65_536): unknown {
  try {
    const text = JSON.stringify(value);
    return text === undefined || text.length > maxLength ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
