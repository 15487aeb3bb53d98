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
import {
  type AnyServiceDefinition,
  createServiceKeys,
  defineService,
  ProblemError,
} from '@lucid/service-kit';
import { startTestStack, type TestStack, testTransports } from '@lucid/service-kit/testing';
import { Type } from 'typebox';
import { onSystemChainClient } from '../src/index.ts';
import { deletion, problemOf, registration, sessionA } from './client-stack.ts';

const params = { sessionId: sessionA };
const ledgerPair = ed25519GenerateKey();
const witness = ed25519GenerateKey();
const name = 'lucid.invalid/ledger';
let stack: TestStack | undefined;
let folder = '';
const start = async (
  transport: (typeof testTransports)[number],
  verifierSecret = ledgerPair,
  ledger: AnyServiceDefinition = blockchainLedger,
) => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-anchor-'));
  const kv = createMemoryKvStore();
  const started = await startTestStack({
    transport,
    definitions: [ledger, onSystemChainClient],
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
      'api-server',
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

test('api-server reads head and entries of the ledger through it', async () => {
  const { anchors, ledger, idle } = await start('tcp');
  await anchors.registerSession({ body: registration });
  await idle();
  const reader = stack?.clientOf(onSystemChainClientContract, { as: 'api-server' });
  expect(await reader?.getLedgerCheckpoint()).toEqual(await ledger.getCheckpoint());
  expect(await reader?.getLedgerEntry({ params: { index: 0 } })).toEqual(
    await ledger.getEntryByIndex({ params: { index: 0 } }),
  );
  expect((await anchors.getAnchor({ params })).anchor?.index).toBe(0);
  const beyond = await problemOf(reader?.getLedgerEntry({ params: { index: 1 } }) ?? Promise.resolve());
  expect(beyond).toBe('not_in_log');
  expect(await problemOf(anchors.getLedgerCheckpoint())).toBe('forbidden');
});

/** In the ledger's place: its store failed. */
const failedLedger = defineService({
  contract: blockchainLedgerContract,
  config: Type.Object({}),
  createContext: () => ({ close: () => {} }),
  handlers: Object.fromEntries(
    Object.keys(blockchainLedgerContract.operations).map((operation) => [
      operation,
      () => {
        throw new ProblemError('ledger_unavailable');
      },
    ]),
  ) as never,
});

test('ledger_unavailable: what the ledger says is said here', async () => {
  await start('local', ledgerPair, failedLedger);
  const as = { as: 'api-server', retry: false } as const;
  const reader = stack?.clientOf(onSystemChainClientContract, as);
  const reads = [reader?.getLedgerEntry({ params: { index: 0 } }), reader?.getLedgerCheckpoint()];
  for (const each of reads) expect(await problemOf(Promise.resolve(each))).toBe('ledger_unavailable');
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
