/**
 * The all-in-one host of the evidence plane: every service in this process, embedded stores in the data folder. Calls
 * between the services stay inside the process; with `serve`, other processes of the same user reach them by sockets.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { createMemoryEvents } from '@lucid/events';
import { merkleBuilder } from '@lucid/merkle-builder';
import type { PeerAdapters } from '@lucid/on-system-chain';
import { onSystemChainClient } from '@lucid/on-system-chain-client';
import {
  createServiceKeys,
  type ServiceKey,
  type Stack,
  socketPathOf,
  startAllInOne,
} from '@lucid/service-kit';
import { sessionChunker } from '@lucid/session-chunker';
import { sessionEncryptor } from '@lucid/session-encryptor';
import { sessionOrchestrator } from '@lucid/session-orchestrator';
import { sessionRecorder } from '@lucid/session-recorder';
import { openFilesChunkStore } from '@lucid/store-files';
import { openLmdbStore } from '@lucid/store-lmdb';
import { askHere } from './ask-here.ts';
import { BulkDesk, type BulkEncryptor } from './bulk-desk.ts';
import type { Chain } from './chain.ts';
import type { Door } from './door.ts';
import { lucidHost } from './host-service.ts';
import { type HostCard, hostCardPath, type Lucid, type OpenLucidOptions } from './lucid.ts';
import type { NodeKeys } from './node-keys.ts';

/** Longest path that a Unix socket address takes (sockaddr_un), with room for a service's name. */
const SOCKET_FOLDER_MAX_CHARS = 70;

export interface EvidenceHostOptions extends Omit<OpenLucidOptions, 'chain'> {
  readonly onClosed: () => void;
  /** Services that listen on a port besides: the ledger's public face. */
  readonly listen?: Readonly<Record<string, { host: string; port: number }>>;
  /** What it offers over the network. */
  readonly door?: Door;
  readonly chain: Chain;
  /** Its chain is there from the start; else when something is asked of it. */
  readonly chainOpen?: boolean;
  readonly onFatal?: (error: unknown) => void;
  /** Hears of other nodes. */
  readonly peerAdapters?: Partial<Omit<PeerAdapters, 'askHere'>>;
}

export interface EvidenceHost extends Lucid {
  readonly desk: BulkDesk;
  readonly stack: Stack;
}

const environmentOf = (keys: NodeKeys, options: EvidenceHostOptions): Record<string, string | undefined> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: options.env.OTEL_EXPORTER_OTLP_ENDPOINT,
  LUCID_RECORDER_KEY: keys.recorder.signerKey,
  LUCID_RECORDER_VERIFIER_KEY: keys.recorder.verifierKey,
  LUCID_LEDGER_VERIFIER_KEY: keys.ledger.verifierKey,
  LEDGER_SIGNING_KEY: keys.ledger.signerKey,
  LEDGER_DATA_DIR: options.home.ledger,
  LUCID_ZSTD: options.codec,
  RECORDER_AGENT_TIMEOUT_MS: options.env.RECORDER_AGENT_TIMEOUT_MS,
  ORCHESTRATOR_LONGEST_SESSION_MS: options.env.ORCHESTRATOR_LONGEST_SESSION_MS,
  // The lock of the data folder keeps other hosts out: a lease only bridges the moment after a kill.
  ORCHESTRATOR_LEASE_MS: '1000',
});

/** The socket folder, in the data folder unless its path is too long for a socket address. */
function socketFolder(options: EvidenceHostOptions): { path: string; temporary: boolean } {
  if (options.home.run.length <= SOCKET_FOLDER_MAX_CHARS) return { path: options.home.run, temporary: false };
  return { path: mkdtempSync(join(tmpdir(), 'lucid-')), temporary: true };
}

