/** The services of the evidence plane as they are, session-api in front of them, and people with TRON keys. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessClaims } from '@lucid/access';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { formatSignerKey, formatVerifierKey } from '@lucid/checkpoint';
import { createMemoryChunkStore, type MemoryChunks } from '@lucid/chunk-store';
import {
  type ContractSpec,
  sessionApiContract,
  sessionOrchestratorContract,
  sessionRecorderContract,
} from '@lucid/contracts';
import { ed25519GenerateKey } from '@lucid/crypto';
import { createMemoryDocumentStore, DocumentStoreError, type MemoryDocuments } from '@lucid/document-store';
import { createMemoryKvStore } from '@lucid/kv-store';
import { merkleBuilder } from '@lucid/merkle-builder';
import { onSystemChainClient } from '@lucid/on-system-chain-client';
import { createMemoryRateLimits } from '@lucid/rate-limit';
import { generateIdentity } from '@lucid/recipients';
import {
  type CallOptions,
  type Client,
  type Clock,
  isProblem,
  ProblemError,
  systemClock,
} from '@lucid/service-kit';
import { createTestAccounts, startTestStack, type TestTransport } from '@lucid/service-kit/testing';
import { sessionChunker } from '@lucid/session-chunker';
import { sessionEncryptor } from '@lucid/session-encryptor';
import { sessionOrchestrator } from '@lucid/session-orchestrator';
import { sessionRecorder } from '@lucid/session-recorder';
import { secretKeyToAddress, signMessage } from '@lucid/tron-message';
import { sessionApi } from '../src/index.ts';

const recorderPair = ed25519GenerateKey();
const ledgerPair = ed25519GenerateKey();
const ledgerName = 'lucid.invalid/ledger';
export const recorderKey = formatVerifierKey({ name: 'recorder.test', publicKey: recorderPair.publicKey });
export const ledgerKey = formatVerifierKey({ name: ledgerName, publicKey: ledgerPair.publicKey });
const impatient = { retry: { attempts: 2, baseMs: 1, capMs: 2 }, breaker: false } as const;

export const terminalTrack = { track: 0, kind: 'terminal', mediaType: 'application/x-asciicast' } as const;

type Api = typeof sessionApiContract;

/** The problem that it ends with, or null. */
export async function problemOf(work: Promise<unknown>): Promise<ProblemError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
}
export const codeOf = async (work: Promise<unknown>): Promise<string> =>
  (await problemOf(work))?.code ?? 'none';

export interface Person {
  readonly address: string;
  readonly api: Client<Api>;
  readonly token: string;
  /** The same person with other claims, as a bound or scoped token. */
  as(claims: Partial<AccessClaims>): Client<Api>;
  sign(text: string): string;
}

