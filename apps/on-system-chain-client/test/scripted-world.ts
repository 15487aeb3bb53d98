/** A chain of fake blocks with the rules of the anchor contract, and a store, in which each call may be lost or be the last one. */
import { bytesToHex } from '@lucid/bytes';
import { createChainClient, createDocumentOutbox, type Hex, outboxCollection } from '@lucid/chain-client';
import { addresses, lucidAnchors } from '@lucid/chain-contracts';
import type { BatchOperation, DocumentStore, MemoryDocuments } from '@lucid/document-store';
import { createMemoryDocumentStore } from '@lucid/document-store';
import { createLog } from '@lucid/service-kit';
import { type ChainAnchor, parseSessionLeaf, type Registration } from '@lucid/session-format';
import { decodeFunctionData, encodeErrorResult } from 'viem';
import { FakeNode, type FakeTransaction } from '../../../libs/chain-client/test/fake-node.ts';
import type { FoundEvent } from '../src/chain/anchor-events.ts';
import { createChainSessionChain } from '../src/chain/chain-session-chain.ts';
import { Composer } from '../src/chain/composer.ts';
import { Registrar } from '../src/chain/registrar.ts';
import { BatchStore } from '../src/store/batch-store.ts';
import { createMemoryChain } from './memory-chain.ts';

export type Fault = 'none' | 'lost-before' | 'lost-after' | 'killed-before' | 'killed-after';
export type Weather = 'calm' | 'block' | 'pool-lost' | 'dear' | 'stranger';
export type Step = readonly [Fault, Weather];

export class Killed extends Error {}
class Lost extends Error {}

const SECRET_KEY = '11'.repeat(32);
const abi = lucidAnchors.abi;

/** What an included transaction did, in the order of the chain. */
export interface Executed {
  readonly tx: FakeTransaction;
  readonly height: number;
  readonly event: FoundEvent['event'] | null;
}

function eventOf({ data }: FakeTransaction): FoundEvent['event'] | null {
  if (data === '0x') return null;
  const { functionName, args } = decodeFunctionData({ abi, data });
  if (functionName === 'registerSessions')
    return { kind: 'batch', root: Uint8Array.from(Buffer.from(args[0].slice(2), 'hex')), count: args[1] };
  if (functionName !== 'registerSession') throw new Error(`not foreseen: ${functionName}`);
  const [sessionId, manifestHash, startedAt, owner, merkleRoot, chunkCount] = args;
  const text = (hex: string) => hex.slice(2).toLowerCase();
  const registration: Registration = {
    ...{ sessionId: text(sessionId), manifestHash: text(manifestHash), startedAt: Number(startedAt) },
    ...{ owner: text(owner), merkleRoot: text(merkleRoot), chunkCount },
  };
  return { kind: 'session', registration };
}

const nameOf = (event: FoundEvent['event']): string =>
  event.kind === 'batch' ? bytesToHex(event.root) : event.registration.sessionId;

export class ScriptedWorld {
  readonly node = new FakeNode();
  readonly documents: MemoryDocuments = new Map();
  /** Calls of `registerSession` that a stranger may send. */
  strangers: Hex[] = [];
  /** Each call takes a turn of the event loop, so that processes run side by side. */
  isSlow = false;
  readonly #script: Step[];
  #isDead = false;
  #ids = 0;
  #nowMs = 0;

