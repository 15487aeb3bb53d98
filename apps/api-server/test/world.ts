/** Instances of api-server over one store and the same services behind, asked over HTTP by people with real access tokens. */
import type { AccessClaims } from '@lucid/access';
import { createMemoryDocumentStore, DocumentStoreError, type MemoryDocuments } from '@lucid/document-store';
import { createServiceKeys, systemClock } from '@lucid/service-kit';
import { createTestAccounts, startTestStack } from '@lucid/service-kit/testing';
import { apiServer } from '../src/index.ts';
import { Chain, Sessions, Users } from './services-behind.ts';

export const alice = `T${'A'.repeat(33)}`;
export const bob = `T${'B'.repeat(33)}`;

export interface Fault {
  /** What the store answers, to the operations named (all where none are). */
  code: 'store_full' | 'store_unavailable' | null;
  operations: readonly string[];
  /** Runs once an operation took place, before it is told. */
  written?: (operation: string) => Promise<void>;
}

/** The system's clock, moved by hand. */
function createShiftedClock() {
  const clock = { ...systemClock, aheadMs: 0 };
  return Object.assign(clock, { nowMs: () => systemClock.nowMs() + clock.aheadMs });
}

const failing = <T extends object>(target: T, fault: Fault): T =>
  new Proxy(target, {
    get(of, name) {
      const value = Reflect.get(of, name) as unknown;
      if (typeof value !== 'function' || name === 'close') return value;
      return (...args: unknown[]) => {
        if (fault.code && (fault.operations.length === 0 || fault.operations.includes(String(name)))) {
          if (name === 'check') return Promise.resolve({ ok: false, latencyMs: 0, why: 'a test said so' });
          return Promise.reject(new DocumentStoreError(fault.code, 'a test said so'));
        }
        const answer = (value as (...given: unknown[]) => unknown).apply(of, args);
        if (name === 'collection') return (answer as Promise<object>).then((each) => failing(each, fault));
        const { written } = fault;
        return written
          ? Promise.resolve(answer).then((each) => written(String(name)).then(() => each))
          : answer;
      };
    },
  });

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
  /** Of a problem. */
  readonly code: string;
}

export interface Ask {
  readonly method?: string;
  readonly as?: string;
  readonly claims?: Partial<AccessClaims>;
  readonly body?: unknown;
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(options: { documents?: MemoryDocuments } = {}) {
  const clock = createShiftedClock();
  const accounts = createTestAccounts(clock);
  const documents: MemoryDocuments = options.documents ?? new Map();
  const behind = { sessions: new Sessions(), chain: new Chain(), users: new Users() };
  const services = [behind.users.service, behind.chain.service, behind.sessions.service];
  const names = ['api-server', 'authentication', 'session-api', 'on-system-chain-client', 'operator'];
  const keys = createServiceKeys(names);
  const closing: (() => Promise<void>)[] = [];

  async function start() {
    const fault: Fault = { code: null, operations: [] };
    const store = createMemoryDocumentStore(documents, () => clock.nowMs());
    const stack = await startTestStack({
      definitions: [...services, apiServer],
      adapters: { 'api-server': { documents: failing(store, fault) } },
      accounts: accounts.accounts,
      clock,
      keys,
      clientOptions: { retry: { attempts: 2, baseMs: 1, capMs: 2 }, breaker: false },
    });
    closing.push(() => stack.close());
    const origin = stack.targetOf('api-server')?.origin ?? '';
    const ask = async (path: string, given: Ask = {}): Promise<Answer> => {
      const { as = alice, method = given.body === undefined ? 'GET' : 'POST', body, key, signal } = given;
      const token = accounts.token({ sub: as, ...given.claims });
      const answer = await fetch(`${origin}/api/v1/app${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...given.headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      });
      const text = await answer.text();
      const json = text.startsWith('{') ? JSON.parse(text) : undefined;
      const code = String(json?.type ?? '').replace('urn:lucid:problem:', '');
      return { status: answer.status, headers: answer.headers, text, json, code };
    };
    return { stack, fault, ask };
  }

  const first = await start();
  return {
    ...behind,
    ...first,
    clock,
    documents,
    /** One more instance over the same store. */
    start,
    async close() {
      await Promise.all(closing.map((each) => each()));
    },
  };
}

export const newSession = {
  title: 'a session',
  tracks: [{ track: 0, kind: 'terminal', mediaType: 'application/x-asciicast' }],
  recipients: [{ recipient: `age1${'q'.repeat(58)}` }],
};
