/** The policies that have names, and those that an account keeps. */
import type { OutputOf, sessionApiContract } from '@lucid/contracts';
import { checkPolicy, encodePolicy, namedPolicies } from '@lucid/control-policy';
import { storing } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { PolicyRow } from '../store/owner-store.ts';
import { judgePolicy } from './creating.ts';
import { type Dependencies, nowUs } from './dependencies.ts';

type TrustPolicy = OutputOf<(typeof sessionApiContract)['operations']['storePolicy']>;

const POLICIES_MAX = 100;

const document = (text: string) => JSON.parse(text) as Record<string, unknown>;

const named: readonly TrustPolicy[] = Object.entries(namedPolicies).flatMap(([name, policy]) => {
  const judged = checkPolicy(policy);
  return judged.ok ? [{ policyHash: judged.value.hash, name, policy: { ...judged.value.policy } }] : [];
});

const own = ({ owner, policyHash, name, text, createdAtUs }: PolicyRow): TrustPolicy => ({
  policyHash,
  name,
  owner,
  createdAtUs,
  policy: document(text),
});

export const listPolicies = async (
  owner: string,
  { owners }: Pick<Dependencies, 'owners'>,
): Promise<TrustPolicy[]> => [...named, ...(await owners.policiesOf(owner)).map(own)];

/** @throws ProblemError policy_unsound, too_many_policies */
export async function storePolicy(
  { name, policy }: { readonly name: string; readonly policy: unknown },
  owner: string,
  { owners, clock }: Pick<Dependencies, 'owners' | 'clock'>,
): Promise<TrustPolicy> {
  const checked = judgePolicy(policy);
  const kept = await owners.policiesOf(owner);
  const same = kept.find(({ policyHash }) => policyHash === checked.hash);
  const tooMany = () => problem('too_many_policies', { extensions: { limit: POLICIES_MAX } });
  if (!same && kept.length >= POLICIES_MAX) throw tooMany();
  const text = new TextDecoder().decode(encodePolicy(checked));
  const createdAtUs = same?.createdAtUs ?? nowUs(clock);
  const row: PolicyRow = { owner, policyHash: checked.hash, name, text, createdAtUs };
  await storing(owners.policies.upsert(row));
  // Of several that came at once, each saw the last place free.
  if (!same && (await owners.policiesOf(owner)).length > POLICIES_MAX) {
    await storing(owners.policies.remove(`${owner} ${row.policyHash}`));
    throw tooMany();
  }
  return own(row);
}

/** @throws ProblemError policy_unknown */
export async function removePolicy(
  policyHash: string,
  owner: string,
  { owners }: Pick<Dependencies, 'owners'>,
): Promise<void> {
  if (!(await storing(owners.policies.remove(`${owner} ${policyHash}`)))) throw problem('policy_unknown');
}
