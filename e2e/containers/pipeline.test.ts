/**
 * A session through the containers of layer 1: recorded, anchored, taken out, judged by the offline verifier; and what was promised is
 * kept while each container in turn dies, or two of them no longer reach each other.
 */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '@lucid/topology';
import { openBundle } from '../stack/bundle-opener.ts';
import { whyNoComposeStack } from '../stack/compose-settings.ts';
import { type ComposeStack, startComposeStack } from '../stack/compose-stack.ts';
import { expectKept, judge, recordThrough } from '../stack/kept-promises.ts';
import { beginRecording, clientsOf } from '../stack/record-session.ts';
import { whenInState } from '../stack/recording-agent.ts';
import { runVerify } from '../stack/run-verify.ts';
import { seeded, seedOfRun, terminalLike } from '../stack/seeded.ts';
import { describeWhere } from '../stack/skip-loudly.ts';

const ROOT = join(__dirname, '../..');
const MIB = 1_048_576;
const FAULT_TIMEOUT_MS = 120_000;
const seed = seedOfRun('containers');
const layer = { file: 'layer1' } as const;

/** Pairs of services between which bytes or promises go. */
const LINKS: readonly (readonly [ServiceName, ServiceName])[] = [
  ['session-recorder', 'session-chunker'],
  ['session-chunker', 'session-encryptor'],
  ['session-encryptor', 'merkle-builder'],
  ['session-orchestrator', 'session-encryptor'],
  ['on-system-chain-client', 'blockchain-ledger'],
  ['session-encryptor', 'mongodb'],
];

describeWhere(whyNoComposeStack(layer), 'sessions through containers')('sessions through containers', () => {
  const random = seeded(seed);
  let stack: ComposeStack;
  beforeAll(async () => {
    stack = await startComposeStack({ root: ROOT, ...layer });
  }, 240_000);
  afterAll(() => stack?.stop(), 120_000);

  it('records, seals, anchors and hands out what verifies with the keys of this node', async () => {
    const clients = clientsOf(stack);
    const { recipient, identity } = stack.keys.owner;
    const content = terminalLike(3 * MIB, random);
    const agent = await beginRecording(clients, { content, recipient });
    await agent.makeDurable(content.length);
    const { sessionId } = agent.options;
    await clients.orchestrator.stopSession({
      params: { sessionId },
      query: { waitMs: 30_000 },
      body: { closed: 'ended' },
    });
    const session = await whenInState(clients.orchestrator, sessionId, {
      states: ['completed', 'failed'],
      timeoutMs: 30_000,
    });
    expect(session).toMatchObject({ state: 'completed', anchored: true, plainBytes: content.length });
    const bundle = await stack.bundleOf(session);
    const { recorder, ledger } = stack.keys;
    expect(
      runVerify(ROOT, bundle, { recorder: recorder.verifierKey, ledger: ledger.verifierKey }),
    ).toMatchObject({ status: 0 });
    const opened = await openBundle(bundle, identity);
    expect(opened.content().equals(content)).toBe(true);
  }, 60_000);

  /** One recording during which `fault` happens; what was promised is in evidence that verifies. */
  async function recordDuring(what: string, fault: () => Promise<unknown>): Promise<void> {
    const { recipient, identity } = stack.keys.owner;
    const content = terminalLike(2_000_000, random);
    const back = delay(random.below(400)).then(fault);
    const { agent, session } = await recordThrough(clientsOf(stack), { content, recipient, random, back });
    expectKept(what, session, await judge(await stack.bundleOf(session), agent, identity));
  }

  it(
    'keeps every promise while each container in turn is killed',
    async () => {
      for (const name of stack.services) {
        await recordDuring(`docker kill ${name}`, async () => {
          await stack.kill(name);
          await stack.start(name);
          await stack.ready(name);
        });
        await stack.ready();
      }
    },
    FAULT_TIMEOUT_MS * 4,
  );

  it(
    'is started again by Docker where a process dies by itself',
    async () => {
      for (const name of ['session-encryptor', 'mongodb', 'session-orchestrator'] as const) {
        await recordDuring(`kill -9 of ${name}`, async () => {
          await stack.crash(name);
          await stack.ready(name);
        });
        await stack.ready();
      }
    },
    FAULT_TIMEOUT_MS,
  );

  it.each(LINKS)(
    'keeps every promise while %s and %s are cut from each other',
    async (one, other) => {
      await recordDuring(`cut between ${one} and ${other}`, async () => {
        const mend = await stack.cutBetween(one, other);
        await delay(3_000);
        await mend();
        await stack.ready();
      });
    },
    FAULT_TIMEOUT_MS,
  );
});
