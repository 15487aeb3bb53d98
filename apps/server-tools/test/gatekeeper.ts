/**
 * Between a client and a server of MongoDB's wire protocol: counts requests, holds those of one command back, cuts the line, or tells who
 * asked to be told that the so-manieth has come. So a test stops at an exact place in a conversation instead of at a time.
 */
import { connect, createServer, type Socket } from 'node:net';
import { BSON } from 'mongodb';

export interface Gatekeeper {
  readonly url: string;
  /** Requests so far, without those by which the driver watches the server. */
  readonly requests: readonly string[];
  /** Holds back every request of this command from now on. */
  closeFor(command: string): void;
  /** Answers every request of this command itself from now on, as a server that fails it. */
  failFor(command: string, failure: { readonly code: number; readonly codeName: string }): void;
  /** Puts these among the collections that the server lists. */
  listAlso(entries: readonly object[]): void;
  /** Resolves when one is held. */
  whenHeld(): Promise<void>;
  /** Lets what was held, and everything, through. */
  open(): void;
  /** Ends every connection; new ones are refused until `open`, or taken. */
  cut(then?: 'refuse' | 'take'): void;
  /** Runs `then` when this many requests have come, before (`asked`) or after (`answered`) the server does the last of them. */
  at(requests: number, when: 'asked' | 'answered', then: () => void): void;
  stop(): Promise<void>;
}

const HEADER_BYTES = 16;
const OP_MSG = 2013;
/** The driver's own: looking, signing in, ending. */
const BESIDE = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'endSessions',
  'saslStart',
  'saslContinue',
  'ping',
  '',
]);

/** Name of the command of a message, `''` where it has none. */
function commandOf(message: Buffer): string {
  if (message.readInt32LE(12) !== OP_MSG || message[HEADER_BYTES + 4] !== 0) return '';
  const body = message.subarray(HEADER_BYTES + 5);
  const [name = ''] = Object.keys(BSON.deserialize(body.subarray(0, body.readInt32LE(0))));
  return name;
}

/** OP_MSG with one document, in answer to the request. */
function answerTo(request: Buffer, document: object): Buffer {
  const body = BSON.serialize(document);
  const message = Buffer.alloc(HEADER_BYTES + 5 + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(request.readInt32LE(4), 8);
  message.writeInt32LE(OP_MSG, 12);
  message.set(body, HEADER_BYTES + 5);
  return message;
}

/** Cuts what comes into messages. */
function messages(take: (message: Buffer) => void): (part: Buffer) => void {
  let held = Buffer.alloc(0);
  return (part) => {
    held = Buffer.concat([held, part]);
    while (held.length >= HEADER_BYTES && held.length >= held.readInt32LE(0)) {
      const size = held.readInt32LE(0);
      take(held.subarray(0, size));
      held = held.subarray(size);
    }
  };
}

export async function startGatekeeper(serverUrl: string): Promise<Gatekeeper> {
  const target = new URL(serverUrl);
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let closedFor: string | null = null;
  let failing: { command: string; code: number; codeName: string } | null = null;
  let refuses = false;
  let heldBack: (() => void)[] = [];
  let onHeld: (() => void)[] = [];
  let stopAt: { requests: number; when: 'asked' | 'answered'; then: () => void } | null = null;

  let listed: readonly object[] = [];
  const withListed = (message: Buffer): Buffer => {
    const { cursor, ...rest } = BSON.deserialize(message.subarray(HEADER_BYTES + 5), {
      promoteValues: false,
    });
    const request = Buffer.alloc(HEADER_BYTES);
    request.writeInt32LE(message.readInt32LE(8), 4);
    return answerTo(request, {
      ...rest,
      cursor: { ...cursor, firstBatch: [...cursor.firstBatch, ...listed] },
    });
  };
  const due = (when: 'asked' | 'answered') => {
    if (stopAt?.when !== when || requests.length < stopAt.requests) return;
    const { then } = stopAt;
    stopAt = null;
    then();
  };
  const server = createServer((client) => {
    if (refuses) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let counts = false;
    let last = '';
    client.on(
      'data',
      messages((message) => {
        const command = commandOf(message);
        counts = !BESIDE.has(command);
        last = command;
        if (counts) requests.push(command);
        if (counts) due('asked');
        if (failing && command === failing.command) {
          const { code, codeName } = failing;
          client.write(answerTo(message, { ok: 0, code, codeName, errmsg: `SECRET CONTENT of ${command}` }));
          return;
        }
        if (command !== closedFor) {
          upstream.write(message);
          return;
        }
        heldBack.push(() => upstream.write(message));
        for (const tell of onHeld.splice(0)) tell();
      }),
    );
    upstream.on(
      'data',
      messages((message) => {
        if (counts) due('answered');
        client.write(last === 'listCollections' && listed.length > 0 ? withListed(message) : message);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `mongodb://127.0.0.1:${port}/`,
    requests,
    closeFor(command) {
      closedFor = command;
    },
    listAlso(entries) {
      listed = entries;
    },
    failFor(command, failure) {
      failing = { command, ...failure };
    },
    whenHeld: () =>
      heldBack.length > 0 ? Promise.resolve() : new Promise((resolve) => onHeld.push(resolve)),
    open() {
      closedFor = null;
      failing = null;
      listed = [];
      refuses = false;
      onHeld = [];
      for (const pass of heldBack.splice(0)) pass();
    },
    cut(then = 'refuse') {
      refuses = then === 'refuse';
      heldBack = [];
      for (const socket of sockets) socket.destroy();
    },
    at(count, when, then) {
      stopAt = { requests: count, when, then };
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