/** Services that start late have their socket once they run. */
function writeCard(
  options: EvidenceHostOptions,
  { stack, socketDir, operator }: { stack: Stack; socketDir: string; operator: ServiceKey },
): void {
  const targets = Object.fromEntries(
    stack.services.map((service) => [
      service,
      stack.targetOf(service) ?? { socketPath: socketPathOf(socketDir, service) },
    ]),
  );
  const card: HostCard = { pid: process.pid, targets, operatorKey: operator.secretPem };
  const path = hostCardPath(options.home);
  writeFileSync(`${path}.new`, JSON.stringify(card), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

async function openStores(options: EvidenceHostOptions) {
  const documents = await openLmdbStore({ folder: options.home.documents, nowMs: Date.now });
  const chunks = await openFilesChunkStore({ folder: options.home.sessions });
  return { documents, chunks, events: createMemoryEvents({ nowMs: Date.now }) };
}

export async function startEvidenceHost(options: EvidenceHostOptions): Promise<EvidenceHost> {
  const { chain } = options;
  const opened = options.chainOpen ? await chain.open() : null;
  const stores = await openStores(options);
  let lent: BulkEncryptor | null = null;
  const encryptor: BulkEncryptor = {
    borrowKey: (sessionId) => lent?.borrowKey(sessionId) ?? null,
    nextOffset: (sessionId, track) => lent?.nextOffset(sessionId, track) ?? null,
    adopt: async (sessionId, rows) => lent?.adopt(sessionId, rows),
  };
  const desk = new BulkDesk({ encryptor, chunks: stores.chunks, codec: options.codec });
  const lendingEncryptor = {
    ...sessionEncryptor,
    async createContext(contextOptions: Parameters<typeof sessionEncryptor.createContext>[0]) {
      const context = await sessionEncryptor.createContext(contextOptions);
      lent = context.bulk;
      return context;
    },
  };
  // Whoever stops a session (the user, the watchdog) must not do so while workers still write its records.
  const sealEndingRecorder = {
    ...sessionRecorder,
    handlers: {
      ...sessionRecorder.handlers,
      async stopRecording(...args: Parameters<typeof sessionRecorder.handlers.stopRecording>) {
        await desk.end(args[0].params.sessionId);
        return sessionRecorder.handlers.stopRecording(...args);
      },
    },
  };
  const definitions = [
    blockchainLedger,
    onSystemChainClient,
    merkleBuilder,
    lendingEncryptor,
    sessionChunker,
    sealEndingRecorder,
    sessionOrchestrator,
    lucidHost,
    ...(opened?.definitions ?? []),
    ...(options.door?.definitions ?? []),
  ];
  const late = opened ? undefined : chain;
  const names = [...definitions.map(({ contract }) => contract.service), ...(late?.services ?? [])];
  const serviceKeys = createServiceKeys([...names, 'operator']);
  const sockets = options.serve ? socketFolder(options) : null;
  const release = async () => {
    await Promise.allSettled([stores.documents.close(), stores.chunks.close(), stores.events.close()]);
    if (sockets?.temporary) rmSync(sockets.path, { recursive: true, force: true });
  };
  const stack = await startAllInOne({
    definitions,
    late,
    environment: {
      ...environmentOf(options.keys, options),
      ...chain.writer,
      ...opened?.environment,
      ...options.door?.environment,
    },
    ownEnvironment: opened?.ownEnvironment,
    adapters: {
      ...Object.fromEntries(names.map((name) => [name, { ...stores, desk }])),
      'on-system-chain': { askHere, ...options.peerAdapters },
    },
    log: options.log,
    keys: serviceKeys,
    ...(options.onFatal ? { onFatal: options.onFatal } : {}),
    ...(sockets
      ? {
          transport: 'sockets' as const,
          callsStayInside: true,
          socketDir: sockets.path,
          listen: { ...options.listen, ...options.door?.listen },
        }
      : { transport: 'local' as const }),
  }).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  const operator = serviceKeys.keys.get('operator') as ServiceKey;
  if (sockets) writeCard(options, { stack, socketDir: sockets.path, operator });
  return {
    home: options.home,
    keys: options.keys,
    desk,
    stack,
    hostAlive: () => true,
    // Who then asks something of the chain tries anew, and hears why it cannot be.
    getReady: () => void stack.wake().catch(() => {}),
    clientOf: (contract) => stack.clientOf(contract),
    async close() {
      if (sockets) rmSync(hostCardPath(options.home), { force: true });
      try {
        await desk.close();
        await stack.close();
      } finally {
        await release();
        options.onClosed();
      }
    },
  };
}