/** Every call goes with the token. */
const withToken = (client: Client<Api>, token: string): Client<Api> =>
  // A copy: clients are frozen.
  new Proxy(
    { ...client },
    {
      get(of, name) {
        const operation = Reflect.get(of, name) as unknown;
        if (typeof operation !== 'function') return operation;
        const options = { call: { account: { token } }, asAccount: true } as unknown as CallOptions;
        return (input?: object) => operation(input, options);
      },
    },
  );

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(
  options: { clock?: Clock; transport?: TestTransport; environment?: Record<string, string> } = {},
) {
  const { clock = systemClock, transport = 'local' } = options;
  const nowMs = () => clock.nowMs();
  const documents: MemoryDocuments = new Map();
  const ownDocuments: MemoryDocuments = new Map();
  const chunks: MemoryChunks = new Map();
  const folder = await mkdtemp(join(tmpdir(), 'lucid-session-api-'));
  const { recipient } = await generateIdentity();
  const accounts = createTestAccounts(clock);
  /** Services that are away, or answer a problem; what the own store says. */
  const fault: {
    away: Set<string>;
    answers: Map<string, string>;
    store: 'store_full' | 'store_unavailable' | null;
  } = {
    away: new Set(),
    answers: new Map(),
    store: null,
  };
  const openDocuments = () => createMemoryDocumentStore(documents, nowMs);
  const own = createMemoryDocumentStore(ownDocuments, nowMs);

  const failing = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name) {
        const value = Reflect.get(of, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (fault.store && name !== 'close' && name !== 'check')
            return Promise.reject(new DocumentStoreError(fault.store, 'a test said so'));
          const answer = (value as (...given: unknown[]) => unknown).apply(of, args);
          return name === 'collection' ? (answer as Promise<object>).then(failing) : answer;
        };
      },
    });
  const gated = <T extends object>(service: string, client: T): T =>
    new Proxy(
      { ...client },
      {
        get(of, name) {
          const value = Reflect.get(of, name) as unknown;
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            const code = fault.away.has(service) ? 'unavailable' : fault.answers.get(service);
            if (code) return Promise.reject(new ProblemError(code, { remote: service }));
            return (value as (...given: unknown[]) => unknown).apply(of, args);
          };
        },
      },
    );
  type Given = Parameters<typeof sessionApi.createContext>[0];
  const gatedApi = {
    ...sessionApi,
    createContext: (given: Given) =>
      sessionApi.createContext({
        ...given,
        clients: {
          orchestrator: gated('session-orchestrator', given.clients.orchestrator),
          recorder: gated('session-recorder', given.clients.recorder),
          encryptor: gated('session-encryptor', given.clients.encryptor),
          merkle: gated('merkle-builder', given.clients.merkle),
        },
      }),
  } as typeof sessionApi;

  const stack = await startTestStack({
    transport,
    clock,
    accounts: accounts.accounts,
    clientOptions: impatient,
    definitions: [
      blockchainLedger,
      onSystemChainClient,
      merkleBuilder,
      sessionEncryptor,
      sessionChunker,
      sessionRecorder,
      sessionOrchestrator,
      gatedApi,
    ],
    environment: {
      LEDGER_DATA_DIR: folder,
      LEDGER_SIGNING_KEY: formatSignerKey({ name: ledgerName, secretKey: ledgerPair.secretKey }),
      LUCID_LEDGER_VERIFIER_KEY: ledgerKey,
      LUCID_RECORDER_KEY: formatSignerKey({ name: 'recorder.test', secretKey: recorderPair.secretKey }),
      LUCID_RECORDER_VERIFIER_KEY: recorderKey,
      RECORDER_AGENT_TIMEOUT_MS: '3600000',
      CHAIN_CLIENT_RETRY_BASE_MS: '1',
      CHAIN_CLIENT_RETRY_CAP_MS: '5',
      ORCHESTRATOR_RETRY_BASE_MS: '1',
      ORCHESTRATOR_RETRY_CAP_MS: '4',
      SESSION_API_ENFORCE_MS: '20',
      SESSION_API_FEED_MS: '10',
      ...options.environment,
    },
    adapters: {
      'blockchain-ledger': { openKv: async () => createMemoryKvStore() },
      'on-system-chain-client': { documents: openDocuments() },
      'merkle-builder': { documents: openDocuments() },
      'session-encryptor': { documents: openDocuments(), chunks: createMemoryChunkStore(chunks) },
      'session-recorder': { documents: openDocuments() },
      'session-orchestrator': { documents: openDocuments(), chunks: createMemoryChunkStore(chunks) },
      'session-api': { documents: failing(own), limits: createMemoryRateLimits({ nowMs }) },
    },
  });
  const clientOf = <const C extends ContractSpec>(contract: C, as = 'operator') =>
    stack.clientOf(contract, { as, ...impatient });
  const plainApi = stack.clientOf(sessionApiContract, { retry: false, breaker: false });
  let people = 0;

  const world = {
    stack,
    clock,
    fault,
    clientOf,
    chunks,
    recipient,
    /** The own store, past all faults. */
    own,

    person(claims: Partial<AccessClaims> = {}): Person {
      people += 1;
      const secret = new Uint8Array(32).fill(7);
      new DataView(secret.buffer).setUint32(0, people);
      const address = secretKeyToAddress(secret);
      // `node` has no GUI that shows one session only.
      const token = accounts.token({ sub: address, profile: 'node', role: 'NODE_OPERATOR', ...claims });
      return {
        address,
        token,
        api: withToken(plainApi, token),
        as: (other) => withToken(plainApi, accounts.token({ sub: address, ...claims, ...other })),
        sign: (text) => signMessage(secret, text),
      };
    },

    newSession: (who: Person, more: object = {}) =>
      who.api.createSession({
        body: { tracks: [terminalTrack], recipients: [{ recipient }], chunkSizeBytes: 65_536, ...more },
      }),

    /** The caller signs what he is shown. */
    async consent(who: Person, sessionId: string) {
      const { toSign } = await who.api.getConsents({ params: { sessionId } });
      if (!toSign) throw new Error('there is nothing to sign');
      const body = { acceptedAtUs: toSign.acceptedAtUs, signature: who.sign(toSign.text) };
      return who.api.putConsent({ params: { sessionId }, body });
    },

    /** A session under a policy that both accepted, not started. */
    async agreed(host: Person, user: Person, more: object = {}) {
      const parties = { host: host.address, user: user.address };
      const { sessionId } = await world.newSession(host, { policy: 'standard', parties, ...more });
      await world.consent(host, sessionId);
      await world.consent(user, sessionId);
      return sessionId;
    },

    /** Captured bytes, durable when it resolves. */
    async capture(sessionId: string, bytes: Uint8Array, offset = 0) {
      const agent = clientOf(sessionRecorderContract);
      const atUs = clock.nowMs() * 1_000;
      const query = { offset, fromUs: atUs, untilUs: atUs };
      await agent.putBytes({ params: { sessionId, track: 0 }, query, body: bytes });
      await agent.flushRecording({ params: { sessionId } });
    },

    async settled(sessionId: string) {
      const orchestrator = clientOf(sessionOrchestratorContract);
      for (;;) {
        const session = await orchestrator.getSession({ params: { sessionId } });
        if (['completed', 'failed', 'deleted'].includes(session.state)) return session;
        await stack.idle();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },

    async close() {
      fault.store = null;
      fault.away.clear();
      await stack.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

export async function bytesOf(stream: { bytes: AsyncIterable<Uint8Array> }): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream.bytes) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}
