/**
 * The same pipeline as in one process, each service in a process of its own over HTTP against real stores: recorded, stopped,
 * anchored, taken out, verified by the offline verifier and opened by the owner.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  authenticationContract,
  blockchainLedgerContract,
  onSystemChainClientContract,
  sessionApiContract,
} from '@lucid/contracts';
import { createClient, createHttpTransport } from '@lucid/service-kit';
import { type ServiceName, serviceAt } from '@lucid/topology';
import { signMessage } from '@lucid/tron-message';
import { newKey } from './stack/access-host.ts';
import { type OpenedBundle, openBundle } from './stack/bundle-opener.ts';
import {
  accessServices,
  evidenceServices,
  type ProcessStack,
  startProcessStack,
} from './stack/process-stack.ts';
import { beginRecording, bundleOf, clientsOf } from './stack/record-session.ts';
import { type SessionDocument, whenInState } from './stack/recording-agent.ts';
import { runVerify } from './stack/run-verify.ts';
import { seeded, seedOfRun, terminalLike } from './stack/seeded.ts';
import { describeWhere } from './stack/skip-loudly.ts';
import { type StorePlan, storePlans, whyNoStores } from './stack/store-plan.ts';

const ROOT = join(__dirname, '..');
const MIB = 1_048_576;
const seed = seedOfRun('separate processes');

async function recordAll(stack: ProcessStack, content: Buffer): Promise<SessionDocument> {
  const clients = clientsOf(stack);
  const agent = await beginRecording(clients, { content, recipient: stack.keys.owner.recipient });
  await agent.send(content.length / 2);
  await agent.note('in the middle');
  await agent.makeDurable(content.length);
  const { sessionId } = agent.options;
  await clients.orchestrator.stopSession({
    params: { sessionId },
    query: { waitMs: 30_000 },
    body: { closed: 'ended' },
  });
  return whenInState(clients.orchestrator, sessionId, { states: ['completed', 'failed'], timeoutMs: 30_000 });
}

describe.each(Object.entries(storePlans) as [StorePlan, string][])('%s: %s', (plan, what) => {
  describeWhere(whyNoStores(plan), `separate processes, ${what}`)('a session', () => {
    let stack: ProcessStack;
    let session: SessionDocument;
    let bundle: string;
    let opened: OpenedBundle;
    const content = terminalLike(3 * MIB, seeded(seed));

    beforeAll(async () => {
      stack = await startProcessStack({ root: ROOT, stores: plan, access: true });
      session = await recordAll(stack, content);
      bundle = await bundleOf(stack, session);
      opened = await openBundle(bundle, stack.keys.owner.identity);
    }, 400_000);
    afterAll(() => stack?.stop());

    it('is finished and anchored', () => {
      expect(session).toMatchObject({
        state: 'completed',
        closed: 'ended',
        anchored: true,
        plainBytes: content.length,
      });
      expect(session.chunks).toBeGreaterThanOrEqual(content.length / 65_536);
    });

    it('verifies with the offline verifier and the keys of this node', () => {
      const { recorder, ledger } = stack.keys;
      const run = runVerify(ROOT, bundle, {
        recorder: recorder.verifierKey,
        ledger: ledger.verifierKey,
      });
      expect(run).toMatchObject({ status: 0 });
    });

    it('does not verify after one flipped bit', () => {
      const bytes = readFileSync(bundle);
      const at = 64 + seeded(seed).below(bytes.length - 64);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      const path = join(stack.folder, 'flipped.lucid');
      writeFileSync(path, bytes);
      expect([at, runVerify(ROOT, path).status]).toEqual([at, 1]);
    });

    it('opens for its owner, every byte and the event in its place', () => {
      expect(opened.content().equals(content)).toBe(true);
      const events = opened.records.filter((each) => each.type === 'event');
      expect(events.map(({ bytes }) => JSON.parse(bytes.toString('utf8')).detail)).toEqual([
        { text: 'in the middle' },
      ]);
      expect(opened.control(-1)).toMatchObject({ closed: 'ended', plainBytes: content.length });
    });

    it('stands once in the ledger', async () => {
      const ledger = stack.clientOf(blockchainLedgerContract);
      const entry = await ledger.getEntryByKey({ params: { key: `session/${session.sessionId}` } });
      const { anchor } = await stack
        .clientOf(onSystemChainClientContract)
        .getAnchor({ params: { sessionId: session.sessionId } });
      expect(anchor?.entry).toBe(entry.entry);
      expect(JSON.parse(Buffer.from(entry.entry, 'base64').toString('utf8'))).toMatchObject({
        type: 'SessionRegistered',
        sessionId: session.sessionId,
        merkleRoot: session.merkleRoot,
      });
    });

    it('is deleted: its records go, its tombstone comes', async () => {
      const { orchestrator } = clientsOf(stack);
      const { sessionId } = await recordAll(stack, content.subarray(0, 100_000));
      await orchestrator.deleteSession({ params: { sessionId }, query: { reason: 'test of deletion' } });
      await whenInState(orchestrator, sessionId, { states: ['deleted'], timeoutMs: 20_000 });
      const problem = await orchestrator.getManifest({ params: { sessionId } }).catch((error) => error.code);
      expect(problem).toBe('session_deleted');
      const tombstone = await orchestrator.getTombstone({ params: { sessionId } });
      expect(Buffer.from(tombstone).toString('utf8')).toContain('lucid-anchor/1');
      if (session.bundle !== undefined)
        expect(existsSync(session.bundle.replace(session.sessionId, sessionId))).toBe(false);
    });

    it.each(evidenceServices)('%s answers health, ready, metrics and its health subcommand', async (name) => {
      const service = stack.service(name);
      expect(await (await service.ask('/health')).json()).toMatchObject({ status: 'up', service: name });
      const ready = await service.ask('/ready');
      expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ready' }]);
      expect(await (await service.ask('/metrics')).text()).toMatch(/lucid_request_duration_seconds_count\{/);
      expect(await service.askHealthCommand()).toBe(0);
    });

    it('lets a user sign in through the gateway, make a session and see it', async () => {
      const gateway = { origin: stack.service('api-gateway').options.origin };
      const transport = createHttpTransport(gateway);
      const key = newKey();
      const { code } = await stack.clientOf(authenticationContract).createFirstAdmin({});
      const open = createClient(authenticationContract, transport, { retry: false });
      const { message } = await open.createChallenge({ body: { address: key.address } });
      const signed = { message, signature: signMessage(key.secretKey, message) };
      const { accessToken } = await open.register({ body: { ...signed, invitation: code } });
      const sessions = createClient(sessionApiContract, transport, {
        tokens: () => accessToken,
        retry: false,
      });
      const { sessionId } = await sessions.createSession({
        body: {
          tracks: [{ track: 0, kind: 'stream', mediaType: 'text/plain' }],
          recipients: [{ recipient: stack.keys.owner.recipient }],
        },
      });
      const page = await sessions.listSessions({ query: {} });
      expect(page.sessions.map((each) => [each.sessionId, each.owner])).toEqual([[sessionId, key.address]]);
      await sessions.deleteSession({ params: { sessionId }, query: { reason: 'end of the test' } });
      await transport.close();
    });

    it.each(accessServices)('%s answers health and its health subcommand', async (name) => {
      const service = stack.service(name);
      expect(await (await service.ask('/health')).json()).toMatchObject({ status: 'up', service: name });
      expect(await service.askHealthCommand()).toBe(0);
    });

    it('left no secret and no error in any log', () => {
      for (const service of stack.services.values()) {
        const log = service.log();
        expect(log).not.toMatch(/AGE-SECRET-KEY|PRIVATE KEY|PRIVATE\+KEY|eyJ[A-Za-z0-9_-]{20}/);
        expect(log).not.toContain(opened.sessionKey.toString('hex'));
        expect(log).not.toContain(opened.sessionKey.toString('base64'));
        expect(log).not.toContain(stack.keys.ledger.seedHex);
        expect(log.split('\n').filter((line) => /"level":"?(error|fatal|50|60)/.test(line))).toEqual([]);
      }
    });

    it('stops on SIGTERM with every process ending well, and finishes what it was asked before', async () => {
      const clients = clientsOf(stack);
      const agent = await beginRecording(clients, { content, recipient: stack.keys.owner.recipient });
      await agent.send(content.length / 2);
      const { acceptedBytes } = agent;
      // In the direction of the bytes, so that each finds the next one there to finish its work with.
      for (const name of [
        'session-recorder',
        'session-chunker',
        ...evidenceServices,
        ...accessServices,
      ] as const)
        expect([name, await stack.service(name).stop('SIGTERM')]).toEqual([name, { code: 0, signal: null }]);
      for (const service of stack.services.values()) service.spawn();
      await stack.ready();
      const { sessionId } = agent.options;
      const finished = await whenInState(clients.orchestrator, sessionId, {
        states: ['completed', 'failed'],
        timeoutMs: 30_000,
      });
      expect(finished).toMatchObject({ state: 'completed', closed: 'interrupted', anchored: true });
      const path = await bundleOf(stack, finished);
      expect(runVerify(ROOT, path)).toMatchObject({ status: 0 });
      const kept = (await openBundle(path, stack.keys.owner.identity)).content();
      expect(kept.length).toBe(acceptedBytes);
      expect(content.subarray(0, kept.length).equals(kept)).toBe(true);
    }, 90_000);
  });
});

const FLOW_BYTES = Number(process.env.LUCID_FLOW_MB ?? 200) * MIB;
/** Chunks in flight, V8's young generation and its slack; not the length of the session. */
const GROWTH_BYTES = 96 * MIB;
/** mem_limit of its container in compose/. */
const limitBytes = (name: ServiceName): number => (serviceAt(name).limits?.memoryMb ?? 0) * MIB;

