/** Start, stop, pause and resume on behalf of an account. */

import { utf8ToBytes } from '@lucid/bytes';
import { evaluate, parsePolicy } from '@lucid/control-policy';
import type { Call, SignedInAccount } from '@lucid/service-kit';
import { problem, relaying } from '../problem.ts';
import { assertAgreed, isUnderPolicy, type UnderPolicy } from './consenting.ts';
import { type Dependencies, nowUs } from './dependencies.ts';
import type { Directory, Found, Pipeline } from './directory.ts';
import type { PolicySessions } from './policy-sessions.ts';
import { isRunning, type Quotas } from './quotas.ts';

export const NOT_EVIDENCED = 'policy and consents could not be entered into the evidence';

/** @throws ProblemError policy_broken where the policy does not let the session begin now */
function assertBeginnable({ sessionId, policy }: UnderPolicy, atUs: number): void {
  const parsed = parsePolicy(utf8ToBytes(policy.text));
  const broken = (reason: string) =>
    problem('policy_broken', {
      detail: `The policy does not let it begin: ${reason}.`,
      extensions: { reason },
    });
  if (!parsed.ok) throw broken('policy_not_checked');
  const verdict = evaluate(
    parsed.value,
    { kind: 'session' },
    {
      sessionId,
      policyHash: policy.hash,
      ...{ nowUs: atUs, startedAtUs: atUs, lastInputAtUs: atUs },
      ...{ mouseEventsLastSecond: 0, filesMoved: 0, approvals: [] },
    },
  );
  if (verdict.decision === 'deny') throw broken(verdict.reason);
}

export class Starting {
  readonly #dependencies: Dependencies;
  readonly #directory: Directory;
  readonly #quotas: Quotas;
  readonly #policies: PolicySessions;

  constructor(
    dependencies: Dependencies,
    parts: { directory: Directory; quotas: Quotas; policies: PolicySessions },
  ) {
    this.#dependencies = dependencies;
    this.#directory = parts.directory;
    this.#quotas = parts.quotas;
    this.#policies = parts.policies;
  }

  async start({ row }: Found, account: SignedInAccount, call: Call): Promise<Pipeline> {
    const { sessionId, owner } = row;
    const now = await this.#directory.pipeline(sessionId);
    if (isRunning(now) && row.run !== 'starting') return now;
    const bound = isUnderPolicy(row) ? row : null;
    if (now.state === 'created' && bound) this.#assertMayStart(bound);
    await this.#quotas.run(owner, sessionId, account);
    try {
      const started = bound
        ? await this.#startBound(bound, call)
        : await this.#startPipeline(sessionId, call);
      return started;
    } catch (error) {
      const after = await this.#directory.pipeline(sessionId).catch(() => undefined);
      if (after && !isRunning(after)) await this.#quotas.rest(owner, sessionId).catch(() => {});
      throw error;
    }
  }

  #assertMayStart(row: UnderPolicy): void {
    const atUs = nowUs(this.#dependencies.clock);
    assertAgreed(row, atUs);
    assertBeginnable(row, atUs);
  }

  #startPipeline(sessionId: string, call: Call): Promise<Pipeline> {
    return relaying(this.#dependencies.orchestrator.startSession({ params: { sessionId } }, { call }));
  }

  /** Marked before it starts, so that the worker ends what this process cannot. */
  async #startBound(row: UnderPolicy, call: Call): Promise<Pipeline> {
    const { sessions, clock, orchestrator } = this.#dependencies;
    const { sessionId } = row;
    await sessions.change(sessionId, ({ run }) =>
      run === undefined || run === 'starting' ? { run: 'starting', startsAtUs: nowUs(clock) } : null,
    );
    const pipeline = await this.#startPipeline(sessionId, call);
    try {
      const begun = await this.#policies.begin(row);
      if (isUnderPolicy(begun)) await this.#policies.load(begun);
      return pipeline;
    } catch (error) {
      const body = { closed: 'interrupted', reason: NOT_EVIDENCED } as const;
      await orchestrator.stopSession({ params: { sessionId }, query: {}, body }).catch(() => {});
      throw error;
    }
  }
}
