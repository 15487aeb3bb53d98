/** Making a session: policy and parties judged, a place in the quota taken, then the pipeline, then the rows. */
import { bytesToHex } from '@lucid/bytes';
import type { InputOf, sessionApiContract } from '@lucid/contracts';
import {
  type CheckedPolicy,
  checkPolicy,
  encodePolicy,
  namedPolicies,
  termsHashOf,
} from '@lucid/control-policy';
import { sha256 } from '@lucid/crypto';
import { replaceIn } from '@lucid/document-store';
import { canonicalBytes } from '@lucid/jcs';
import { type Call, type SignedInAccount, storing } from '@lucid/service-kit';
import { isAddress } from '@lucid/tron-message';
import { problem, raced, relaying } from '../problem.ts';
import type { IdempotencyRow } from '../store/owner-store.ts';
import type { PolicyOfSession, SessionRow } from '../store/session-row.ts';
import { relationsOf } from '../store/session-row.ts';
import type { Dependencies } from './dependencies.ts';
import type { Directory, Pipeline } from './directory.ts';
import type { Quotas } from './quotas.ts';
import { type UserSession, userSession } from './view.ts';

export type NewSession = InputOf<(typeof sessionApiContract)['operations']['createSession']>['body'];

/** Accepted where a session names no other terms. */
export const PLAIN_TERMS =
  'The parties agree to this session under its policy, and that it is recorded as evidence. Nothing else was agreed.';

const DAY_MS = 86_400_000;
/** A request that has not ended by then died: its key may be used again. */
const UNDER_WAY_MS = 120_000;

/** @throws ProblemError policy_unsound */
export function judgePolicy(choice: unknown): CheckedPolicy {
  const document = choice === 'strict' || choice === 'standard' ? namedPolicies[choice] : choice;
  const judged = checkPolicy(document);
  if (!judged.ok) throw problem('policy_unsound', { detail: judged.detail });
  return judged.value;
}

function policyOf({ policy, terms = PLAIN_TERMS }: NewSession): PolicyOfSession | undefined {
  if (policy === undefined) return undefined;
  const checked = judgePolicy(policy);
  const text = new TextDecoder().decode(encodePolicy(checked));
  return { hash: checked.hash, text, terms, termsHash: termsHashOf(terms) };
}

/** @throws ProblemError parties_unsound */
function assertParties({ policy, parties, observers = [] }: NewSession, creator: string): void {
  const unsound = (detail: string) => problem('parties_unsound', { detail });
  if ((policy === undefined) !== (parties === undefined))
    throw unsound('Policy and parties go together: give both, or neither.');
  const addresses = [...(parties ? [parties.host, parties.user] : []), ...observers];
  const typo = addresses.find((each) => !isAddress(each));
  if (typo !== undefined) throw unsound('An address is mistyped: its checksum does not hold.');
  if (!parties) return;
  if (parties.host === parties.user) throw unsound('Host and user are one.');
  if (creator !== parties.host && creator !== parties.user)
    throw unsound('Who makes the session must be its host or its user.');
}

const requestHashOf = (body: NewSession): string => bytesToHex(sha256(canonicalBytes(body)));

export class Creating {
  readonly #dependencies: Dependencies;
  readonly #directory: Directory;
  readonly #quotas: Quotas;

  constructor(dependencies: Dependencies, parts: { directory: Directory; quotas: Quotas }) {
    this.#dependencies = dependencies;
    this.#directory = parts.directory;
    this.#quotas = parts.quotas;
  }

  async create(body: NewSession, account: SignedInAccount, call: Call): Promise<UserSession> {
    assertParties(body, account.address);
    const policy = policyOf(body);
    const claimed = await this.#claim(body, account.address);
    if (typeof claimed === 'string') return this.#again(claimed, account);
    try {
      const { row, pipeline } = await this.#make(body, { owner: account.address, policy, call, claimed });
      return userSession({ row, you: relationsOf(row, account.address) }, pipeline);
    } catch (error) {
      if (claimed) await this.#unclaim(claimed);
      throw error;
    }
  }

  async #make(
    body: NewSession,
    given: { owner: string; policy: PolicyOfSession | undefined; call: Call; claimed: IdempotencyRow | null },
  ): Promise<{ row: SessionRow; pipeline: Pipeline }> {
    const { orchestrator, sessions, owners } = this.#dependencies;
    const { owner, policy, call, claimed } = given;
    const { title, tracks, recipients, chunkSizeBytes, retentionDays } = body;
    const place = await this.#quotas.reserve(owner);
    try {
      const optional = {
        ...(title === undefined ? {} : { title }),
        ...(chunkSizeBytes === undefined ? {} : { chunkSizeBytes }),
        ...(retentionDays === undefined ? {} : { retentionDays }),
        ...(policy === undefined ? {} : { policyHash: policy.hash }),
      };
      const pipeline = await relaying(
        orchestrator.createSession({ body: { owner, recipients, tracks, ...optional } }, { call }),
      );
      const { sessionId, createdAtUs } = pipeline;
      const row = rowOf(body, { sessionId, owner, createdAtUs, policy });
      const done =
        claimed && replaceIn(owners.idempotency, { ...claimed, sessionId, expiresAtMs: this.#day() }, 1);
      const writes = [...sessions.insertion(row), ...(done ? [done] : [])];
      await this.#quotas.occupy(owner, place, { sessionId, writes });
      return { row, pipeline };
    } catch (error) {
      await this.#quotas.abandon(owner, place).catch(() => {});
      throw error;
    }
  }

  /** Null where no key was given; an id where this request was answered before. @throws ProblemError idempotency_conflict */
  async #claim(body: NewSession, owner: string): Promise<IdempotencyRow | string | null> {
    const { idempotencyKey } = body;
    if (idempotencyKey === undefined) return null;
    const { owners, clock } = this.#dependencies;
    const nowMs = clock.nowMs();
    const requestHash = requestHashOf(body);
    const row = { owner, idempotencyKey, requestHash, expiresAtMs: nowMs + UNDER_WAY_MS };
    for (;;) {
      try {
        await storing(owners.idempotency.insert(row));
        return row;
      } catch (error) {
        if (!raced(error)) throw error;
      }
      const there = await storing(owners.idempotency.get(`${owner} ${idempotencyKey}`));
      if (!there) continue;
      const { document, version, key } = there;
      if (document.expiresAtMs <= nowMs) await owners.idempotency.remove(key, version).catch(() => {});
      else if (document.requestHash !== requestHash) throw problem('idempotency_conflict');
      else if (document.sessionId !== undefined) return document.sessionId;
      else throw problem('idempotency_conflict', { detail: 'The first request is still under way.' });
    }
  }

  async #unclaim({ owner, idempotencyKey }: IdempotencyRow): Promise<void> {
    await this.#dependencies.owners.idempotency.remove(`${owner} ${idempotencyKey}`, 1).catch(() => {});
  }

  async #again(sessionId: string, account: SignedInAccount): Promise<UserSession> {
    const found = await this.#directory.find(sessionId, account);
    return userSession(found, await this.#directory.pipeline(sessionId));
  }

  #day(): number {
    return this.#dependencies.clock.nowMs() + DAY_MS;
  }
}

function rowOf(
  { type = 'api_user', observers = [], parties }: NewSession,
  own: { sessionId: string; owner: string; createdAtUs: number; policy: PolicyOfSession | undefined },
): SessionRow {
  return {
    ...own,
    type,
    observers,
    ...(parties ? { parties } : {}),
    consents: [],
    approvals: [],
    filesMoved: 0,
    decisions: 0,
    denied: 0,
  };
}
