/** Recorder, chunker, encryptor and merkle-builder as they are, over stores that outlive them; each can be killed and started anew. */
import { bytesToHex } from '@lucid/bytes';
import { formatSignerKey, formatVerifierKey } from '@lucid/checkpoint';
import { type ChunkStore, createMemoryChunkStore, type MemoryChunks } from '@lucid/chunk-store';
import {
  type ContractSpec,
  merkleBuilderContract,
  sessionChunkerContract,
  sessionEncryptorContract,
  sessionOrchestratorContract,
  sessionRecorderContract,
} from '@lucid/contracts';
import { ed25519PublicKey, randomBytes, sha256 } from '@lucid/crypto';
import { createMemoryDocumentStore, type DocumentStore, type MemoryDocuments } from '@lucid/document-store';
import type { Events } from '@lucid/events';
import { generateIdentity } from '@lucid/recipients';
import {
  type AnyServiceDefinition,
  type Call,
  type Clock,
  isProblem,
  systemClock,
  type Worker,
} from '@lucid/service-kit';
import { startTestStack, type TestStack, type TestTransport } from '@lucid/service-kit/testing';
import { Type } from 'typebox';
import { merkleBuilder } from '../../merkle-builder/src/index.ts';
import { sessionChunker } from '../../session-chunker/src/index.ts';
import { sessionEncryptor } from '../../session-encryptor/src/index.ts';
import { sessionRecorder } from '../src/index.ts';
import { Life } from './mortal.ts';

const secretKey = sha256(new TextEncoder().encode('a recorder key for tests'));
export const recorderVerifierKey = formatVerifierKey({
  name: 'recorder.test',
  publicKey: ed25519PublicKey(secretKey),
});

const environment = {
  LUCID_RECORDER_KEY: formatSignerKey({ name: 'recorder.test', secretKey }),
  LUCID_RECORDER_VERIFIER_KEY: recorderVerifierKey,
  CHUNK_MAX_AGE_MS: '600000',
  RECORDER_AGENT_TIMEOUT_MS: '3600000',
};

/** Code of the problem that the work rejects with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
  return 'no problem';
}

/** Resolves when the condition holds; looks again after each turn of the event loop, never by time. */
export async function until(condition: () => boolean | Promise<boolean>, turns = 100_000): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('the condition never held');
}

export const freshSessionId = (): string => bytesToHex(randomBytes(32));

interface Mortal {
  readonly definition: AnyServiceDefinition;
  /** Kills it; what asks it meanwhile waits for the next one. */
  restart(): Promise<void>;
  /** The running instance's context. */
  context(): Promise<unknown>;
}

/** `stores` opens the adapters anew for each life, over what outlives them. */
function mortal(definition: AnyServiceDefinition, stores: (life: Life) => Record<string, unknown>): Mortal {
  type Options = Parameters<AnyServiceDefinition['createContext']>[0] & {
    clients: Record<string, object>;
    clock: Clock;
  };
  type Running = {
    life: Life;
    context: Awaited<ReturnType<AnyServiceDefinition['createContext']>>;
    stopping: AbortController;
  };
  let given: Options | undefined;
  let running: Promise<Running> = new Promise(() => {});

  const begin = async (): Promise<Running> => {
    const life = new Life();
    const options = given as Options;
    const clients = Object.fromEntries(
      Object.entries(options.clients).map(([name, client]) => [name, life.guard(client as object)]),
    );
    const context = await definition.createContext({
      ...options,
      clients,
      clock: life.clock(options.clock),
      adapters: stores(life),
    } as never);
    const begun = { life, context, stopping: new AbortController() };
    for (const worker of (definition.workers?.(context as never) ?? []) as Worker[])
      void worker.run(begun.stopping.signal).catch(() => undefined);
    return begun;
  };

  return {
    definition: {
      ...definition,
      async createContext(options: never) {
        given = options;
        running = begin();
        await running;
        return {
          async close() {
            const { context, stopping } = await running;
            stopping.abort();
            await context.close();
          },
        };
      },
      ready: undefined as never,
      workers: undefined as never,
      handlers: Object.fromEntries(
        Object.entries(definition.handlers).map(([name, handler]) => [
          name,
          async (input: never, call: Call) => {
            const { life, context } = await running;
            return life.during((async () => handler(input, call, context as never))());
          },
        ]),
      ),
    },
    async restart() {
      const { life, stopping } = await running;
      life.kill();
      stopping.abort();
      running = begin();
      await running;
    },
    context: async () => (await running).context,
  };
}

interface StopCall {
  readonly sessionId: string;
  readonly closed: string;
  readonly reason: string | undefined;
}

