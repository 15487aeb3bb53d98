/** The services behind, small and in memory: they obey their contracts (the test stack judges every answer) and fail where a test says so. */
import { createNoteSigner, signCheckpoint } from '@lucid/checkpoint';
import {
  authenticationContract,
  type ContractSpec,
  type InputOf,
  type OutputOf,
  onSystemChainClientContract,
  sessionApiContract,
} from '@lucid/contracts';
import { type Call, defineService, ProblemError } from '@lucid/service-kit';
import { Type } from 'typebox';

export type UserSession = OutputOf<(typeof sessionApiContract)['operations']['getSession']>;
type SessionOperations = (typeof sessionApiContract)['operations'];
type Policy = OutputOf<SessionOperations['storePolicy']>;
type Anchor = OutputOf<(typeof onSystemChainClientContract)['operations']['getAnchor']>;
type Entry = OutputOf<(typeof onSystemChainClientContract)['operations']['getLedgerEntry']>;
type User = OutputOf<(typeof authenticationContract)['operations']['getOwnUser']>;

export type Hook = (input: unknown, call: Call) => unknown;
type AnyHandler = (input: never, call: Call) => unknown;

/** Runs before or after an operation; what it throws is what the operation answers. */
export class Hooks {
  readonly before = new Map<string, Hook>();
  readonly after = new Map<string, Hook>();
  readonly calls: { operation: string; input: unknown; caller: string; account: string | undefined }[] = [];

  count(operation: string): number {
    return this.calls.filter((each) => each.operation === operation).length;
  }

  refuse(operation: string, code: string): void {
    this.before.set(operation, () => {
      throw new ProblemError(code, { detail: `a test said ${code}` });
    });
  }
}

function serviceOf<const C extends ContractSpec>(
  contract: C,
  hooks: Hooks,
  handlers: Readonly<Record<string, AnyHandler>>,
) {
  const wrapped = Object.keys(contract.operations).map((operation) => [
    operation,
    async (input: never, call: Call) => {
      hooks.calls.push({ operation, input, caller: call.caller, account: call.account?.address });
      await hooks.before.get(operation)?.(input, call);
      const answer = await handlers[operation]?.(input, call);
      await hooks.after.get(operation)?.(input, call);
      return answer;
    },
  ]);
  return defineService({
    contract,
    config: Type.Object({}),
    createContext: () => ({ close: () => {} }),
    handlers: Object.fromEntries(wrapped),
  });
}

const ledger = 'lucid.invalid/ledger';

/** A signed head of a ledger. */
export function ledgerNote(size: number): { note: string; root: Uint8Array } {
  const signer = createNoteSigner({ name: ledger, secretKey: new Uint8Array(32).fill(9) });
  const root = new Uint8Array(32).fill(5);
  return { note: signCheckpoint({ origin: ledger, size, root }, signer), root };
}

export const idOf = (number: number): string => number.toString(16).padStart(64, '0');

const missing = () => new ProblemError('session_unknown');
const keyOf = ({ createdAtUs, sessionId }: UserSession): string =>
  `${String(createdAtUs).padStart(16, '0')} ${sessionId}`;

export class Sessions {
  readonly hooks = new Hooks();
  readonly rows = new Map<string, UserSession>();
  readonly policies = new Map<string, Policy>();
  readonly manifests = new Map<string, Uint8Array>();
  readonly made = new Map<string, string>();
  readonly service = serviceOf(sessionApiContract, this.hooks, {
    createSession: (input: InputOf<SessionOperations['createSession']>, call) => this.#create(input, call),
    listSessions: (input: InputOf<SessionOperations['listSessions']>, call) => this.#list(input.query, call),
    getSession: (input: InputOf<SessionOperations['getSession']>, call) => this.#find(input, call),
    startSession: (input: never, call) => this.#turn(input, call, { state: 'recording' }),
    stopSession: (input: never, call) => this.#turn(input, call, { state: 'completed' }),
    pauseSession: (input: never, call) => this.#turn(input, call, { state: 'paused' }),
    resumeSession: (input: never, call) => this.#turn(input, call, { state: 'recording' }),
    archiveSession: (input: never, call) => this.#turn(input, call, { archivedAtUs: 5 }),
    restoreSession: (input: never, call) => this.#turn(input, call, { archivedAtUs: undefined }),
    deleteSession: (input: never, call) => this.#turn(input, call, { state: 'deleted' }),
    getManifest: (input: InputOf<SessionOperations['getManifest']>, call) => {
      const { sessionId } = this.#find(input, call);
      const bytes = this.manifests.get(sessionId);
      if (!bytes) throw new ProblemError('not_ready');
      return bytes;
    },
    getMerkleProof: (input: InputOf<SessionOperations['getMerkleProof']>, call) => {
      this.#find(input, call);
      const hash = 'cd'.repeat(32);
      return { index: 0, size: 7, root: hash, leafHash: hash, proof: [hash], checkpoint: 'signed\n' };
    },
    listPolicies: () => ({ policies: [...this.policies.values()] }),
    storePolicy: ({ body }: InputOf<SessionOperations['storePolicy']>, call) => {
      const policy = { policyHash: 'ab'.repeat(32), owner: addressOf(call), createdAtUs: 1, ...body };
      this.policies.set(policy.policyHash, policy);
      return policy;
    },
    deletePolicy: ({ params }: InputOf<SessionOperations['deletePolicy']>) => {
      if (!this.policies.delete(params.policyHash)) throw new ProblemError('policy_unknown');
    },
  });
  #number = 0;

