/** A merkle-builder over stores that outlive it, with a clock that the test moves. */

import { concatBytes, utf8ToBytes } from '@lucid/bytes';
import {
  formatSignerKey,
  formatVerifierKey,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  verifyNote,
} from '@lucid/checkpoint';
import { merkleBuilderContract } from '@lucid/contracts';
import { ed25519PublicKey, sha256 } from '@lucid/crypto';
import { createMemoryDocumentStore, type DocumentStore, type MemoryDocuments } from '@lucid/document-store';
import {
  createManualClock,
  type ManualClock,
  startTestStack,
  type TestStack,
  type TestTransport,
} from '@lucid/service-kit/testing';
import { merkleBuilder } from '../src/index.ts';

const secretKey = sha256(utf8ToBytes('a recorder key for tests'));
export const recorderKey = formatSignerKey({ name: 'recorder.test', secretKey });
const recorderVerifier = parseVerifierKey(
  formatVerifierKey({ name: 'recorder.test', publicKey: ed25519PublicKey(secretKey) }),
);

export const sessionA = 'aa'.repeat(32);
export const sessionB = 'bb'.repeat(32);

/** Leaf hashes that look random, equal for equal positions. */
export const leafAt = (position: number, flavour = ''): Uint8Array =>
  sha256(utf8ToBytes(`leaf ${position} ${flavour}`));
export const leavesFrom = (from: number, count: number, flavour = ''): Uint8Array[] =>
  Array.from({ length: count }, (_, at) => leafAt(from + at, flavour));

export const problemOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
};

/** Size and root of a checkpoint that the recorder signed for this session. */
export function readCheckpoint(sessionId: string, text: string): { size: number; root: Uint8Array } {
  const verdict = verifyNote(text, [recorderVerifier]);
  if (!verdict.ok) throw new Error(verdict.why);
  const checkpoint = parseCheckpoint(parseNote(text).text);
  expect(checkpoint.origin).toBe(`lucid.invalid/session/${sessionId}`);
  return checkpoint;
}

export interface BuilderStack {
  readonly stack: TestStack;
  readonly clock: ManualClock;
  readonly documents: MemoryDocuments;
  client(as?: string): ReturnType<typeof clientOf>;
}

const clientOf = (stack: TestStack, as: string) =>
  stack.clientOf(merkleBuilderContract, { as, retry: false, breaker: false });

export async function startBuilder(
  options: {
    documents?: MemoryDocuments;
    clock?: ManualClock;
    wrap?: (store: DocumentStore) => DocumentStore;
    transport?: TestTransport;
  } = {},
): Promise<BuilderStack> {
  const { documents = new Map(), clock = createManualClock(), wrap = (store) => store } = options;
  const store = wrap(createMemoryDocumentStore(documents, () => clock.nowMs()));
  const stack = await startTestStack({
    transport: options.transport ?? 'local',
    definitions: [merkleBuilder],
    environment: { LUCID_RECORDER_KEY: recorderKey },
    adapters: { 'merkle-builder': { documents: store } },
    clock,
    keys: serviceKeys,
  });
  return { stack, clock, documents, client: (as = 'session-orchestrator') => clientOf(stack, as) };
}

import { createServiceKeys } from '@lucid/service-kit';

const serviceKeys = createServiceKeys([
  'merkle-builder',
  'operator',
  'session-orchestrator',
  'session-encryptor',
]);

let running: BuilderStack[] = [];

/** Starts one that `closeBuilders` ends. */
export const start: typeof startBuilder = async (options) => {
  const builder = await startBuilder(options);
  running.push(builder);
  return builder;
};

/** For `afterEach`. */
export async function closeBuilders(): Promise<void> {
  const stopping = running;
  running = [];
  await Promise.all(stopping.map(({ stack }) => stack.close()));
}

export const put = (builder: BuilderStack, firstIndex: number, leaves: Uint8Array[], sessionId = sessionA) =>
  builder.client('session-encryptor').appendLeaves({
    params: { sessionId },
    query: { firstIndex },
    body: concatBytes(...leaves),
  });
