/** A small service that uses every part of the kit; the suites run it under all hosts. */
import { defineContract, octets } from '@lucid/contracts';
import { type Static, Type } from 'typebox';
import {
  type ContextOptions,
  defineService,
  jsonText,
  problemsOf,
  secret,
  type Worker,
} from '../src/index.ts';

const Note = Type.Object({ noteId: Type.String(), text: Type.String(), copies: Type.Integer() });
const NoteId = Type.Object(
  { noteId: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }) },
  { additionalProperties: false },
);

export const notesContract = defineContract({
  service: 'notes',
  version: '1.2.3',
  summary: 'Keeps notes.',
  basePath: '/api/v1',
  errors: {
    note_missing: { status: 404, title: 'There is no such note.' },
    note_exists: { status: 409, title: 'A note of this name exists.' },
    never_declared_by_an_operation: { status: 418, title: 'For tests.' },
  },
  operations: {
    putNote: {
      method: 'PUT',
      path: '/notes/:noteId',
      summary: 'Writes a note.',
      callers: ['operator'],
      params: NoteId,
      body: Type.Object(
        {
          text: Type.String({ maxLength: 100 }),
          copies: Type.Integer({ default: 1, minimum: 1, maximum: 9 }),
        },
        { additionalProperties: false },
      ),
      response: Note,
      status: 201,
      errors: ['note_exists'],
    },
    getNote: {
      method: 'GET',
      path: '/notes/:noteId',
      summary: 'Reads a note.',
      callers: ['operator', 'echo'],
      params: NoteId,
      response: Note,
      errors: ['note_missing'],
    },
    listNotes: {
      method: 'GET',
      path: '/notes',
      summary: 'Lists notes.',
      callers: ['public'],
      query: Type.Object({
        limit: Type.Integer({ default: 10, minimum: 1, maximum: 50 }),
        deep: Type.Optional(Type.Boolean()),
        tag: Type.Optional(Type.Array(Type.String())),
      }),
      response: Type.Object({
        limit: Type.Integer(),
        deep: Type.Boolean(),
        tags: Type.Array(Type.String()),
        noteIds: Type.Array(Type.String()),
      }),
    },
    dropNote: {
      method: 'DELETE',
      path: '/notes/:noteId',
      summary: 'Removes a note.',
      callers: ['operator'],
      params: NoteId,
    },
    reverseBytes: {
      method: 'POST',
      path: '/reverse',
      summary: 'Answers the bytes in reverse.',
      callers: ['operator'],
      idempotent: true,
      body: octets({ maxBytes: 1024 }),
      response: octets({ maxBytes: 1024 }),
    },
    readFile: {
      method: 'GET',
      path: '/files/*',
      summary: 'Names what is at a path.',
      callers: ['public'],
      params: Type.Object({ '*': Type.String({ maxLength: 60 }) }),
      response: Type.Object({ path: Type.String() }),
      cacheControl: 'public, max-age=60',
    },
    fail: {
      method: 'POST',
      path: '/fail',
      summary: 'Fails as told.',
      callers: ['operator'],
      idempotent: false,
      body: Type.Object({ how: Type.String() }),
      errors: ['note_exists'],
    },
    wait: {
      method: 'POST',
      path: '/wait',
      summary: 'Answers when the test lets it.',
      callers: ['operator'],
      idempotent: false,
      response: Type.Object({ outcome: Type.String() }),
    },
    onlyEcho: {
      method: 'GET',
      path: '/only-echo',
      summary: 'Nobody but echo may ask.',
      callers: ['echo'],
      response: Type.Object({ caller: Type.String(), requestId: Type.String() }),
    },
  },
});

const problem = problemsOf(notesContract);

/** What a test sees and does from outside. */
export interface Gate {
  /** Called when `wait` has begun; `wait` answers when the promise resolves. */
  onWait(signal: AbortSignal): Promise<string>;
  dependencyDown: boolean;
  closed: string[];
  worked: number;
  pending: number;
}

export const createGate = (): Gate => ({
  onWait: async () => 'at once',
  dependencyDown: false,
  closed: [],
  worked: 0,
  pending: 0,
});

type StoredNote = { noteId: string; text: string; copies: number };

