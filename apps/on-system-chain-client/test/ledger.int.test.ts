/** Against the real ledger. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import {
  addSignatures,
  createCosigner,
  formatSignerKey,
  formatVerifierKey,
  parseNote,
} from '@lucid/checkpoint';
import { blockchainLedgerContract, onSystemChainClientContract } from '@lucid/contracts';
import { ed25519GenerateKey } from '@lucid/crypto';
import { createMemoryDocumentStore } from '@lucid/document-store';
import { createMemoryKvStore } from '@lucid/kv-store';
import { createServiceKeys } from '@lucid/service-kit';
import { startTestStack, type TestStack, testTransports } from '@lucid/service-kit/testing';
import { onSystemChainClient } from '../src/index.ts';
import { deletion, registration, sessionA } from './client-stack.ts';

const params = { sessionId: sessionA };
const ledgerPair = ed25519GenerateKey();
const witness = ed25519GenerateKey();
const name = 'lucid.invalid/ledger';
let stack: TestStack | undefined;
let folder = '';

const start = async (transport: (typeof testTransports)[number], verifierSecret = ledgerPair) => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-anchor-'));
  const kv = createMemoryKvStore();
  const started = await startTestStack({
    transport,
    definitions: [blockchainLedger, onSystemChainClient],
    environment: {
      LEDGER_DATA_DIR: folder,
      LEDGER_SIGNING_KEY: formatSignerKey({ name, secretKey: ledgerPair.secretKey }),
      LEDGER_WITNESSES: formatVerifierKey({ name: 'witness.test', publicKey: witness.publicKey, alg: 0x04 }),
      LUCID_LEDGER_VERIFIER_KEY: formatVerifierKey({ name, publicKey: verifierSecret.publicKey }),
    },
    adapters: {
      'blockchain-ledger': { openKv: async () => kv },
      'on-system-chain-client': { documents: createMemoryDocumentStore() },
    },
    keys: createServiceKeys([
      'blockchain-ledger',
      'on-system-chain-client',
      'session-orchestrator',
      'operator',
    ]),
  });
  stack = started;
  return {
    anchors: started.clientOf(onSystemChainClientContract, { as: 'session-orchestrator' }),
    ledger: started.clientOf(blockchainLedgerContract),
    idle: started.idle,
  };
};
afterEach(async () => {
  await stack?.close();
  stack = undefined;
  await rm(folder, { recursive: true, force: true });
});

test.each(testTransports)('anchors a session and its deletion over %s', async (transport) => {
  const { anchors, ledger, idle } = await start(transport);
  await anchors.registerSession({ body: registration });
  await anchors.registerDeletion({ body: deletion });
  await idle();
  const registered = await anchors.getAnchor({ params });
  const deleted = await anchors.getDeletion({ params });
  expect([registered.status, deleted.status]).toEqual(['confirmed', 'confirmed']);
  const entry = await ledger.getEntryByKey({ params: { key: `session/${sessionA}` } });
  expect(registered.anchor?.entry).toBe(entry.entry);
});

test('another ledger than the trusted one confirms nothing', async () => {
  const { anchors, idle } = await start('local', ed25519GenerateKey());
  await anchors.registerSession({ body: registration });
  await idle();
  expect(await anchors.getAnchor({ params })).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/not signed by the ledger that is trusted/),
  });
});

test('a refreshed anchor carries the cosignature of a witness', async () => {
  const { anchors, ledger, idle } = await start('local');
  await anchors.registerSession({ body: registration });
  await idle();
  const note = parseNote(await ledger.getCheckpoint());
  const cosigner = createCosigner({
    name: 'witness.test',
    secretKey: witness.secretKey,
    timestamp: () => 1_700_000_000,
  });
  await ledger.addCosignature({ body: new TextEncoder().encode(addSignatures(note, [cosigner])) });
  await ledger.appendEntry({ query: {}, body: new Uint8Array([1]) });
  const { anchor } = await anchors.refreshAnchor({ params });
  expect(parseNote(anchor?.checkpoint ?? '').signatures.map((each) => each.name)).toEqual([
    name,
    'witness.test',
  ]);
});