  add(owner: string, more: Partial<UserSession> = {}): UserSession {
    this.#number += 1;
    const session: UserSession = {
      ...{ sessionId: idOf(this.#number), state: 'created', owner, you: ['owner'], type: 'api_user' },
      ...{ tracks: [], observers: [], consents: [], createdAtUs: this.#number * 1_000, anchored: false },
      ...more,
    };
    this.rows.set(session.sessionId, session);
    return session;
  }

  #sees = ({ owner, observers }: UserSession, call: Call): boolean =>
    owner === addressOf(call) || observers.includes(addressOf(call));

  #find({ params }: { params: { sessionId: string } }, call: Call): UserSession {
    const found = this.rows.get(params.sessionId);
    if (!found || !this.#sees(found, call)) throw missing();
    return found;
  }

  #turn(input: { params: { sessionId: string } }, call: Call, change: object): UserSession {
    const found = this.#find(input, call);
    if (found.owner !== addressOf(call)) throw new ProblemError('not_yours');
    const turned = JSON.parse(JSON.stringify({ ...found, ...change })) as UserSession;
    this.rows.set(turned.sessionId, turned);
    return turned;
  }

  #create({ body }: InputOf<SessionOperations['createSession']>, call: Call): UserSession {
    const key = body.idempotencyKey && `${addressOf(call)} ${body.idempotencyKey}`;
    const there = key && this.rows.get(this.made.get(key) ?? '');
    if (there) return there;
    const { title, tracks } = body;
    const session = this.add(addressOf(call), { tracks, ...(title === undefined ? {} : { title }) });
    if (key) this.made.set(key, session.sessionId);
    return session;
  }

  /** Newest first; the cursor is the key of the last row. */
  #list(query: InputOf<SessionOperations['listSessions']>['query'], call: Call) {
    const { limit = 100, after, state, archived = false } = query;
    const start = after === undefined ? undefined : Buffer.from(after, 'base64url').toString();
    if (start !== undefined && !/^\d{16} [0-9a-f]{64}$/.test(start))
      throw new ProblemError('invalid_request');
    const rows = [...this.rows.values()]
      .filter((each) => query.all || this.#sees(each, call))
      .filter((each) => (state === undefined ? each.state !== 'deleted' : each.state === state))
      .filter((each) => (each.archivedAtUs !== undefined) === archived)
      .filter((each) => start === undefined || keyOf(each) < start)
      .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = last && rows.length > limit ? Buffer.from(keyOf(last)).toString('base64url') : undefined;
    return { sessions: page, ...(next === undefined ? {} : { next }) };
  }
}

const addressOf = (call: Call): string => call.account?.address ?? '';

export class Chain {
  readonly hooks = new Hooks();
  readonly anchors = new Map<string, Anchor>();
  readonly deletions = new Map<string, Anchor>();
  readonly entries: Entry[] = [];
  note: Uint8Array = new Uint8Array();
  readonly service = serviceOf(onSystemChainClientContract, this.hooks, {
    getAnchor: ({ params }: { params: { sessionId: string } }) => found(this.anchors.get(params.sessionId)),
    getDeletion: ({ params }: { params: { sessionId: string } }) =>
      found(this.deletions.get(params.sessionId)),
    getLedgerCheckpoint: () => this.note,
    getLedgerEntry: ({ params }: { params: { index: number } }) => {
      const entry = this.entries[params.index];
      if (!entry) throw new ProblemError('not_in_log');
      return entry;
    },
  });
}

function found(anchor: Anchor | undefined): Anchor {
  if (!anchor) throw new ProblemError('anchor_unknown');
  return anchor;
}

export class Users {
  readonly hooks = new Hooks();
  readonly rows = new Map<string, User>();
  readonly service = serviceOf(authenticationContract, this.hooks, {
    getOwnUser: (_input: never, call) => this.#find(addressOf(call)),
    getUser: ({ params }: { params: { address: string } }) => this.#find(params.address),
    listUsers: ({ query }: { query: { limit?: number; after?: string; role?: string } }) => {
      const { limit = 100, after = '', role } = query;
      const rows = [...this.rows.values()]
        .filter((each) => each.address > after && (role === undefined || each.role === role))
        .sort((a, b) => (a.address < b.address ? -1 : 1));
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return { users: page, ...(last && rows.length > limit ? { next: last.address } : {}) };
    },
  });

  #find(address: string): User {
    const user = this.rows.get(address);
    if (!user) throw new ProblemError('user_unknown');
    return user;
  }
}