(existsSync('/proc/self/status') ? describe : describe.skip)(
  `${FLOW_BYTES / MIB} MiB through every service`,
  () => {
    let stack: ProcessStack;
    beforeAll(async () => {
      stack = await startProcessStack({ root: ROOT, stores: 'files', env: { LOG_LEVEL: 'warn' } });
    }, 60_000);
    afterAll(() => stack?.stop());

    it('leave their memory flat', async () => {
      const tile = terminalLike(8 * MIB, seeded(seed));
      const content = Buffer.concat(Array.from({ length: FLOW_BYTES / tile.length }, () => tile));
      const clients = clientsOf(stack);
      const { recipient } = stack.keys.owner;
      const sizes = { content, recipient, sliceBytes: MIB, chunkSizeBytes: MIB };
      const agent = await beginRecording(clients, sizes);
      const peaks = new Map(evidenceServices.map((name) => [name, { early: 0, late: 0 }]));
      for (let sent = 0; sent < content.length; ) {
        sent = Math.min(content.length, sent + 2 * MIB);
        await agent.send(sent);
        const part = sent <= content.length / 4 ? 'early' : 'late';
        for (const [name, peak] of peaks)
          peak[part] = Math.max(peak[part], stack.service(name).residentBytes() ?? 0);
      }
      await agent.makeDurable(content.length);
      const { sessionId } = agent.options;
      const body = { closed: 'ended' as const };
      await clients.orchestrator.stopSession({ params: { sessionId }, query: { waitMs: 30_000 }, body });
      const waiting = { states: ['completed', 'failed'], timeoutMs: 60_000 };
      const session = await whenInState(clients.orchestrator, sessionId, waiting);
      expect(runVerify(ROOT, await bundleOf(stack, session))).toMatchObject({ status: 0 });
      const inMiB = [...peaks].map(([name, { early, late }]) => `${name} ${early >> 20} -> ${late >> 20}`);
      process.stderr.write(`resident MiB, first quarter -> rest: ${inMiB.join(', ')}\n`);
      for (const [name, { early, late }] of peaks) {
        expect([name, late < limitBytes(name)]).toEqual([name, true]);
        expect([name, late - early < GROWTH_BYTES]).toEqual([name, true]);
      }
    }, 180_000);
  },
);
