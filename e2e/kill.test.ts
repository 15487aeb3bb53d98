/**
 * Kill -9 at random moments: what was called durable is in evidence that verifies, nothing is cut off silently, and the session is
 * closed soon after whatever died is back. LUCID_KILLS says how many of each kind (default 20 in all), LUCID_SEED repeats a run.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openBundle } from './stack/bundle-opener.ts';
import { CLOSE_TIMEOUT_MS, expectKept, finished, judge, recordThrough } from './stack/kept-promises.ts';
import { type HostProcess, LucidCli } from './stack/lucid-cli.ts';
import { evidenceServices, type ProcessStack, startProcessStack } from './stack/process-stack.ts';
import { beginRecording, bundleOf, clientsOf } from './stack/record-session.ts';
import { agentContracts, type SessionDocument, whenInState } from './stack/recording-agent.ts';
import { runVerify } from './stack/run-verify.ts';
import { seeded, seedOfRun, terminalLike } from './stack/seeded.ts';

const ROOT = join(__dirname, '..');
const killsOr = (byDefault: number): number => Number(process.env.LUCID_KILLS ?? byDefault);
const KILLS = { services: killsOr(8), host: killsOr(6), commands: killsOr(6) } as const;
const MS_PER_KILL = 20_000;
const seed = seedOfRun('kill');

const say = (text: string) => process.stderr.write(`${text}\n`);
describe('any one service of separate processes', () => {
  let stack: ProcessStack;
  beforeAll(async () => {
    stack = await startProcessStack({ root: ROOT, stores: 'files' });
  }, 60_000);
  afterAll(() => stack?.stop('SIGKILL'));

  it(
    `killed ${KILLS.services} times during recordings loses nothing that was promised`,
    async () => {
      const random = seeded(seed);
      const clients = clientsOf(stack);
      const { identity, recipient } = stack.keys.owner;
      const tally = { ended: 0, interrupted: 0, slowestMs: 0 };
      for (let kill = 0; kill < KILLS.services; kill++) {
        const t0 = performance.now();
        const name = random.pick(evidenceServices);
        const service = stack.service(name);
        const afterMs = random.below(700);
        const content = terminalLike(600_000 + random.below(600_000), random);
        const back = (async () => {
          await delay(afterMs);
          await service.stop('SIGKILL');
          await service.restart();
        })();
        const { agent, session, closingMs } = await recordThrough(clients, {
          content,
          recipient,
          random,
          back,
        });
        const what = `kill ${kill} of ${name} after ${afterMs} ms`;
        if (process.env.LUCID_KILL_TRACE)
          say(
            `${what}: ${session.closed}, lost ${agent.lost}, closed after ${Math.round(closingMs)} ms, all ${Math.round(performance.now() - t0)}`,
          );
        expectKept(what, session, await judge(await bundleOf(stack, session), agent, identity));
        tally[session.closed ?? 'interrupted'] += 1;
        tally.slowestMs = Math.max(tally.slowestMs, Math.round(closingMs));
      }
      say(`services killed: ${JSON.stringify(tally)}`);
    },
    MS_PER_KILL * KILLS.services,
  );
});

describe('the all-in-one host', () => {
  let cli: LucidCli;
  beforeAll(() => {
    cli = new LucidCli({ root: ROOT });
  });
  afterAll(async () => {
    await cli?.dispose();
    rmSync(`${cli.home}.source`, { force: true });
  });

  /** Sessions as `lucid list` shows them, which starts a host of its own where none runs. */
  const list = async () =>
    (await cli.json<{ sessions: SessionDocument[] }>('list', '--limit', '100000')).sessions;

  async function whenNothingIsOpen(): Promise<SessionDocument[]> {
    const until = performance.now() + CLOSE_TIMEOUT_MS;
    for (;;) {
      const sessions = await list();
      const open = sessions.filter(
        ({ state }) => !['completed', 'failed', 'created', 'deleted'].includes(state),
      );
      if (open.length === 0) return sessions;
      if (performance.now() > until)
        throw new Error(
          `still open: ${open.map((each) => `${each.state} ${each.step} ${each.reason}`).join(', ')}`,
        );
    }
  }

  it(
    `killed ${KILLS.host} times under an agent loses nothing that was promised`,
    async () => {
      const random = seeded(seed);
      let slowestMs = 0;
      let host: HostProcess = await cli.up();
      for (let kill = 0; kill < KILLS.host; kill++) {
        const clients = {
          recorder: host.clientOf(agentContracts.recorder),
          orchestrator: host.clientOf(agentContracts.orchestrator),
        };
        const content = terminalLike(4_000_000, random);
        const recipient = cli.ownerRecipient();
        const agent = await beginRecording(clients, { content, recipient, sliceBytes: 30_000 });
        const { sessionId } = agent.options;
        const stopped = new AbortController();
        const sending = (async () => {
          for (let sent = 0; !stopped.signal.aborted && sent < content.length; ) {
            sent += 30_000 + random.below(100_000);
            await agent.send(Math.min(sent, content.length));
            if (random.below(4) === 0) await agent.note(`note at ${sent}`);
          }
        })().catch(() => {});
        await delay(random.below(500));
        stopped.abort();
        await host.end('SIGKILL');
        agent.lost ??= 'killed';
        host = await cli.up();
        const readyMs = performance.now();
        const orchestrator = host.clientOf(agentContracts.orchestrator);
        const session = await whenInState(orchestrator, sessionId, {
          states: finished,
          timeoutMs: CLOSE_TIMEOUT_MS,
        });
        slowestMs = Math.max(slowestMs, performance.now() - readyMs);
        await sending;
        const verdict = await judge(session.bundle as string, agent, cli.ownerIdentity());
        expectKept(`kill ${kill}`, session, verdict);
        expect(session.closed).toBe('interrupted');
      }
      await host.end('SIGTERM');
      say(
        `host killed ${KILLS.host} times; slowest close after it was ready again ${Math.round(slowestMs)} ms`,
      );
    },
    MS_PER_KILL * KILLS.host,
  );

  it(
    `killed ${KILLS.commands} times as \`lucid seal\` and \`lucid record\` leaves evidence that verifies`,
    async () => {
      const random = seeded(seed);
      const source = `${cli.home}.source`;
      const content = terminalLike(40_000_000, random);
      writeFileSync(source, content);
      const tally = { completed: 0, nothingYet: 0 };
      for (let kill = 0; kill < KILLS.commands; kill++) {
        const before = new Set((await whenNothingIsOpen()).map(({ sessionId }) => sessionId));
        const command =
          kill % 2 === 0
            ? ['seal', source, '--json']
            : ['record', '--json', '--', 'sh', '-c', 'while :; do ls -l /usr/bin; done'];
        const running = cli.start(command);
        await delay(150 + random.below(900));
        running.child.kill('SIGKILL');
        await running.ended;
        const sessions = (await whenNothingIsOpen()).filter(({ sessionId }) => !before.has(sessionId));
        if (sessions.length === 0) tally.nothingYet += 1;
        for (const session of sessions) {
          const what = `kill ${kill} of ${command[0]}: ${session.state} ${session.reason ?? ''}`;
          if (session.state === 'created' || session.bundle === undefined) {
            tally.nothingYet += 1;
            continue;
          }
          tally.completed += 1;
          expect([what, runVerify(ROOT, session.bundle).status]).toEqual([what, 0]);
          if (kill % 2 === 1) continue;
          const kept = (await openBundle(session.bundle, cli.ownerIdentity())).content();
          expect([what, content.subarray(0, kept.length).equals(kept)]).toEqual([what, true]);
          if (session.closed === 'ended') expect([what, kept.length]).toEqual([what, content.length]);
        }
      }
      say(`seal and record killed: ${JSON.stringify(tally)}`);
    },
    MS_PER_KILL * KILLS.commands,
  );
});
