/** `lucid policy list|show|hash|explain`: control policies, without a host. */
import { readFileSync } from 'node:fs';
import { type Action, type CheckedPolicy, checkPolicy, explain, namedPolicies } from '@lucid/control-policy';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';

export interface PolicyOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError('usage', `${what} is not JSON.`, { cause });
  }
}

/** A named policy, or one in a file. @throws CliError usage, source_unreadable */
function policyOf(text: string): CheckedPolicy {
  const named = (namedPolicies as Readonly<Record<string, unknown>>)[text];
  const judged = checkPolicy(named ?? parseJson(readPolicyFile(text), text));
  if (judged.ok) return judged.value;
  throw new CliError('usage', `${text} is no policy: ${judged.detail}`);
}

function readPolicyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(
      'source_unreadable',
      `the policy ${path} cannot be read: ${plainReason(error)}. Named policies are ${Object.keys(namedPolicies).join(' and ')}.`,
      { cause: error },
    );
  }
}

export function listPolicies(process: NodeJS.Process, options: PolicyOptions): number {
  const output = new Output(process, options);
  const policies = Object.keys(namedPolicies).map((name) => ({ name, hash: policyOf(name).hash }));
  output.json({ policies });
  for (const { name, hash } of policies) output.line(`${name.padEnd(10)} ${hash}`);
  output.note(
    'Make your own from one of them: lucid policy show standard > mine.json, with "profile": "custom".',
  );
  return exitCodes.ok;
}

export function showPolicy(process: NodeJS.Process, text: string, options: PolicyOptions): number {
  const output = new Output(process, options);
  const { policy, hash } = policyOf(text);
  output.json({ hash, policy });
  output.line(JSON.stringify(policy, null, 2));
  output.note(`hash ${hash}`);
  return exitCodes.ok;
}

/** Why an action would be allowed or denied. Ends with 1 where it is denied. */
export function explainPolicy(
  process: NodeJS.Process,
  text: string,
  actionText: string,
  options: PolicyOptions,
): number {
  const output = new Output(process, options);
  const policy = policyOf(text);
  const nowUs = Date.now() * 1000;
  const told = explain(policy, parseJson(actionText, 'the action') as Action, {
    sessionId: '0'.repeat(64),
    policyHash: policy.hash,
    nowUs,
    startedAtUs: nowUs,
    lastInputAtUs: nowUs,
    mouseEventsLastSecond: 0,
    filesMoved: 0,
    approvals: [],
  });
  output.json({ hash: policy.hash, ...told });
  output.line(`${told.decision}: ${told.reason} (${told.rule})`);
  for (const { rule, outcome, why } of told.steps)
    output.line(`  ${rule.padEnd(28)} ${outcome} ${why ?? ''}`.trimEnd());
  return told.decision === 'allow' ? exitCodes.ok : exitCodes.failed;
}
