/**
 * What containers depend on goes away during a recording: Redis, the document store for a minute, the room on the volume. Each service
 * says on /ready what it lacks, and what was promised is in the evidence afterwards.
 */
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceName, serviceAt } from '@lucid/topology';
import { servicesOf, whyNoComposeStack } from '../stack/compose-settings.ts';
import { type ComposeStack, startComposeStack } from '../stack/compose-stack.ts';
import { expectKept, finished, judge, recordThrough } from '../stack/kept-promises.ts';
import { beginRecording, clientsOf } from '../stack/record-session.ts';
import { whenInState } from '../stack/recording-agent.ts';
import { seeded, seedOfRun, terminalLike } from '../stack/seeded.ts';
import { describeWhere } from '../stack/skip-loudly.ts';
import { until } from '../stack/until.ts';

const ROOT = join(__dirname, '../..');
const LAYER = { file: 'layer1' } as const;
const LUCID_UID = 1000;
const MONGO_AWAY_MS = 60_000;
/** Services that count in Redis, and show it from outside. */
const COUNTING = ['authentication', 'session-api'] as const;
const seed = seedOfRun('dependencies of containers');

/** Services that keep documents, and say so under this name on /ready. */
const usesDocuments = (name: ServiceName) =>
  serviceAt(name).image?.kind === 'node' &&
  name !== 'server-tools' &&
  Object.hasOwn(serviceAt(name).secrets ?? {}, 'MONGO_URL_FILE');

describeWhere(whyNoComposeStack(LAYER), 'containers without what they depend on')('without its', () => {
  let stack: ComposeStack;
  beforeAll(async () => {
    stack = await startComposeStack({ root: ROOT, ...LAYER });
  }, 240_000);
  afterAll(() => stack?.stop(), 120_000);

  async function recordDuring(what: string, fault: () => Promise<unknown>): Promise<void> {
    const random = seeded(seed);
    const { recipient, identity } = stack.keys.owner;
    const content = terminalLike(900_000, random);
    const back = delay(100).then(fault);
    const options = { content, recipient, random, back, patienceMs: MONGO_AWAY_MS * 3 };
    const { agent, session } = await recordThrough(clientsOf(stack), options);
    expectKept(what, session, await judge(await stack.bundleOf(session), agent, identity));
  }

  it('Redis, a recording goes on, and who counts there says so', async () => {
    await recordDuring('Redis away', async () => {
      await stack.kill('redis');
      await Promise.all(COUNTING.map((name) => stack.lacks(name, 'limits')));
      await stack.start('redis');
      await stack.ready();
    });
  }, 120_000);

  it('document store for a minute, every service says so, and the recording ends well', async () => {
    await recordDuring('document store away', async () => {
      const away = delay(MONGO_AWAY_MS);
      await stack.kill('mongodb');
      await Promise.all(stack.services.filter(usesDocuments).map((name) => stack.lacks(name, 'documents')));
      await away;
      await stack.start('mongodb');
      await stack.ready();
    });
  }, 240_000);
});

function whyNoSmallVolume(): string | null {
  if (process.getuid?.() !== 0) return 'only root may mount a small tmpfs';
  return whyNoComposeStack(LAYER);
}

describeWhere(whyNoSmallVolume(), 'a full volume')('a full volume', () => {
  let stack: ComposeStack;
  let data: string;
  const mount = (...args: string[]) => {
    const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const volumes = servicesOf(LAYER).flatMap((name) => Object.keys(serviceAt(name).volumes ?? {}));

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'lucid-volumes-'));
    for (const folder of new Set(volumes.map((volume) => join(data, volume)))) {
      mkdirSync(folder, { mode: 0o700 });
      chownSync(folder, LUCID_UID, LUCID_UID);
    }
    const sessions = join(data, 'session_data');
    mount('-t', 'tmpfs', '-o', `size=8m,uid=${LUCID_UID},gid=${LUCID_UID},mode=0700`, 'none', sessions);
    stack = await startComposeStack({ root: ROOT, ...LAYER, env: { LUCID_DATA: data } });
  }, 240_000);
  afterAll(async () => {
    await stack?.stop();
    spawnSync('umount', [join(data, 'session_data')]);
    rmSync(data, { recursive: true, force: true });
  }, 120_000);

  it('is told of, and a session that met it is whole once there is room again', async () => {
    const clients = clientsOf(stack);
    const { recipient, identity } = stack.keys.owner;
    const content = randomFillSync(Buffer.alloc(12_000_000));
    const agent = await beginRecording(clients, { content, recipient, sliceBytes: 500_000 });
    const { sessionId } = agent.options;
    const sending = agent.makeDurable(content.length);
    await until('the encryptor met the full volume', async () =>
      /ENOSPC|store_full/.test(await stack.logs('session-encryptor')),
    );
    await stack.lacks('session-encryptor', 'chunks');
    mount('-o', 'remount,size=64m', join(data, 'session_data'));
    await sending;
    await clients.orchestrator.stopSession({
      params: { sessionId },
      query: { waitMs: 30_000 },
      body: { closed: 'ended' },
    });
    const session = await whenInState(clients.orchestrator, sessionId, {
      states: finished,
      timeoutMs: 60_000,
    });
    expectKept('full volume', session, await judge(await stack.bundleOf(session), agent, identity));
    expect(session).toMatchObject({ closed: 'ended', plainBytes: content.length });
  }, 180_000);
});
