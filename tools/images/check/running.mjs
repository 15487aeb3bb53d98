// What a container of an image can do when nothing is granted to it: read-only, no capability, no new privileges, no way out. The image's
// own checker looks from inside (`lucid-health confinement`), because there is no shell to look with.
import { randomBytes } from 'node:crypto';
import { docker } from '../daemon.mjs';

/** @import { Fault } from './files.mjs' */

/**
 * @typedef {object} Grants what compose would give the container
 * @property {string[]} options of `docker run`
 * @property {string[]} writable places that may be written to
 * @property {Record<string, string>} environment
 */

const CHECKER = '/usr/bin/lucid-health';

/** The kernel's own shared memory is always there. */
const ALWAYS_WRITABLE = ['/dev/shm'];

/** What nothing but a container for development may run. */
export const SHELLS = ['sh', 'bash'];

/** What no container of ours may run. */
export const STRANGERS = [...SHELLS, 'busybox', 'apt', 'dpkg'];
/** As long as `start_period` of compose. */
const HEALTHY_MS = 60_000;
const POLL_MS = 250;

const CONFINED = [
  '--read-only',
  ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  // It is run from here; Docker's own would be a second process now and then.
  '--no-healthcheck',
];

/** Options of `docker run` for a container that has nothing but its grants. @type {(grants: Grants) => string[]} */
export const runArguments = ({ options, environment }) => [
  ...CONFINED,
  ...options,
  ...Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
];

/**
 * @param {string} reference
 * @param {Grants} grants
 * @param {object} options
 * @param {readonly string[]} [options.check] the `Test` of its health check
 * @param {readonly string[]} options.strangers programs that it must not have
 * @param {string} [options.network] default: none
 * @param {number} [options.healthyMs] for how long its check may not be content; default: 60 s
 * @returns {Promise<Fault[]>}
 */
export async function judgeRunning(reference, grants, { check, strangers, network = 'none', healthyMs }) {
  const name = `lucid-check-${randomBytes(6).toString('hex')}`;
  const started = docker([
    'run',
    '--detach',
    '--name',
    name,
    '--network',
    network,
    ...runArguments(grants),
    reference,
  ]);
  try {
    if (!started.ok) return [{ rule: 'starts', what: `it does not start: ${lastLine(started.err)}` }];
    const unhealthy = await whyUnhealthy(name, check ?? [], healthyMs);
    if (unhealthy) return [unhealthy];
    return [...judgeStrangers(name, strangers), ...judgeConfinement(name, grants.writable)];
  } finally {
    docker(['rm', '--force', '--volumes', name]);
  }
}

/** @type {(text: string) => string} */
export const lastLine = (text) => text.trim().split('\n').at(-1) ?? '';

/** Runs the image's own check until it is content. @type {(name: string, test: readonly string[], healthyMs?: number) => Promise<Fault | null>} */
export async function whyUnhealthy(name, [kind, ...check], healthyMs = HEALTHY_MS) {
  if (kind !== 'CMD') return { rule: 'health', what: 'it has no health check that runs without a shell' };
  for (const begun = Date.now(); ; ) {
    const answer = docker(['exec', name, ...check]);
    if (answer.ok) return null;
    const state = docker(['inspect', '--format', '{{.State.Running}} {{.State.ExitCode}}', name]).out;
    if (!state.startsWith('true')) {
      const logs = docker(['logs', '--tail', '3', name]);
      return {
        rule: 'starts',
        what: `it ends with ${state.split(' ')[1]}: ${lastLine(`${logs.out}\n${logs.err}`)}`,
      };
    }
    if (Date.now() - begun > healthyMs)
      return {
        rule: 'health',
        what: `its health check is not content: ${lastLine(answer.out || answer.err)}`,
      };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** @type {(name: string, strangers: readonly string[]) => Fault[]} */
function judgeStrangers(name, strangers) {
  const faults = [];
  for (const program of strangers) {
    const { ok, out, err } = docker(['exec', name, program, '--version']);
    if (ok || !/executable file not found/.test(`${out}\n${err}`))
      faults.push({ rule: 'exec', what: `${program} can be run in it` });
  }
  return faults;
}

/** @type {(name: string, writable: readonly string[]) => Fault[]} */
function judgeConfinement(name, writable) {
  const { ok, out, err } = docker(['exec', name, CHECKER, 'confinement']);
  if (!ok)
    return [
      { rule: 'confinement', what: `${CHECKER} confinement does not work in it: ${lastLine(err || out)}` },
    ];
  /** @type {Map<string, string[]>} */
  const facts = new Map();
  for (const line of out.split('\n')) {
    const [key = '', ...value] = line.split(' ');
    facts.set(key, [...(facts.get(key) ?? []), value.join(' ')]);
  }
  return judgeFacts(facts, [...writable, ...ALWAYS_WRITABLE]);
}

/**
 * @param {ReadonlyMap<string, readonly string[]>} facts of `lucid-health confinement`
 * @param {readonly string[]} writable
 * @returns {Fault[]}
 */
export function judgeFacts(facts, writable) {
  /** @type {Fault[]} */
  const faults = [];
  const add = (/** @type {string} */ rule, /** @type {string} */ what) => faults.push({ rule, what });
  const one = (/** @type {string} */ key) => facts.get(key)?.[0] ?? 'unknown';
  if (one('Uid') !== '1000' || one('Gid') !== '1000') add('user', `it runs as ${one('Uid')}:${one('Gid')}`);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    if (!/^0+$/.test(one(set))) add('capabilities', `its capabilities ${set} are ${one(set)}`);
  if (one('NoNewPrivs') !== '1') add('privileges', 'it can gain privileges');
  if (one('Seccomp') !== '2') add('seccomp', 'no filter of system calls is on');
  // It was started without an init.
  if (one('Processes') !== '1') add('processes', `it has ${one('Processes')} processes`);
  for (const folder of facts.get('Writable') ?? [])
    if (!writable.includes(folder)) add('writable', `${folder} can be written to, and is no declared volume`);
  for (const folder of facts.get('Guarded') ?? [])
    add('writable', `only permissions keep it from writing to ${folder}: its root is not read-only`);
  if (!(Number(one('ReadOnly')) > 0)) add('writable', 'no folder of it is read-only');
  return faults;
}
