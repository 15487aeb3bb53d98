/**
 * Every other service of the evidence plane as it is, over stores that outlive them, and orchestrators beside them that a test can
 * kill one by one. `restart` is a kill of the whole host: session keys and recordings in memory are gone.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { concatBytes, hexToBytes } from '@lucid/bytes';
import { nodeGenesis } from '@lucid/chain-application';
import { formatSignerKey, formatVerifierKey, parseCheckpoint, parseNote } from '@lucid/checkpoint';
import { createMemoryChunkStore, type MemoryChunks } from '@lucid/chunk-store';
import {
  blockchainLedgerContract,
  type ContractSpec,
  merkleBuilderContract,
  onSystemChainClientContract,
  sessionEncryptorContract,
  sessionOrchestratorContract,
  sessionRecorderContract,
} from '@lucid/contracts';
import { ed25519GenerateKey } from '@lucid/crypto';
import { createMemoryDocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { createMemoryKvStore } from '@lucid/kv-store';
import { merkleBuilder } from '@lucid/merkle-builder';
import { onSystemChain } from '@lucid/on-system-chain';
import { onSystemChainClient } from '@lucid/on-system-chain-client';
import { generateIdentity } from '@lucid/recipients';
import { type Clock, createServiceKeys, isProblem, systemClock } from '@lucid/service-kit';
import { startTestStack, type TestStack } from '@lucid/service-kit/testing';
import { sessionChunker } from '@lucid/session-chunker';
import { sessionEncryptor } from '@lucid/session-encryptor';
import { encodePreamble, ownerAddress } from '@lucid/session-format';
import { sessionRecorder } from '@lucid/session-recorder';
import { secretKeyToAddress } from '@lucid/tron-message';
import { createBytesReader, verifyBundle } from '@lucid/verifier';
import { sessionOrchestrator } from '../src/index.ts';
import { Gate } from './gate.ts';

const recorderPair = ed25519GenerateKey();
const ledgerPair = ed25519GenerateKey();
const ledgerName = 'lucid.invalid/ledger';
const recorderVerifierKey = formatVerifierKey({ name: 'recorder.test', publicKey: recorderPair.publicKey });
const ledgerVerifierKey = formatVerifierKey({ name: ledgerName, publicKey: ledgerPair.publicKey });

const services = [
  'blockchain-ledger',
  'blockchain-vm',
  'on-system-chain',
  'on-system-chain-client',
  'merkle-builder',
  'session-encryptor',
  'session-chunker',
  'session-recorder',
  'session-orchestrator',
  'session-api',
  'operator',
];
const keys = createServiceKeys(services);
const impatient = { retry: { attempts: 2, baseMs: 1, capMs: 2 }, breaker: false } as const;

export const terminalTrack = { track: 0, kind: 'terminal', mediaType: 'application/x-asciicast' } as const;

export const problemOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
  return 'none';
};

export interface Orchestrator {
  readonly stack: TestStack;
  readonly client: ReturnType<typeof orchestratorClient>;
  readonly gate: Gate;
}

const orchestratorClient = (stack: TestStack, as: string) =>
  stack.clientOf(sessionOrchestratorContract, { as, ...impatient });

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Of the account that pays for registrations on the chain. */
const chainKey = '4c'.repeat(32);

async function prepareChain(folder: string): Promise<Record<string, string>> {
  const account = `0x${ownerAddress(secretKeyToAddress(hexToBytes(chainKey)))}` as const;
  const genesis = join(folder, 'genesis.json');
  await writeFile(genesis, nodeGenesis({ account, timestampSec: 1_700_000_000 }));
  return {
    ...{ VM_GENESIS_FILE: genesis, VM_DATA_DIR: join(folder, 'vm'), CHAIN_DATA_DIR: join(folder, 'chain') },
    CHAIN_ACCOUNT_KEY: chainKey,
  };
}

