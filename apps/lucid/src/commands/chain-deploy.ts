/** `lucid chain deploy PLAN`: carries out a plan of deployments on the chain of this node, and says what stands where. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { contractDeploymentContract, deploymentOrchestratorContract, governancePlan } from '@lucid/contracts';
import { type Client, isProblem } from '@lucid/service-kit';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { countText, type Output } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { governorPath, keepGovernor, keptGovernor } from '../host/chain.ts';
import type { Lucid } from '../host/lucid.ts';
import { ENOUGH_WEI, FUND_ADVICE, readyChain } from './chain.ts';

export interface DeployOptions {
  readonly plan: string;
  /** Path of a JSON object. */
  readonly inputs?: string;
  /** Of a run that began before, to go on with it. */
  readonly id?: string;
  readonly dryRun: boolean;
}

type Orchestrator = Client<typeof deploymentOrchestratorContract>;
type Run = Awaited<ReturnType<Orchestrator['getRun']>>;
type Inputs = Run['inputs'];

const POLL_MS = 250;

function readInputs(path: string | undefined): Inputs {
  if (path === undefined) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Inputs;
  } catch (error) {
    throw new CliError('source_unreadable', `${path} cannot be read as JSON: ${plainReason(error)}.`, {
      cause: error,
    });
  }
  throw new CliError('usage', `${path} is no JSON object of inputs by their names.`);
}

/** What the orchestrator refuses, in the words that it says it with. */
function refusal(error: unknown, plan: string): unknown {
  if (isProblem(error, 'plan_unknown'))
    return new CliError('usage', `there is no plan ${plan}; see: lucid chain plans`, { cause: error });
  if (isProblem(error, 'inputs_invalid', 'plan_invalid', 'run_conflict', 'run_over', 'invalid_request'))
    return new CliError('usage', `nothing was sent: ${error.detail ?? error.message}`, { cause: error });
  return error;
}

/** Throws CliError where nobody of this node writes into its chain. */
async function orchestratorOf(context: CommandContext): Promise<Orchestrator> {
  const { status } = await readyChain(context);
  if (status.producer !== null) return context.lucid.clientOf(deploymentOrchestratorContract);
  throw new CliError(
    'usage',
    'the blocks of this chain are made elsewhere, so nothing is deployed from here',
  );
}

export async function listPlans(context: CommandContext): Promise<number> {
  const { output } = context;
  const { items } = await (await orchestratorOf(context)).listPlans({ query: { limit: 200 } });
  output.json({ plans: items });
  for (const { planId, plan } of items) {
    output.line(`${planId}  ${plan.summary}`);
    for (const { name, description, ...rest } of plan.inputs)
      output.line(`  ${name}  ${description}${'default' in rest ? '' : ' (must be given)'}`);
  }
  return exitCodes.ok;
}

async function tryDry(orchestrator: Orchestrator, output: Output, { plan, ...rest }: DeployOptions) {
  const body = { inputs: readInputs(rest.inputs) };
  const would = await orchestrator.dryRun({ params: { planId: plan }, body });
  output.json(would);
  for (const { id, what, ok, gas, failure } of would.steps)
    output.line(
      `${ok ? 'would' : 'FAILS'}  ${id}: ${what}${gas === undefined ? '' : `, ${BigInt(gas)} gas`}${failure ? `: ${failure.detail}` : ''}`,
    );
  output.line(`in all ${BigInt(would.gas)} gas, ${BigInt(would.costWei)} wei; nothing was sent`);
  const { account, balanceWei, costWei } = would;
  if (BigInt(balanceWei) < BigInt(costWei))
    output.line(`FAILS  the account ${account} has ${BigInt(balanceWei)} wei. ${FUND_ADVICE}`);
  return would.ok ? exitCodes.ok : exitCodes.failed;
}

/** A second governor would take the place of the first, whose proposals nobody here would see any more. Throws CliError. */
async function assertUngoverned(orchestrator: Orchestrator, lucid: Lucid, { plan, id }: DeployOptions) {
  const governor = plan === governancePlan.planId ? keptGovernor(lucid.home) : undefined;
  if (governor === undefined) return;
  const begun =
    id !== undefined &&
    (await orchestrator.getRun({ params: { runId: id } }).catch((error: unknown) => {
      if (isProblem(error, 'run_unknown', 'invalid_request')) return false;
      throw error;
    }));
  if (begun) return;
  throw new CliError(
    'usage',
    `nothing was sent: ${governor} governs this chain already. To have another in its place, remove ${governorPath(lucid.home)} first.`,
  );
}

/** Whoever pays has something: where the chain is older than that account, it has nothing. Throws CliError. */
async function assertFunded(lucid: Lucid): Promise<void> {
  const { account, balanceWei } = await lucid.clientOf(contractDeploymentContract).getAccount({});
  if (BigInt(balanceWei) >= ENOUGH_WEI) return;
  throw new CliError(
    'usage',
    `nothing was sent: the account ${account}, which pays for deployments, has no funds in this chain. ${FUND_ADVICE}`,
  );
}

/** Begins the run, or goes on with it where it stopped. */
async function begin(orchestrator: Orchestrator, runId: string, options: DeployOptions): Promise<Run> {
  const body = { planId: options.plan, inputs: readInputs(options.inputs) };
  const run = await orchestrator.startRun({ params: { runId }, body });
  if (run.status !== 'stopped' || !run.stopped?.mayResume) return run;
  return orchestrator.resumeRun({ params: { runId } });
}

async function follow(orchestrator: Orchestrator, run: Run, { output, abort }: CommandContext) {
  let told = 0;
  for (let now = run; ; now = await orchestrator.getRun({ params: { runId: run.runId } })) {
    const done = now.steps.filter(({ status }) => status === 'done');
    for (const { id, address } of done.slice(told)) output.note(`${id}${address ? `  ${address}` : ''}`);
    told = done.length;
    if (now.status !== 'running' && now.status !== 'compensating') return now;
    if (abort.aborted)
      throw new CliError('session_failed', `stopped; the run goes on where it is with: --id ${run.runId}`);
    await delay(POLL_MS);
  }
}

export async function deployPlan(context: CommandContext, options: DeployOptions): Promise<number> {
  const { lucid, output } = context;
  const orchestrator = await orchestratorOf(context);
  const refuse = (error: unknown): never => {
    throw refusal(error, options.plan);
  };
  if (options.dryRun) return tryDry(orchestrator, output, options).catch(refuse);
  await assertUngoverned(orchestrator, lucid, options);
  await assertFunded(lucid);
  const runId = options.id ?? randomBytes(8).toString('hex');
  output.note(`run ${runId}; cut off, it goes on with: --id ${runId}`);
  const run = await follow(orchestrator, await begin(orchestrator, runId, options).catch(refuse), context);
  output.json(run);
  if (run.status !== 'done') {
    const { code, detail, mayResume } = run.stopped ?? { code: run.status, detail: '', mayResume: false };
    const next = mayResume
      ? `Mend that, then go on with: --id ${runId}`
      : 'It cannot go on: run the plan anew.';
    const stands = countText(run.stands.length, 'contract');
    throw new CliError('host_failed', `the run stopped (${code}): ${detail} ${stands} of it stand. ${next}`);
  }
  for (const [name, value] of Object.entries(run.results ?? {})) output.line(`${name}  ${String(value)}`);
  if (options.plan === governancePlan.planId) {
    keepGovernor(lucid.home, String(run.results?.LucidGovernor));
    output.line('lucid up governs by it from its next start');
  }
  return exitCodes.ok;
}
