/** Challenges, and the proof that their signature is: each step that costs more comes after those that cost less. */
import { CLOCK_TOLERANCE_SECONDS, type Profile } from '@lucid/access';
import { isDocumentStoreError, type Stored } from '@lucid/document-store';
import type { Clock } from '@lucid/service-kit';
import {
  composeSignIn,
  type ExpectedSignIn,
  isAddress,
  judgeSignIn,
  parseSignIn,
  type SignInMessage,
  verifySignIn,
} from '@lucid/tron-message';
import { recoverSigner } from '@lucid/tron-message/fast';
import { problem } from '../problem.ts';
import type { ChallengeRow, Tables } from '../store/rows.ts';
import { sha256Text } from './node-secret.ts';
import type { Origin } from './origins.ts';
import { Refusal } from './refusal.ts';
import type { Tries } from './tries.ts';

export const CHALLENGE_MS = 300_000;
const NONCE_BYTES = 16;

export interface ChallengesOptions {
  readonly tables: Tables;
  readonly tries: Tries;
  readonly origins: readonly Origin[];
  readonly chainId: string;
  readonly clock: Clock;
  readonly random: (sizeBytes: number) => Uint8Array;
}

/** Whose signature it was, and for which profile the login is. */
export interface Proof {
  readonly address: string;
  readonly profile: Profile;
}

export class Challenges {
  readonly #options: ChallengesOptions;

  constructor(options: ChallengesOptions) {
    this.#options = options;
  }

  /** @throws ProblemError invalid_request, origin_unknown */
  async give(asked: { address: string; profile: Profile; uri?: string | undefined }) {
    const { origins, chainId, clock, random, tables } = this.#options;
    const { address, profile } = asked;
    if (!isAddress(address))
      throw problem('invalid_request', { detail: 'The checksum of the address does not hold.' });
    const origin = asked.uri === undefined ? origins[0] : origins.find(({ uri }) => uri === asked.uri);
    if (!origin) throw problem('origin_unknown');
    const issuedAtMs = clock.nowMs();
    const nonce = Buffer.from(random(NONCE_BYTES)).toString('hex');
    const expiresAtMs = issuedAtMs + CHALLENGE_MS;
    const statement = `Sign in to Lucid as ${profile}. This costs nothing and moves nothing.`;
    const fields = { ...origin, address, statement, chainId, nonce, issuedAtMs };
    const message = composeSignIn({ ...fields, expirationTimeMs: expiresAtMs });
    await tables.challenges.insert({
      ...{ nonce, address, profile, issuedAtMs, expiresAtMs, uri: origin.uri },
      messageHash: sha256Text(message),
    });
    return { message, nonce, expiresAt: Math.floor(expiresAtMs / 1000) };
  }

  /** Uses the challenge up. @throws Refusal; ProblemError unavailable where failures cannot be counted */
  async prove(message: string, signature: string): Promise<Proof> {
    const parsed = parseSignIn(message);
    if (!parsed.ok) throw new Refusal(parsed.why);
    const { address } = parsed.message;
    const expected = this.#expectedOf(parsed.message);
    const refusal = judgeSignIn(parsed.message, expected);
    if (refusal !== null) throw new Refusal(refusal, address);
    const row = await this.#take(parsed.message, message);
    const verdict = verifySignIn(message, signature, expected, recoverSigner);
    if (!verdict.ok) throw new Refusal(verdict.why, address);
    // After the signature: nobody guesses one, and who cannot sign for an address must not be able to close it to its owner.
    if (!(await this.#options.tries.take('sign-in', address)).allowed)
      throw new Refusal('locked-out', address);
    return { address, profile: row.profile };
  }

  #expectedOf({ uri, domain, nonce }: SignInMessage): ExpectedSignIn {
    const { origins, chainId, clock } = this.#options;
    const origin =
      origins.find((each) => each.uri === uri) ??
      origins.find((each) => each.domain === domain) ??
      origins[0]!;
    return {
      ...{ ...origin, chainId, nonce },
      nowMs: clock.nowMs(),
      maxAgeMs: CHALLENGE_MS,
      clockSkewMs: CLOCK_TOLERANCE_SECONDS * 1000,
    };
  }

  /** Of two who come with one challenge at the same time, one gets it. */
  async #take({ nonce, address }: SignInMessage, text: string): Promise<ChallengeRow> {
    const { challenges } = this.#options.tables;
    const found = await challenges.get(nonce);
    if (!found) throw new Refusal('nonce-unknown', address);
    const { document } = found;
    if (document.address !== address) throw new Refusal('nonce-of-another', address);
    if (document.messageHash !== sha256Text(text)) throw new Refusal('not-as-issued', address);
    if (!(await this.#remove(found))) throw new Refusal('nonce-used', address);
    return document;
  }

  async #remove({ key, version }: Stored<ChallengeRow>): Promise<boolean> {
    try {
      return await this.#options.tables.challenges.remove(key, version);
    } catch (error) {
      if (isDocumentStoreError(error, 'version_conflict')) return false;
      throw error;
    }
  }
}
