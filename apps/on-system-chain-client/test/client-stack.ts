/** An on-system-chain-client over stores that outlive it, with a clock that the test moves. */
import { onSystemChainClientContract } from '@lucid/contracts';
import { createMemoryDocumentStore, type DocumentStore, type MemoryDocuments } from '@lucid/document-store';
import { createServiceKeys } from '@lucid/service-kit';
import { createManualClock, type ManualClock, startTestStack } from '@lucid/service-kit/testing';
import { onSystemChainClient } from '../src/index.ts';
import { ledgerKey, type MemoryChain } from './memory-chain.ts';

export const sessionA = 'aa'.repeat(32);
export const registration = {
  sessionId: sessionA,
  manifestHash: '11'.repeat(32),
  startedAt: 1_700_000_000,
  owner: 'age1owner',
  merkleRoot: '22'.repeat(32),
  chunkCount: 3,
  checkpoint: 'a checkpoint\n',
};
export const deletion = {
  sessionId: sessionA,
  manifestHash: '11'.repeat(32),
  deletedAt: 1_700_000_100,
  by: 'operator',
  reason: 'retention',
};

export const problemOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
};

const keys = createServiceKeys([
  'on-system-chain-client',
  'session-orchestrator',
  'authentication',
  'operator',
  'blockchain-ledger',
]);

export async function startClient(options: {
  chain: MemoryChain;
  documents?: MemoryDocuments;
  clock?: ManualClock;
  wrap?: (store: DocumentStore) => DocumentStore;
  environment?: Record<string, string>;
}) {
  const { documents = new Map(), clock = createManualClock(), wrap = (store) => store } = options;
  const store = wrap(createMemoryDocumentStore(documents, () => clock.nowMs()));
  const stack = await startTestStack({
    transport: 'local',
    definitions: [onSystemChainClient],
    environment: { LUCID_LEDGER_VERIFIER_KEY: ledgerKey, ...options.environment },
    adapters: { 'on-system-chain-client': { documents: store, chain: options.chain } },
    clock,
    random: (sizeBytes) => new Uint8Array(sizeBytes).fill(0x80),
    keys,
  });
  const client = stack.clientOf(onSystemChainClientContract, {
    as: 'session-orchestrator',
    retry: false,
    breaker: false,
  });
  return { stack, clock, documents, client };
}
