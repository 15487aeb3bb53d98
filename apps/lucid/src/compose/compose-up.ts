/** `lucid up --compose`: the stack in containers. What would fail is found before anything is started. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { countText, Output } from '../cli/output.ts';
import type { Check } from '../commands/doctor-machine.ts';
import { makeDataFolders } from './check-data.ts';
import { checkEngine } from './check-engine.ts';
import { checkout } from './checkout.ts';
import { checkStack } from './checks.ts';
import { readContainers, type StackContainer } from './containers.ts';
import { createDocker, type Docker, reasonOf } from './docker.ts';
import { readModel, type StackModel, stackArgs } from './model.ts';
import { type ComposeOptions, type ComposePlace, findComposePlace } from './place.ts';
import { tellStack } from './tell-stack.ts';

/** A Raspberry Pi that starts from cold takes most of it. */
const WAIT_S = 240;

export type ComposeUpOptions = ComposeOptions & { readonly json: boolean; readonly quiet: boolean };

const blocked = ({ name, text, advice }: Check): CliError =>
  new CliError(
    name === 'docker' || name === 'compose' ? 'docker_missing' : 'stack_blocked',
    `${text}. ${advice}`,
  );

const throwFirst = (checks: readonly Check[]): void => {
  const failed = checks.find(({ status }) => status === 'fail');
  if (failed) throw blocked(failed);
};

/** Makes what is missing of the secrets of this repository's own stack. @throws CliError stack_blocked */
async function completeSecrets({ ours, secrets, envFile }: ComposePlace, output: Output): Promise<void> {
  const program = join(checkout(), 'tools/make-secrets.mjs');
  if (!ours || !existsSync(program)) return;
  const child = spawn(process.execPath, [program, secrets, '--env', envFile, '--if-missing'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new CliError('stack_blocked', `secrets: ${said.err.trim()}`);
  if (said.out.trim()) output.note(said.out.trim());
}

const REASON_CHARS = 240;

/** The end of its log, else what its check said. */
async function wordsOf(docker: Docker, { id, said }: StackContainer): Promise<string> {
  const log = reasonOf(await docker.run('logs', '--tail', '1', id));
  return (log || said).slice(0, REASON_CHARS);
}

/** Those that ended, since others wait for them; where none did, those that are not healthy. */
async function sickOf(docker: Docker, model: StackModel): Promise<string[]> {
  const all = await readContainers(docker, model);
  const ended = all.filter(
    ({ status, exitCode, restarts }) => status === 'exited' || restarts > 0 || exitCode > 0,
  );
  const sick = ended.length > 0 ? ended : all.filter(({ health }) => health !== null && health !== 'healthy');
  return Promise.all(
    sick.map(async (each) => {
      const how = ended.includes(each) ? `ended with status ${each.exitCode}` : `is ${each.health}`;
      return `${each.service} ${how} (${await wordsOf(docker, each)}); see: docker logs ${each.name}`;
    }),
  );
}

async function start(docker: Docker, model: StackModel, output: Output): Promise<void> {
  const wait = ['up', '-d', '--wait', '--wait-timeout', String(WAIT_S)];
  const ran = await docker.show(output.drawsOnTerminal, ...stackArgs(model), ...wait);
  if (ran.status === 0) return;
  const sick = await sickOf(docker, model);
  const which = sick.length > 0 ? sick.join('\n') : reasonOf(ran);
  throw new CliError(
    'stack_failed',
    `not every service came up: ${which}\nAll of it: lucid doctor --compose`,
  );
}

export async function composeUp(process: NodeJS.Process, options: ComposeUpOptions): Promise<number> {
  const output = new Output(process, options);
  const docker = createDocker(process.env);
  const place = findComposePlace(process.env, options);
  throwFirst(await checkEngine(docker));
  await completeSecrets(place, output);
  // Settings may have been made with the secrets.
  const made = findComposePlace(process.env, options);
  makeDataFolders(await readModel(docker, made, options));
  const { checks, stack } = await checkStack(docker, made, options);
  throwFirst(checks);
  if (!stack) throw new CliError('stack_blocked', 'nothing can be said of the stack.');
  for (const { status, text, advice } of checks)
    if (status === 'warn') output.note(`Note: ${text}. ${advice}`);
  const { model } = stack;
  const count = Object.keys(model.services).length;
  output.note(`starting ${countText(count, 'service')} of ${model.file} …`);
  const startedMs = performance.now();
  await start(docker, model, output);
  await tellStack({ docker, model, place: made, output, readyMs: Math.round(performance.now() - startedMs) });
  return exitCodes.ok;
}
