/**
 * Keys that sign access tokens: Ed25519, kept encrypted, numbered. The next is published `leadMs` before it signs, so that every
 * verifier has it by then; an old one stays published until the last token it signed has expired. Making the next key is inserting
 * its number, so that instances that do it at once make one.
 */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { ACCESS_TOKEN_SECONDS, type AccessClaims } from '@lucid/access';
import { isDocumentStoreError } from '@lucid/document-store';
import { type Clock, createAccessTokenSigner } from '@lucid/service-kit';
import { numberKey, type SigningKeyRow, type Tables } from '../store/rows.ts';
import { type NodeSecret, sha256Text } from './node-secret.ts';

const makePair = promisify(generateKeyPair);

/** For clocks that differ and tokens under way, before an old key is taken down. */
const MARGIN_MS = 300_000;

/** Another instance did it, or a token was made that needs the key. */
const unlessRaced = (error: unknown): void => {
  if (!isDocumentStoreError(error, 'version_conflict')) throw error;
};

type Claims = Omit<AccessClaims, 'iss' | 'aud'>;

interface SigningKeysOptions {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly secret: NodeSecret;
  readonly leadMs: number;
  readonly maxAgeMs: number;
}

export class SigningKeys {
  readonly #options: SigningKeysOptions;
  #rows: readonly SigningKeyRow[] = [];
  readonly #signers = new Map<string, ReturnType<typeof createAccessTokenSigner>>();

  private constructor(options: SigningKeysOptions) {
    this.#options = options;
  }

  /** Makes the first key where there is none. */
  static async open(options: SigningKeysOptions): Promise<SigningKeys> {
    const keys = new SigningKeys(options);
    await keys.reload();
    if (keys.#rows.length === 0) await keys.#make(1, options.clock.nowMs());
    // Fails at the start and not at the first login, where the secret is another one.
    keys.#signerOf(keys.#current());
    return keys;
  }

  async reload(): Promise<void> {
    const { items } = await this.#options.tables.signingKeys.find({ index: 'key', limit: 1_000 });
    this.#rows = items.map(({ document }) => document);
  }

  /** RFC 7517. */
  jwks(): { keys: { kty: 'OKP'; crv: 'Ed25519'; use: 'sig'; alg: 'EdDSA'; kid: string; x: string }[] } {
    const fixed = { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' } as const;
    return { keys: this.#rows.map(({ kid, x }) => ({ ...fixed, kid, x })) };
  }

  #current(): SigningKeyRow {
    const now = this.#options.clock.nowMs();
    const row = this.#rows.findLast(({ signsFromMs }) => signsFromMs <= now) ?? this.#rows[0];
    if (!row) throw new Error('there is no signing key');
    return row;
  }

  #signerOf({ kid, secret }: SigningKeyRow) {
    const known = this.#signers.get(kid);
    if (known) return known;
    const secretPem = this.#options.secret.open(`signing-key ${kid}`, secret).toString('utf8');
    const sign = createAccessTokenSigner({ kid, secretPem });
    this.#signers.set(kid, sign);
    return sign;
  }

  sign(claims: Claims): string {
    return this.#signerOf(this.#current())(claims);
  }

  /** Signs what lives longer than a login's tokens: its key is kept for it first. */
  async signLasting(claims: Claims): Promise<string> {
    const row = this.#current();
    await this.#keepUntil(row.number, claims.exp * 1000);
    return this.#signerOf(row)(claims);
  }

  async #keepUntil(number: number, untilMs: number): Promise<void> {
    const { signingKeys } = this.#options.tables;
    for (;;) {
      const found = await signingKeys.get(numberKey(number));
      if (!found) throw new Error('the signing key is gone');
      if (found.document.neededUntilMs >= untilMs) return;
      try {
        await signingKeys.replace({ ...found.document, neededUntilMs: untilMs }, found.version);
        return;
      } catch (error) {
        if (!isDocumentStoreError(error, 'version_conflict')) throw error;
      }
    }
  }

  async #make(number: number, signsFromMs: number): Promise<SigningKeyRow> {
    const { tables, clock, secret } = this.#options;
    const { privateKey, publicKey } = await makePair('ed25519');
    const x = publicKey.export({ format: 'jwk' }).x as string;
    const kid = sha256Text(x).slice(0, 16);
    const pem = Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    const row: SigningKeyRow = {
      ...{ number, kid, x, signsFromMs },
      secret: secret.seal(`signing-key ${kid}`, pem),
      createdAtMs: clock.nowMs(),
      neededUntilMs: 0,
    };
    try {
      await tables.signingKeys.insert(row);
    } catch (error) {
      if (!isDocumentStoreError(error, 'duplicate_key')) throw error;
    }
    await this.reload();
    return this.#rows.find((each) => each.number === number) ?? row;
  }

  /** The next key; the one that is waiting already, where there is one. */
  async rotate(): Promise<{ row: SigningKeyRow; made: boolean }> {
    await this.reload();
    const now = this.#options.clock.nowMs();
    const newest = this.#rows.at(-1);
    if (newest && newest.signsFromMs > now) return { row: newest, made: false };
    const row = await this.#make((newest?.number ?? 0) + 1, now + this.#options.leadMs);
    return { row, made: true };
  }

  /** Whether the newest key is as old as a key may become before the next is published. */
  get isDue(): boolean {
    const { clock, maxAgeMs, leadMs } = this.#options;
    const newest = this.#rows.at(-1);
    return newest !== undefined && clock.nowMs() >= newest.signsFromMs + maxAgeMs - leadMs;
  }

  /** Takes down keys that no token in use was signed by. */
  async sweep(): Promise<void> {
    const now = this.#options.clock.nowMs();
    const overAtMs = (at: number) =>
      (this.#rows[at + 1]?.signsFromMs ?? Number.POSITIVE_INFINITY) + ACCESS_TOKEN_SECONDS * 1000;
    const over = this.#rows.filter(
      ({ neededUntilMs }, at) => Math.max(overAtMs(at), neededUntilMs) + MARGIN_MS < now,
    );
    for (const { number, kid } of over) {
      const { signingKeys } = this.#options.tables;
      const found = await signingKeys.get(numberKey(number));
      if (found && found.document.neededUntilMs + MARGIN_MS < now)
        await signingKeys.remove(numberKey(number), found.version).catch(unlessRaced);
      this.#signers.delete(kid);
    }
    if (over.length > 0) await this.reload();
  }
}