/** `onChain`: sessions are registered on a chain of this world. */
export async function createWorld(
  options: { clock?: Clock; environment?: Record<string, string>; onChain?: boolean } = {},
) {
  const { clock = systemClock } = options;
  const documents: MemoryDocuments = new Map();
  const chunks: MemoryChunks = new Map();
  const kv = createMemoryKvStore();
  const owner = await generateIdentity();
  const folder = await mkdtemp(join(tmpdir(), 'lucid-orchestrator-'));
  const events: { channel: string; event: Readonly<Record<string, unknown>> }[] = [];
  const orchestrators = new Set<Orchestrator>();
  const chainEnvironment = options.onChain ? await prepareChain(folder) : {};
  const openDocuments = () => createMemoryDocumentStore(documents, () => clock.nowMs());

  const startServices = () =>
    startTestStack({
      transport: 'local',
      clock,
      keys,
      clientOptions: impatient,
      definitions: [
        blockchainLedger,
        ...(options.onChain ? [blockchainVm, onSystemChain] : []),
        onSystemChainClient,
        merkleBuilder,
        sessionEncryptor,
        sessionChunker,
        sessionRecorder,
      ],
      environment: {
        LEDGER_DATA_DIR: folder,
        LEDGER_SIGNING_KEY: formatSignerKey({ name: ledgerName, secretKey: ledgerPair.secretKey }),
        LUCID_LEDGER_VERIFIER_KEY: ledgerVerifierKey,
        LUCID_RECORDER_KEY: formatSignerKey({ name: 'recorder.test', secretKey: recorderPair.secretKey }),
        LUCID_RECORDER_VERIFIER_KEY: recorderVerifierKey,
        RECORDER_AGENT_TIMEOUT_MS: '3600000',
        CHAIN_CLIENT_RETRY_BASE_MS: '1',
        CHAIN_CLIENT_RETRY_CAP_MS: '5',
        ...chainEnvironment,
      },
      adapters: {
        'blockchain-ledger': options.onChain ? {} : { openKv: async () => kept(kv) },
        'on-system-chain-client': { documents: openDocuments() },
        'merkle-builder': { documents: openDocuments() },
        'session-encryptor': { documents: openDocuments(), chunks: createMemoryChunkStore(chunks) },
        'session-recorder': { documents: openDocuments() },
      },
    });
  let stack = await startServices();

  const clientOf = <const C extends ContractSpec>(contract: C, as: string) =>
    stack.clientOf(contract, { as, ...impatient });

  const world = {
    documents,
    chunks,
    events,
    owner,
    clock,
    clientOf,
    idle: () => stack.idle(),

    /** Kills every service but the orchestrators, and starts them anew. */
    async restart() {
      await stack.close();
      stack = await startServices();
    },

    /** `gate` sees, and may refuse, every call that this orchestrator makes. */
    async startOrchestrator(gate = new Gate()): Promise<Orchestrator> {
      const orchestratorStack = await startTestStack({
        transport: 'local',
        // Killed ones are not waited for.
        graceMs: 1,
        clock,
        keys,
        definitions: [
          {
            ...sessionOrchestrator,
            createContext: (given: Parameters<typeof sessionOrchestrator.createContext>[0]) =>
              sessionOrchestrator.createContext({
                ...given,
                clients: {
                  recorder: gate.around(() => clientOf(sessionRecorderContract, 'session-orchestrator')),
                  encryptor: gate.around(() => clientOf(sessionEncryptorContract, 'session-orchestrator')),
                  merkle: gate.around(() => clientOf(merkleBuilderContract, 'session-orchestrator')),
                  chain: gate.around(() => clientOf(onSystemChainClientContract, 'session-orchestrator')),
                },
              }),
          } as typeof sessionOrchestrator,
        ],
        environment: {
          ORCHESTRATOR_RETRY_BASE_MS: '1',
          ORCHESTRATOR_RETRY_CAP_MS: '4',
          ORCHESTRATOR_LEASE_MS: '30',
          ...options.environment,
        },
        adapters: {
          'session-orchestrator': {
            documents: gate.aroundStore(openDocuments()),
            chunks: gate.around(() => createMemoryChunkStore(chunks)),
            events: {
              bus: {
                publish: async (channel: string, event: object) => {
                  events.push({ channel, event: { ...event } });
                },
              },
            },
          },
        },
      });
      const orchestrator = {
        stack: orchestratorStack,
        gate,
        client: orchestratorClient(orchestratorStack, 'operator'),
      };
      orchestrators.add(orchestrator);
      return orchestrator;
    },

    /** Nothing of it runs on; what it had begun may still take place. */
    async kill(orchestrator: Orchestrator) {
      orchestrator.gate.kill();
      orchestrators.delete(orchestrator);
      await orchestrator.stack.close();
    },

    newSession: (orchestrator: Orchestrator, more: object = {}) =>
      orchestrator.client.createSession({
        body: {
          owner: owner.recipient,
          recipients: [{ recipient: owner.recipient }],
          tracks: [terminalTrack],
          chunkSizeBytes: 65_536,
          ...more,
        },
      }),

    /** Captured bytes, durable when it resolves. */
    async capture(sessionId: string, bytes: Uint8Array, offset = 0) {
      const agent = clientOf(sessionRecorderContract, 'operator');
      const nowUs = clock.nowMs() * 1_000;
      const query = { offset, fromUs: nowUs, untilUs: nowUs };
      await agent.putBytes({ params: { sessionId, track: 0 }, query, body: bytes });
      await agent.flushRecording({ params: { sessionId } });
    },

    /** The bundle as a file, or null where it has no tail. */
    async bundle(sessionId: string): Promise<Uint8Array | null> {
      const store = createMemoryChunkStore(chunks);
      const trailer = await store.trailer(sessionId);
      if (!trailer) return null;
      const { records } = await store.head(sessionId);
      const parts = [encodePreamble(sessionId)];
      for await (const record of store.readRange(sessionId, 0, records)) parts.push(record);
      return concatBytes(...parts, trailer);
    },

    /** What a stranger says who pins the keys of this node. */
    async verify(sessionId: string) {
      const bytes = await world.bundle(sessionId);
      if (!bytes) throw new Error('there is no bundle');
      return verifyBundle(createBytesReader(bytes), {
        recall: () => ({ recorderKeys: [recorderVerifierKey], ledgerKeys: [ledgerVerifierKey] }),
      });
    },

    /** Entries of the ledger, in order. */
    async ledgerEntries(): Promise<Record<string, unknown>[]> {
      const ledger = clientOf(blockchainLedgerContract, 'operator');
      const note = new TextDecoder().decode(await ledger.getCheckpoint());
      const { size } = parseCheckpoint(parseNote(note).text);
      const entries = Array.from({ length: size }, (_, index) =>
        ledger.getEntryByIndex({ params: { index } }),
      );
      return (await Promise.all(entries)).map(({ entry }) =>
        JSON.parse(Buffer.from(entry, 'base64').toString()),
      );
    },

    async close() {
      for (const orchestrator of [...orchestrators]) await world.kill(orchestrator);
      await stack.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** The same object to somebody who must not close it. */
function kept<T extends object>(target: T): T {
  return new Proxy(target, {
    get: (of, name) => {
      const value: unknown = name === 'close' ? async () => {} : Reflect.get(of, name);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
}

/** What `recordSession` captures. */
export const sampleBytes = new Uint8Array(200_000).map((_, at) => (at * 7919) >> 5);

/** Waits for the evidence. */
export const stopSession = (
  { client }: Orchestrator,
  sessionId: string,
  body: { closed: 'ended' | 'interrupted'; reason?: string } = { closed: 'ended' },
) => client.stopSession({ params: { sessionId }, query: { waitMs: 20_000 }, body });

/** A session that is being recorded, with `sampleBytes` in it. */
export async function recordSession(
  world: World,
  orchestrator: Orchestrator,
  more: object = {},
): Promise<string> {
  const { sessionId } = await world.newSession(orchestrator, more);
  await orchestrator.client.startSession({ params: { sessionId } });
  await world.capture(sessionId, sampleBytes);
  return sessionId;
}