  constructor(script: readonly Step[]) {
    this.#script = [...script];
    this.node.balance = 10n ** 30n;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Whether every step of the script was met. */
  get isOver(): boolean {
    return this.#script.length === 0;
  }

  /** Time goes on by a block. */
  pass(): void {
    this.#nowMs += 1000;
    if (this.isOver) this.node.baseFeePerGas = 10n ** 9n;
    this.node.mine();
  }

  executed(): Executed[] {
    const names = new Set<string>();
    return this.node.blocks.flatMap(({ transactions }, height) =>
      transactions.map((tx) => {
        const event = eventOf(tx);
        if (event === null || names.has(nameOf(event))) return { tx, height, event: null };
        names.add(nameOf(event));
        return { tx, height, event };
      }),
    );
  }

  /** A process over what is there. */
  async start() {
    this.#isDead = false;
    const documents = this.#store(createMemoryDocumentStore(this.documents, () => this.#nowMs));
    const store = await BatchStore.open(documents);
    const outbox = createDocumentOutbox(await documents.collection(outboxCollection));
    const client = createChainClient(
      {
        chainId: 1337,
        secretKey: SECRET_KEY,
        confirmations: 1,
        replaceAfterMs: 3000,
        maxFeePerGasCap: 10n ** 18n,
      },
      {
        ...{ outbox, call: (request) => this.#suffer(() => this.#answer(request)) },
        clock: { nowMs: () => this.#nowMs, sleep: async () => {} },
      },
    );
    const find = (isAsked: (event: FoundEvent['event']) => boolean) =>
      this.#suffer(async () =>
        this.executed().flatMap(({ tx, event }) =>
          event !== null && isAsked(event) ? [{ event, transactionHash: tx.hash }] : [],
        ),
      );
    const events = {
      ofSessions: (ids: readonly string[]) =>
        find((event) => event.kind === 'session' && ids.includes(nameOf(event))),
      ofBatch: (root: Uint8Array) =>
        find((event) => event.kind === 'batch' && nameOf(event) === bytesToHex(root)),
    };
    const registrar = new Registrar({
      ...{ store, client, events, log: createLog({ level: 'silent', destination: { write: () => {} } }) },
      prove: (batch, transactionHash) =>
        this.#suffer(async () => {
          const found = this.executed().find(({ tx }) => tx.hash === transactionHash);
          if (!found?.event) return null;
          // Tells which session it is of; that real ones hold is seen on the real chain.
          const anchorOf = (at: number) =>
            ({ header: parseSessionLeaf(batch.leaves[at] as Uint8Array)?.sessionId }) as ChainAnchor;
          return { transactionHash, blockHeight: found.height, anchorOf };
        }),
    });
    const composer = new Composer({ store, events, random: (size) => this.#random(size) });
    const ledgerChain = createMemoryChain();
    return { chain: createChainSessionChain({ composer, registrar, ledgerChain }), registrar, store };
  }

  #random(sizeBytes: number): Uint8Array {
    const bytes = new Uint8Array(sizeBytes);
    new DataView(bytes.buffer).setUint32(0, ++this.#ids);
    return bytes;
  }

  async #answer(request: Parameters<FakeNode['answer']>[0]): Promise<unknown> {
    const { id, method, params } = request;
    if (method === 'eth_estimateGas') {
      const event = eventOf(params[0] as FakeTransaction);
      const done = this.executed().some(
        (each) => event && each.event && nameOf(each.event) === nameOf(event),
      );
      if (event && done) return { jsonrpc: '2.0', id, error: revertOf(event) };
    }
    const answer = (await this.node.answer(request)) as { result?: { status?: string } | null };
    if (method === 'eth_getTransactionReceipt' && answer.result) {
      const found = this.executed().find(({ tx }) => tx.hash === params[0]);
      if (found?.event === null) answer.result.status = '0x0';
    }
    return answer;
  }

  #befall(weather: Weather): void {
    if (weather === 'block') this.node.mine();
    if (weather === 'pool-lost') this.node.pool.clear();
    if (weather === 'dear') this.node.baseFeePerGas *= 2n;
    const data = weather === 'stranger' ? this.strangers.pop() : undefined;
    if (data === undefined) return;
    const from = `0x${'99'.repeat(20)}` as const;
    const hash = `0x${(this.node.blocks.length + 0x1000).toString(16).padStart(64, '9')}` as const;
    const fees = { gas: 1n, maxFeePerGas: 1n, tip: 0n };
    const tx = { ...{ hash, raw: hash, from, nonce: 0, to: addresses.lucidAnchors, data }, ...fees };
    this.node.blocks.push({ baseFeePerGas: 1n, transactions: [tx] });
  }

  async #suffer<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Killed();
    const [fault, weather] = this.#script.shift() ?? ['none', 'calm'];
    this.#befall(weather);
    if (fault === 'killed-before') this.#isDead = true;
    if (this.#isDead) throw new Killed();
    if (fault === 'lost-before') throw new Lost();
    if (this.isSlow) await new Promise((resolve) => setImmediate(resolve));
    const result = await work();
    if (fault === 'killed-after') this.#isDead = true;
    if (this.#isDead) throw new Killed();
    if (fault === 'lost-after') throw new Lost();
    return result;
  }

  #store(store: DocumentStore): DocumentStore {
    const suffering =
      <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        this.#suffer(() => work(...args));
    return Object.assign(Object.create(store) as DocumentStore, {
      batch: suffering((operations: readonly BatchOperation[]) => store.batch(operations)),
      async collection(definition: Parameters<DocumentStore['collection']>[0]) {
        const inner = await store.collection(definition);
        return {
          definition: inner.definition,
          get: suffering((key: string) => inner.get(key)),
          getMany: suffering((keys: readonly string[]) => inner.getMany(keys)),
          find: suffering((options: Parameters<typeof inner.find>[0]) => inner.find(options)),
          insert: suffering((document: object) => inner.insert(document)),
          replace: suffering((document: object, version: number) => inner.replace(document, version)),
          remove: suffering((key: string, version?: number) => inner.remove(key, version)),
        };
      },
    });
  }
}

function revertOf(event: FoundEvent['event']) {
  const name = `0x${nameOf(event)}` as const;
  const errorName = event.kind === 'batch' ? 'RootAlreadyRegistered' : 'SessionAlreadyRegistered';
  const data = encodeErrorResult({ abi, errorName, args: [name] });
  return { code: 3, message: 'execution reverted', data };
}
