/** The services of the evidence plane as they are, with api-server in front of session-api. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { formatSignerKey, formatVerifierKey } from '@lucid/checkpoint';
import { createMemoryChunkStore, type MemoryChunks } from '@lucid/chunk-store';
import { sessionOrchestratorContract, sessionRecorderContract } from '@lucid/contracts';
import { ed25519GenerateKey } from '@lucid/crypto';
import { createMemoryDocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { createMemoryKvStore } from '@lucid/kv-store';
import { merkleBuilder } from '@lucid/merkle-builder';
import { onSystemChainClient } from '@lucid/on-system-chain-client';
import { generateIdentity } from '@lucid/recipients';
import { createTestAccounts, startTestStack } from '@lucid/service-kit/testing';
import { sessionApi } from '@lucid/session-api';
import { sessionChunker } from '@lucid/session-chunker';
import { sessionEncryptor } from '@lucid/session-encryptor';
import { sessionOrchestrator } from '@lucid/session-orchestrator';
import { sessionRecorder } from '@lucid/session-recorder';
import { apiServer } from '../src/index.ts';

const recorder = ed25519GenerateKey();
const ledger = ed25519GenerateKey();
const ledgerName = 'lucid.invalid/ledger';
export const ledgerKey = formatVerifierKey({ name: ledgerName, publicKey: ledger.publicKey });
const address = `T${'C'.repeat(33)}`;

const environmentOf = (folder: string): Record<string, string> => ({
  LEDGER_DATA_DIR: folder,
  LEDGER_SIGNING_KEY: formatSignerKey({ name: ledgerName, secretKey: ledger.secretKey }),
  LUCID_LEDGER_VERIFIER_KEY: ledgerKey,
  LUCID_RECORDER_KEY: formatSignerKey({ name: 'recorder.test', secretKey: recorder.secretKey }),
  LUCID_RECORDER_VERIFIER_KEY: formatVerifierKey({ name: 'recorder.test', publicKey: recorder.publicKey }),
  RECORDER_AGENT_TIMEOUT_MS: '3600000',
  CHAIN_CLIENT_RETRY_BASE_MS: '1',
  CHAIN_CLIENT_RETRY_CAP_MS: '5',
  ORCHESTRATOR_RETRY_BASE_MS: '1',
  ORCHESTRATOR_RETRY_CAP_MS: '4',
});

export async function startRealServices() {
  const folder = await mkdtemp(join(tmpdir(), 'lucid-api-server-'));
  const accounts = createTestAccounts();
  const rows: MemoryDocuments = new Map();
  const bytes: MemoryChunks = new Map();
  const documents = () => ({ documents: createMemoryDocumentStore(rows, Date.now) });
  const chunks = () => ({ chunks: createMemoryChunkStore(bytes) });
  const stack = await startTestStack({
    accounts: accounts.accounts,
    definitions: [
      ...[blockchainLedger, onSystemChainClient, merkleBuilder, sessionEncryptor, sessionChunker],
      ...[sessionRecorder, sessionOrchestrator, sessionApi, apiServer],
    ],
    environment: environmentOf(folder),
    adapters: {
      'blockchain-ledger': { openKv: async () => createMemoryKvStore() },
      'on-system-chain-client': documents(),
      'merkle-builder': documents(),
      'session-encryptor': { ...documents(), ...chunks() },
      'session-recorder': documents(),
      'session-orchestrator': { ...documents(), ...chunks() },
      'session-api': documents(),
      'api-server': documents(),
    },
  });
  const { recipient } = await generateIdentity();
  const token = accounts.token({ sub: address });
  const admin = accounts.token({ sub: address, role: 'ADMIN', profile: 'admin' });
  return {
    recipient,
    async ask(path: string, given: { body?: unknown; method?: string; key?: string; admin?: boolean } = {}) {
      const { body, key, method = body === undefined ? 'GET' : 'POST' } = given;
      const answer = await fetch(`${stack.targetOf('api-server')?.origin}/api/v1/app${path}`, {
        method,
        headers: {
          authorization: `Bearer ${given.admin ? admin : token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const text = Buffer.from(bytes).toString();
      return { status: answer.status, bytes, json: text.startsWith('{') ? JSON.parse(text) : undefined };
    },
    /** Captured bytes, durable when it resolves. */
    async capture(sessionId: string, body: Uint8Array) {
      const agent = stack.clientOf(sessionRecorderContract);
      const atUs = Date.now() * 1_000;
      const query = { offset: 0, fromUs: atUs, untilUs: atUs };
      await agent.putBytes({ params: { sessionId, track: 0 }, query, body });
      await agent.flushRecording({ params: { sessionId } });
    },
    async settled(sessionId: string) {
      const orchestrator = stack.clientOf(sessionOrchestratorContract);
      for (;;) {
        const { state } = await orchestrator.getSession({ params: { sessionId } });
        if (state === 'completed' || state === 'failed' || state === 'deleted') return state;
        await stack.idle();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async close() {
      await stack.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
