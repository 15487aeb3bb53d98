/** The host and what it keeps: are its services ready, the ledger and the evidence whole, and is every session finished? */
import { existsSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { parseCheckpoint, parseNote, parseVerifierKey, verifyNote } from '@lucid/checkpoint';
import { blockchainLedgerContract, sessionOrchestratorContract } from '@lucid/contracts';
import { ProblemError, type Readiness } from '@lucid/service-kit';
import { countText } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { commandLog } from '../cli/run-with-lucid.ts';
import { toCliError } from '../cli/to-cli-error.ts';
import type { EvidenceHost } from '../host/evidence-host.ts';
import { evidencePath, type Home } from '../host/home.ts';
import { lockOwner } from '../host/home-lock.ts';
import { type HostCard, type Lucid, readHostCard } from '../host/lucid.ts';
import { type NodeKeys, readNodeKeys } from '../host/node-keys.ts';
import { openLucid } from '../host/open-lucid.ts';
import { checkAnchors, checkChain } from './doctor-chain.ts';
import { type Check, fail, ok, warn } from './doctor-machine.ts';
import { BundleFile } from './open-bundle.ts';
import { pages } from './pages.ts';
import { retryCommand } from './retry.ts';
import type { Session } from './session-flow.ts';

const PROBE_MS = 3000;
const NAMED = 3;
const START_PATIENCE_MS = 5_000;
const START_POLL_MS = 20;

/** They show who comes from outside whether they live, and no more. */
const FRONTS: readonly string[] = ['api-gateway', 'openapi-gateway'];

/** `GET /ready` of one service; it belongs to no contract, since it is for who looks after the host. */
async function probe(service: string, target: HostCard['targets'][string]): Promise<Readiness> {
  if (!FRONTS.includes(service)) return (await ask(target, '/ready')) as Readiness;
  const { status } = (await ask(target, '/health')) as { status?: unknown };
  return { status: status === 'up' ? 'ready' : 'unready', dependencies: {} };
}

function ask({ socketPath, origin }: HostCard['targets'][string], path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: IncomingMessage) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString('utf8')));
        } catch (error) {
          reject(error);
        }
      });
    };
    const options = { timeout: PROBE_MS };
    const url = new URL(path, origin);
    const call = socketPath
      ? request({ ...options, socketPath, path }, onAnswer)
      : url.protocol === 'https:'
        ? // The host's own, at the address that its card names.
          requestTls(url, { ...options, rejectUnauthorized: false }, onAnswer)
        : request(url, options, onAnswer);
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', reject);
    call.end();
  });
}

const reasonOf = (error: unknown): string => plainReason(toCliError(error));

/** By service; an error where it did not answer. */
export type States = Readonly<Record<string, Readiness | Error>>;

const isSound = (states: States): boolean =>
  Object.values(states).every((state) => !(state instanceof Error) && state.status === 'ready');

/** Of services that began a moment ago: what is not ready yet may become so. */
async function statesAtStart({ stack }: EvidenceHost): Promise<States> {
  try {
    await stack.wake();
  } catch (error) {
    return { ...(await stack.ready()), 'on-system-chain': error as Error };
  }
  const untilMs = performance.now() + START_PATIENCE_MS;
  for (;;) {
    const states = await stack.ready();
    if (isSound(states) || performance.now() > untilMs) return states;
    await delay(START_POLL_MS);
  }
}

async function statesOf(lucid: Lucid, card: HostCard | null): Promise<States> {
  if ('stack' in lucid) return statesAtStart(lucid as EvidenceHost);
  const states = Object.entries(card?.targets ?? {}).map(
    async ([service, target]) =>
      [service, await probe(service, target).catch((error: Error) => error)] as const,
  );
  return Object.fromEntries(await Promise.all(states));
}

export function judgeStates(states: States): Check {
  const bad = Object.entries(states).flatMap(([service, state]) => {
    if (state instanceof Error) return [`${service} (${plainReason(state)})`];
    const down = Object.entries(state.dependencies).filter(([, { status }]) => status !== 'up');
    return state.status === 'ready'
      ? []
      : [
          `${service} (${down.map(([name, { error }]) => (error ? `${name}: ${error}` : name)).join(', ') || 'not ready'})`,
        ];
  });
  const count = Object.keys(states).length;
  return bad.length === 0
    ? ok('services', `${count} ready`)
    : fail(
        'services',
        `not ready: ${bad.join('; ')}`,
        'Stop the host and start it again with LUCID_LOG=info to see why.',
      );
}

async function checkLedger(lucid: Lucid): Promise<Check> {
  try {
    const note = parseNote(await lucid.clientOf(blockchainLedgerContract).getCheckpoint());
    const { size } = parseCheckpoint(note.text);
    const verdict = verifyNote(note, [parseVerifierKey(lucid.keys.ledger.verifierKey)]);
    return verdict.ok
      ? ok('ledger', `${size} ${size === 1 ? 'entry' : 'entries'}, head signed by this node`)
      : fail(
          'ledger',
          `its head is not signed by this node's key (${verdict.why})`,
          'Restore keys/ledger.key from a backup.',
        );
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'ledger_unavailable')
      return fail('ledger', error.message, 'Look at the disk, then start the host again.');
    return fail('ledger', `its head cannot be read: ${reasonOf(error)}`, 'See LUCID_LOG=info lucid doctor');
  }
}

