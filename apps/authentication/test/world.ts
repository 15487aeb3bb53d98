/** An authentication service over a store that outlives it, with people who have keys, and a chain that remembers what it was told. */
import { createHmac, randomBytes } from 'node:crypto';
import { authenticationContract, type InputOf, onSystemChainClientContract } from '@lucid/contracts';
import { createMemoryDocumentStore, type DocumentStore, type MemoryDocuments } from '@lucid/document-store';
import type { RateLimits } from '@lucid/rate-limit';
import { type Client, createServiceKeys, defineService } from '@lucid/service-kit';
import {
  createManualClock,
  type ManualClock,
  startTestStack,
  type TestStack,
} from '@lucid/service-kit/testing';
import { secretKeyToAddress, signMessage } from '@lucid/tron-message';
import { Type } from 'typebox';
import { authentication } from '../src/index.ts';

export type Api = Client<typeof authenticationContract>;
type Ops = (typeof authenticationContract)['operations'];
type HeadAsked = InputOf<(typeof onSystemChainClientContract)['operations']['registerAuditHead']>['body'];

export const AUTH_SECRET = 'a secret that only tests have, 32+';
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Person {
  readonly address: string;
  readonly secretKey: Uint8Array;
  sign(message: string): string;
}

export function createPerson(seed?: string): Person {
  const secretKey = seed ? createHmac('sha256', 'person').update(seed).digest() : randomBytes(32);
  return {
    address: secretKeyToAddress(secretKey),
    secretKey,
    sign: (message) => signMessage(secretKey, message),
  };
}

export const problemOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
};

/** In the place of on-system-chain-client: confirms what it is told while `open`. */
export class Chain {
  readonly heads: HeadAsked[] = [];
  open = true;
  readonly service = defineService({
    contract: onSystemChainClientContract,
    config: Type.Object({}),
    createContext: () => ({ close: () => {} }),
    handlers: Object.fromEntries(
      Object.keys(onSystemChainClientContract.operations).map((name) => [
        name,
        ({ body }: { body: HeadAsked }) => this.#answer(body),
      ]),
    ) as never,
  });

  #answer(body: HeadAsked) {
    if (!this.open) throw new Error('the chain is away');
    if (!this.heads.some(({ hash }) => hash === body.hash)) this.heads.push(body);
    const { entries, hash } = body;
    const anchor = {
      ...{ format: 'lucid-anchor/1', kind: 'ledger', ledger: '', entry: '', inclusion: [], checkpoint: '' },
      index: this.heads.findIndex((each) => each.hash === hash),
    };
    return { entries, hash, status: 'confirmed', attempts: 1, anchor };
  }
}

export interface WorldOptions {
  readonly clock?: ManualClock;
  readonly rows?: MemoryDocuments;
  readonly documents?: DocumentStore;
  readonly limits?: RateLimits;
  readonly chain?: Chain;
  readonly environment?: Record<string, string>;
  readonly random?: (sizeBytes: number) => Uint8Array;
  /** The system's clock instead of one that the test moves. */
  readonly realTime?: boolean;
}

export const keys = createServiceKeys(['authentication', 'on-system-chain-client', 'operator']);

export class World {
  readonly clock: ManualClock;
  readonly stack: TestStack;
  readonly chain: Chain;
  readonly rows: MemoryDocuments;
  /** As anybody (and as the operator). */
  readonly api: Api;

  private constructor(parts: Pick<World, 'clock' | 'stack' | 'chain' | 'rows'>) {
    this.clock = parts.clock;
    this.stack = parts.stack;
    this.chain = parts.chain;
    this.rows = parts.rows;
    this.api = this.stack.clientOf(authenticationContract, { retry: false, breaker: false });
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const { clock = createManualClock(), rows = new Map(), chain = new Chain() } = options;
    const nowMs = options.realTime ? Date.now : () => clock.nowMs();
    const documents = options.documents ?? createMemoryDocumentStore(rows, nowMs);
    const stack = await startTestStack({
      transport: 'local',
      definitions: [chain.service, authentication],
      environment: { AUTH_SECRET, ...options.environment },
      adapters: { authentication: { documents, ...(options.limits ? { limits: options.limits } : {}) } },
      ...(options.realTime ? {} : { clock }),
      ...(options.random ? { random: options.random } : {}),
      keys,
    });
    return new World({ clock, stack, chain, rows });
  }