const createIndexer = (gate: Gate): Worker => {
  const waiting: (() => void)[] = [];
  return {
    name: 'indexer',
    run: (signal) =>
      new Promise((resolve) => {
        const timer = setInterval(() => {
          gate.worked += gate.pending;
          gate.pending = 0;
          for (const wake of waiting.splice(0)) wake();
        }, 1);
        signal.addEventListener('abort', () => {
          clearInterval(timer);
          gate.closed.push('worker');
          resolve();
        });
      }),
    idle: () => (gate.pending === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
};

function failAs(how: string): never {
  if (how === 'undeclared') throw problem('never_declared_by_an_operation', { detail: 'must not show' });
  if (how === 'bug') throw new Error('the secret reason');
  if (how === 'exists') throw problem('note_exists', { detail: 'It is there.', extensions: { since: 3 } });
  throw problem(how as 'unavailable', { detail: 'a detail', extensions: { retryAfterMs: 7 } });
}

const NotesConfig = Type.Object({
  NOTES_PREFIX: Type.String({ default: 'note', description: 'what notes begin with' }),
  NOTES_LIMIT: Type.Integer({ default: 3, minimum: 1 }),
  NOTES_PASSWORD: secret(Type.String({ default: 'none', minLength: 4 })),
});
type NotesConfig = Static<typeof NotesConfig>;

export const notesService = defineService({
  contract: notesContract,
  config: NotesConfig,
  createContext: ({ config, adapters, metrics }: ContextOptions<NotesConfig, unknown, { gate: Gate }>) => {
    const gate = adapters.gate ?? createGate();
    return {
      notes: new Map<string, StoredNote>(),
      prefix: config.NOTES_PREFIX,
      filesRead: metrics.counter({
        name: 'notes_files_read_total',
        help: 'Files read.',
        labels: { kind: 'any' },
      }),
      gate,
      close: () => void gate.closed.push('notes'),
    };
  },
  ready: (context) => ({
    memory: () => undefined,
    disk: () => {
      if (context.gate.dependencyDown)
        throw Object.assign(new Error('at 10.0.0.1'), { code: 'ECONNREFUSED' });
    },
  }),
  workers: (context) => [createIndexer(context.gate)],
  handlers: {
    putNote: ({ params, body }, _call, context) => {
      if (context.notes.has(params.noteId)) throw problem('note_exists');
      const note = { noteId: params.noteId, ...body };
      context.notes.set(params.noteId, note);
      context.gate.pending += 1;
      return note;
    },
    getNote: ({ params }, _call, context) => {
      const note = context.notes.get(params.noteId);
      if (!note) throw problem('note_missing', { detail: 'Write it first.' });
      return note;
    },
    listNotes: ({ query }, _call, context) => ({
      limit: query.limit,
      deep: query.deep ?? false,
      tags: query.tag ?? [],
      noteIds: [...context.notes.keys()].slice(0, query.limit),
    }),
    dropNote: async ({ params }, _call, context) => {
      context.notes.delete(params.noteId);
    },
    reverseBytes: ({ body }) => Uint8Array.from(body).reverse(),
    readFile: ({ params }, call, context) => {
      context.filesRead.add();
      if (params['*'].startsWith('private/')) call.doNotStore();
      return jsonText(JSON.stringify({ path: params['*'] }));
    },
    fail: ({ body }) => failAs(body.how),
    wait: async (_input, call, context) => ({ outcome: await context.gate.onWait(call.signal) }),
    onlyEcho: (_input, call) => ({ caller: call.caller, requestId: call.requestId }),
  },
});

export const echoContract = defineContract({
  service: 'echo',
  version: '1.0.0',
  summary: 'Asks notes.',
  basePath: '/api/v1',
  errors: { note_missing: { status: 404, title: 'There is no such note.' } },
  operations: {
    ask: {
      method: 'GET',
      path: '/ask/:noteId',
      summary: 'Reads a note from the other service.',
      callers: ['operator'],
      params: NoteId,
      response: Note,
      errors: ['note_missing'],
    },
    whoAmI: {
      method: 'GET',
      path: '/who',
      summary: 'Asks what notes sees.',
      callers: ['public'],
      response: Type.Object({ caller: Type.String(), requestId: Type.String() }),
    },
    overstep: {
      method: 'DELETE',
      path: '/overstep/:noteId',
      summary: 'Does what only the operator may.',
      callers: ['operator'],
      params: NoteId,
    },
  },
});

export const echoService = defineService({
  contract: echoContract,
  config: Type.Object({}),
  uses: { notes: notesContract },
  createContext: ({ clients, adapters }) => ({
    notes: clients.notes,
    close: () => void (adapters as { gate?: Gate }).gate?.closed.push('echo'),
  }),
  handlers: {
    ask: ({ params }, call, context) => context.notes.getNote({ params }, { call }),
    whoAmI: (_input, call, context) => context.notes.onlyEcho({}, { call }),
    overstep: ({ params }, call, context) => context.notes.dropNote({ params }, { call }),
  },
});