async function allSessions(lucid: Lucid): Promise<Session[]> {
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  const sessions: Session[] = [];
  for await (const page of pages((from) => orchestrator.listSessions({ query: { limit: 1000, ...from } })))
    sessions.push(...page.sessions);
  return sessions;
}

const named = (ids: readonly string[]): string =>
  ids
    .slice(0, NAMED)
    .map((id) => id.slice(0, 16))
    .join(', ') + (ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '');

/** What is wrong with the evidence file of a finished session by its look; its content is the verifier's matter. */
function evidenceFault(home: Home, { bundle, sessionId }: Session): string | null {
  if (!bundle) return null;
  const path = evidencePath(home, sessionId);
  if (!existsSync(path)) return 'is missing';
  try {
    BundleFile.open(path).close();
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Nothing of it was ever stored, so nothing is lost. */
const neverBegan = ({ fault }: Session): boolean => fault === 'host_stopped' || fault === 'never_started';

export function judgeSessions(sessions: readonly Session[]): Check[] {
  const of = (...states: Session['state'][]) => sessions.filter(({ state }) => states.includes(state));
  const ids = (list: readonly Session[]) => list.map(({ sessionId }) => sessionId);
  const running = of('created', 'starting', 'recording', 'paused', 'stopped', 'processing');
  const unbegun = of('failed').filter(neverBegan);
  const failed = of('failed').filter((session) => !neverBegan(session));
  const finished = of('completed');
  const unanchored = finished.filter(({ anchored }) => !anchored);
  const checks = [
    ok(
      'sessions',
      `${finished.length} finished, ${running.length} under way, ${of('deleted').length} deleted` +
        (unbegun.length > 0 ? `, ${unbegun.length} never begun` : ''),
    ),
  ];
  if (failed.length > 0)
    checks.push(
      fail(
        'sessions',
        `${failed.length} could not be finished: ${named(ids(failed))}`,
        `See why: lucid show ${failed[0]?.sessionId.slice(0, 16)}`,
      ),
    );
  if (unanchored.length > 0)
    checks.push(
      warn(
        'anchors',
        `${unanchored.length} finished but not anchored: ${named(ids(unanchored))}`,
        'They are anchored when the ledger takes them; look again later.',
      ),
    );
  return checks;
}

function checkEvidenceFiles(home: Home, sessions: readonly Session[]): Check {
  const finished = sessions.filter(({ state }) => state === 'completed');
  const bad = finished.flatMap((session) => {
    const fault = evidenceFault(home, session);
    return fault ? [`${session.sessionId.slice(0, 16)}: ${fault}`] : [];
  });
  return bad.length === 0
    ? ok(
        'evidence',
        `${countText(finished.length, 'file')} in place (their content is checked by: lucid verify ID)`,
      )
    : fail('evidence', bad.slice(0, NAMED).join('; '), 'Restore these files from a copy.');
}

async function checkDeadLetters(lucid: Lucid): Promise<Check[]> {
  const { deadLetters } = await lucid.clientOf(sessionOrchestratorContract).listDeadLetters();
  return deadLetters.map(({ sessionId, step, attempts, reason }) =>
    fail(
      'dead letter',
      `session ${sessionId.slice(0, 16)}… gave up at step ${step} after ${countText(attempts, 'attempt')}: ${reason}`,
      `What is stored stays as it is; mend the cause, then: ${retryCommand(sessionId)}`,
    ),
  );
}

async function checkServices(lucid: Lucid, card: HostCard | null): Promise<Check[]> {
  const states = await statesOf(lucid, card);
  const checks = [judgeStates(states), await checkLedger(lucid), await checkChain(lucid, states)];
  try {
    const sessions = await allSessions(lucid);
    return [
      ...checks,
      ...judgeSessions(sessions),
      ...(await checkAnchors(lucid, sessions)),
      checkEvidenceFiles(lucid.home, sessions),
      ...(await checkDeadLetters(lucid)),
    ];
  } catch (error) {
    return [
      ...checks,
      fail('sessions', `they cannot be listed: ${reasonOf(error)}`, 'See LUCID_LOG=info lucid doctor'),
    ];
  }
}

function keysOf(home: Home): NodeKeys | null {
  try {
    return readNodeKeys(home);
  } catch {
    // What is wrong with them is told by the checks of the folder.
    return null;
  }
}

/** Asks the running host, or starts one here for the length of the question: that it starts is a check, too. */
export async function checkHost(process: NodeJS.Process, home: Home): Promise<Check[]> {
  const keys = keysOf(home);
  if (!keys) return [fail('host', 'not tried, since keys are missing or damaged', 'See above.')];
  const owner = lockOwner(home);
  const card = readHostCard(home);
  const serving = owner !== null && card?.pid === owner;
  if (owner !== null && !serving)
    return [
      warn('host', `process ${owner} is working with the data folder`, 'Look again when it has ended.'),
    ];
  let lucid: Lucid;
  try {
    lucid = await openLucid({
      home,
      keys,
      env: process.env,
      log: commandLog(process.env),
      codec: 'auto',
      serve: false,
    });
  } catch (error) {
    return [fail('host', `does not start: ${reasonOf(error)}`, 'See why: LUCID_LOG=info lucid doctor')];
  }
  try {
    const state = serving
      ? ok('host', `running, process ${owner}`)
      : ok('host', 'not running; it started here without fault');
    return [state, ...(await checkServices(lucid, serving ? card : null))];
  } finally {
    await lucid.close();
  }
}
