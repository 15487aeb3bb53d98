/** Plans: those of the house, and what was stored. */
import { bytesToHex } from '@lucid/bytes';
import type { Plan as PlanAnswer } from '@lucid/contracts';
import { sha256 } from '@lucid/crypto';
import { canonicalBytes, JcsError } from '@lucid/jcs';
import type { Static } from 'typebox';
import { governance } from '../plans/governance.ts';
import { problem } from '../problem.ts';
import type { PlanStore } from '../store/plan-store.ts';
import type { RunStore } from '../store/run-store.ts';
import type { ContractCatalog } from './contract-catalog.ts';
import type { Plan } from './plan.ts';
import { judgePlan } from './plan-judge.ts';

type Answer = Static<typeof PlanAnswer>;

/** @throws ProblemError plan_invalid where it is no canonical JSON (half a surrogate pair, nested too deeply). */
export function hashOf(value: unknown): string {
  try {
    return bytesToHex(sha256(canonicalBytes(value)));
  } catch (error) {
    if (error instanceof JcsError)
      throw problem('plan_invalid', {
        detail: 'It holds text that is no Unicode, or nests too deeply.',
        cause: error,
      });
    throw error;
  }
}

const house: ReadonlyMap<string, Answer> = new Map(
  Object.entries({ governance }).map(([planId, plan]) => [
    planId,
    { planId, origin: 'house', planHash: hashOf(plan), plan },
  ]),
);

interface Parts {
  readonly store: PlanStore;
  readonly runs: RunStore;
  readonly catalog: ContractCatalog;
}

export class Plans {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async list({
    limit,
    after,
  }: {
    limit: number;
    after?: string | undefined;
  }): Promise<{ items: Answer[]; next: string | null }> {
    const page = await this.#parts.store.find({
      index: 'key',
      limit,
      ...(after === undefined ? {} : { after }),
    });
    const stored = page.items.map(({ document }) => answerOf(document));
    return { items: after === undefined ? [...house.values(), ...stored] : stored, next: page.next };
  }

  async get(planId: string): Promise<Answer> {
    const found = house.get(planId);
    if (found) return found;
    const stored = await this.#parts.store.get(planId);
    if (!stored) throw problem('plan_unknown', { detail: `There is no plan ${planId}.` });
    return answerOf(stored.document);
  }

  async put(planId: string, plan: Plan): Promise<Answer> {
    const planHash = hashOf(plan);
    if (house.has(planId)) throw problem('plan_conflict', { detail: `${planId} ships with the program.` });
    const known = await this.#parts.store.get(planId);
    if (known?.document.planHash === planHash) return answerOf(known.document);
    if (known && (await this.#hasRuns(planId)))
      throw problem('plan_conflict', { detail: `${planId} has runs.` });
    await judgePlan(plan, this.#parts.catalog);
    const document = { planId, planHash, plan: JSON.stringify(plan) };
    await this.#parts.store.upsert(document);
    return answerOf(document);
  }

  async remove(planId: string): Promise<void> {
    const { origin } = await this.get(planId);
    if (origin === 'house') throw problem('plan_conflict', { detail: `${planId} ships with the program.` });
    if (await this.#hasRuns(planId)) throw problem('plan_conflict', { detail: `${planId} has runs.` });
    await this.#parts.store.remove(planId);
  }

  async #hasRuns(planId: string): Promise<boolean> {
    return (await this.#parts.runs.count({ index: 'plan', equals: [planId] })) > 0;
  }
}

const answerOf = ({
  planId,
  planHash,
  plan,
}: {
  planId: string;
  planHash: string;
  plan: string;
}): Answer => ({
  ...{ planId, planHash, origin: 'stored' },
  plan: JSON.parse(plan) as Plan,
});