  /** With an access token. */
  as(token: { accessToken: string } | string): Api {
    const text = typeof token === 'string' ? token : token.accessToken;
    return this.stack.clientOf(authenticationContract, { tokens: () => text, retry: false, breaker: false });
  }

  async signed(person: Person, profile: 'admin' | 'user' | 'node' = 'user') {
    const { message } = await this.api.createChallenge({ body: { address: person.address, profile } });
    return { message, signature: person.sign(message) };
  }

  async login(
    person: Person,
    more: Partial<InputOf<Ops['login']>['body']> & { profile?: 'admin' | 'user' | 'node' } = {},
  ) {
    const { profile, ...extras } = more;
    return this.api.login({ body: { ...(await this.signed(person, profile)), ...extras } });
  }

  async register(person: Person, invitation?: string) {
    const signed = await this.signed(person);
    return this.api.register({ body: { ...signed, ...(invitation ? { invitation } : {}) } });
  }

  /** A SUPER_ADMIN who has confirmed an authenticator, signed in for the profile admin. */
  async admin(person = createPerson()) {
    const { code } = await this.api.createFirstAdmin();
    const first = await this.register(person, code);
    const totp = await this.enrol(first);
    const signedIn = await this.login(person, { profile: 'admin', totp: await totp.next() });
    return { person, signedIn, api: this.as(signedIn), totp };
  }

  /** Sets up an authenticator; `next` waits (moves the clock) for a code that was not used. */
  async enrol(login: { accessToken: string }) {
    const api = this.as(login);
    const { secret } = await api.beginTotp();
    const code = () => totpOf(secret, this.clock.nowMs());
    const { recoveryCodes } = await api.confirmTotp({ body: { code: code() } });
    const next = async () => {
      await this.clock.advance(30_000);
      return code();
    };
    return { secret, recoveryCodes, code, next };
  }

  /** A user of a role, invited by an administrator. */
  async user(admin: Api, role: 'OBSERVER' | 'USER' | 'NODE_OPERATOR' | 'ADMIN' | 'SUPER_ADMIN' = 'USER') {
    const person = createPerson();
    await admin.inviteUser({ body: { address: person.address, role } });
    const signedIn = await this.register(person);
    return { person, signedIn, api: this.as(signedIn) };
  }

  async audit(): Promise<{ event: string; by: string; about?: string; detail?: Record<string, unknown> }[]> {
    const { entries } = await this.api.listAudit({ query: { limit: 1000 } });
    return entries as never;
  }

  /** The same store, opened again after a long time: moving the clock so far would run every worker for every second of it. */
  async later(byMs: number, environment: Record<string, string> = {}): Promise<World> {
    await this.close();
    const clock = createManualClock(this.clock.nowMs() + byMs);
    const next = await World.start({ rows: this.rows, chain: this.chain, clock, environment });
    await clock.advance(120_000);
    return next;
  }

  close(): Promise<void> {
    return this.stack.close();
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 6238 written a second time, from the text of the RFC: the service must agree with it. */
export function totpOf(secret: string, nowMs: number): string {
  const bits = [...secret].map((each) => BASE32.indexOf(each).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((each) => Number.parseInt(each, 2)));
  const time = Buffer.from(
    Math.floor(nowMs / 30_000)
      .toString(16)
      .padStart(16, '0'),
    'hex',
  );
  const mac = createHmac('sha1', key).update(time).digest();
  const part = mac.subarray((mac.at(-1) ?? 0) % 16).subarray(0, 4);
  return String((part.readUInt32BE() % 2 ** 31) % 10 ** 6).padStart(6, '0');
}

/** Revocations travel by themselves: asked until they are heard of. */
export async function heard(ask: () => Promise<unknown>): Promise<void> {
  while ((await problemOf(ask())) !== 'unauthenticated')
    await new Promise((resolve) => setImmediate(resolve));
}