/** Stands in for the orchestrator: what it is asked to stop it stops at the recorder, as the real one does. */
function createOrchestrator(stops: StopCall[], nowMs: () => number): AnyServiceDefinition {
  const refuse = () => {
    throw new Error('not part of this test');
  };
  return {
    contract: sessionOrchestratorContract,
    config: Type.Object({}),
    uses: { recorder: sessionRecorderContract },
    createContext: ({
      clients,
    }: {
      clients: { recorder: { stopRecording: (input: object) => Promise<unknown> } };
    }) => ({
      recorder: clients.recorder,
      close: () => undefined,
    }),
    handlers: {
      ...Object.fromEntries(
        Object.keys(sessionOrchestratorContract.operations).map((name) => [name, refuse]),
      ),
      stopSession: async (
        {
          params,
          body,
        }: { params: { sessionId: string }; body: { closed: 'ended' | 'interrupted'; reason?: string } },
        _call: unknown,
        { recorder }: { recorder: { stopRecording: (input: object) => Promise<unknown> } },
      ) => {
        stops.push({ sessionId: params.sessionId, closed: body.closed, reason: body.reason });
        await recorder.stopRecording({ params, body: { ...body, atUs: nowMs() * 1000 } });
        return {
          sessionId: params.sessionId,
          state: 'processing',
          owner: 'test',
          tracks: [],
          chunkSizeBytes: 65_536,
          createdAtUs: 0,
          anchored: false,
        };
      },
    } as never,
  };
}

interface RigOptions {
  readonly transport?: TestTransport;
  readonly clock?: Clock;
  readonly environment?: Record<string, string>;
  /** Wraps the encryptor's chunk store. */
  readonly chunkStore?: (store: ChunkStore, life: Life) => ChunkStore;
  readonly events?: Pick<Events, 'bus'>;
  readonly random?: (sizeBytes: number) => Uint8Array;
}

export type EvidenceRig = Awaited<ReturnType<typeof startEvidenceRig>>;

export async function startEvidenceRig(options: RigOptions = {}) {
  const documents: MemoryDocuments = new Map();
  const chunks: MemoryChunks = new Map();
  const stops: StopCall[] = [];
  const clock = options.clock ?? systemClock;
  const openDocuments = (): DocumentStore => createMemoryDocumentStore(documents, () => clock.nowMs());
  const services = {
    encryptor: mortal(sessionEncryptor, (life) => {
      const store = createMemoryChunkStore(chunks);
      return {
        documents: life.guard(openDocuments()),
        chunks: life.guard(options.chunkStore?.(store, life) ?? store),
      };
    }),
    chunker: mortal(sessionChunker, () => ({})),
    recorder: mortal(sessionRecorder, (life) => ({
      documents: life.guard(openDocuments()),
      events: options.events,
    })),
  };
  const stack: TestStack = await startTestStack({
    transport: options.transport ?? 'local',
    clock,
    environment: { ...environment, ...options.environment },
    definitions: [
      merkleBuilder,
      services.encryptor.definition,
      services.chunker.definition,
      services.recorder.definition,
      createOrchestrator(stops, () => clock.nowMs()),
    ],
    adapters: { 'merkle-builder': { documents: openDocuments() } },
    clientOptions: { retry: { attempts: 6, baseMs: 1, capMs: 4 }, breaker: false },
    ...(options.random ? { random: options.random } : {}),
  });
  const client = <const C extends ContractSpec>(contract: C, as: string) =>
    stack.clientOf(contract, { as, retry: { attempts: 6, baseMs: 1, capMs: 4 }, breaker: false });
  return {
    stack,
    documents,
    chunks,
    stops,
    services,
    owner: await generateIdentity(),
    merkle: client(merkleBuilderContract, 'session-orchestrator'),
    encryptor: client(sessionEncryptorContract, 'session-orchestrator'),
    chunkerSide: client(sessionEncryptorContract, 'session-chunker'),
    reader: client(sessionEncryptorContract, 'operator'),
    chunker: client(sessionChunkerContract, 'session-recorder'),
    recorder: client(sessionRecorderContract, 'session-orchestrator'),
    agent: client(sessionRecorderContract, 'operator'),
    close: () => stack.close(),
  };
}

export const terminalTrack = { track: 0, kind: 'terminal', mediaType: 'application/x-asciicast' } as const;
export const fileTrack = {
  track: 3,
  kind: 'file',
  mediaType: 'application/octet-stream',
  name: 'a.bin',
} as const;

export const openBody = (recipients: readonly string[], chunkSizeBytes = 65_536) => ({
  owner: recipients[0] as string,
  recipients: recipients.map((recipient) => ({ recipient })),
  startedAtUs: 1_000_000,
  chunkSizeBytes,
  tracks: [terminalTrack, fileTrack],
});

/** Opens a session at the encryptor and its recording. */
export async function startSession(rig: EvidenceRig, chunkSizeBytes = 65_536): Promise<string> {
  const sessionId = freshSessionId();
  const { tracks, ...body } = openBody([rig.owner.recipient], chunkSizeBytes);
  await rig.encryptor.openSession({ params: { sessionId }, body: { ...body, tracks } });
  await rig.recorder.startRecording({ body: { sessionId, chunkSizeBytes, tracks } });
  return sessionId;
}

/** Bytes that no codec makes smaller, the same for the same seed. */
export function noise(sizeBytes: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0, state = seed; at < sizeBytes; at += 32) {
    state += 1;
    bytes.set(
      sha256(new TextEncoder().encode(`${seed} ${state}`)).subarray(0, Math.min(32, sizeBytes - at)),
      at,
    );
  }
  return bytes;
}

/** Jest compares long arrays slowly. */
export function expectSameBytes(found: Uint8Array | undefined, expected: Uint8Array): void {
  expect(found?.length).toBe(expected.length);
  expect(Buffer.compare(found as Uint8Array, expected)).toBe(0);
}

export { type OpenedSession, readSession } from './read-session.ts';
export { TestAgent } from './test-agent.ts';
