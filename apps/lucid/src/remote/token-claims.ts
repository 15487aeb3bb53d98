/** What a token says of itself, for words to its user only: it is the host that believes it or not. Empty where it cannot be read. */
export function claimsOfToken(token: string | undefined): {
  readonly role?: unknown;
  readonly session?: unknown;
} {
  try {
    return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8')) ?? {};
  } catch {
    return {};
  }
}
