/** Connections by purpose: each purpose has a token of its own, by which Tor gives it circuits that no other shares. */
import type { Socket } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { EgressError } from './egress-error.ts';
import type { ProxyPlace } from './proxy-url.ts';
import { outsideTarget, type Target } from './target.ts';
import { encrypted, openTunnel } from './tunnel.ts';

const TOKEN_BYTES = 16;
const MOST_PURPOSES = 256;
const MOST_ORIGINS = 64;
const PURPOSE = /^[a-z][a-z0-9.:-]{0,99}$/;

export interface CircuitsOptions {
  readonly proxy: ProxyPlace;
  /** Of one host and purpose, at the same time. */
  readonly connections: number;
  readonly keepAliveMs: number;
  readonly maxHeaderBytes: number;
  /** For a connection, until the target has taken it. */
  readonly connectTimeoutMs: number;
  /** Certificates that vouch for hosts beside those that Node trusts, in PEM. */
  readonly ca: readonly string[] | undefined;
  readonly random: (sizeBytes: number) => Uint8Array;
}

interface Circuit {
  readonly token: string;
  readonly agent: Agent;
}

export class Circuits {
  readonly #options: CircuitsOptions;
  readonly #byPurpose = new Map<string, Circuit>();
  readonly #sockets = new Set<Socket>();
  #closed = false;

  constructor(options: CircuitsOptions) {
    this.#options = options;
  }

  agentOf(purpose: string): Agent {
    return this.#circuitOf(purpose).agent;
  }

  /** A connection to the target. @throws EgressError, or the signal's reason */
  connect(purpose: string, target: Target, signal: AbortSignal): Promise<Socket> {
    return this.#open(purpose, this.#circuitOf(purpose).token, target, signal);
  }

  /** What the purpose asks from now on goes another way; what runs goes on. */
  renew(purpose: string): void {
    const circuit = this.#byPurpose.get(purpose);
    this.#byPurpose.delete(purpose);
    circuit?.agent.close().catch(() => {});
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    const agents = [...this.#byPurpose.values()].map(({ agent }) => agent);
    this.#byPurpose.clear();
    const destroyed = agents.map((agent) => agent.destroy(new EgressError('egress_closed')));
    for (const socket of this.#sockets) socket.destroy(new EgressError('egress_closed'));
    await Promise.all(destroyed);
  }

  #circuitOf(purpose: string): Circuit {
    if (!PURPOSE.test(purpose)) throw new TypeError('a purpose is a short name in lower case');
    if (this.#closed) throw new EgressError('egress_closed');
    const found = this.#byPurpose.get(purpose);
    if (found) return found;
    if (this.#byPurpose.size >= MOST_PURPOSES)
      throw new RangeError(`there are ${MOST_PURPOSES} purposes already`);
    const token = Buffer.from(this.#options.random(TOKEN_BYTES)).toString('hex');
    const circuit = { token, agent: this.#agent(purpose, token) };
    this.#byPurpose.set(purpose, circuit);
    return circuit;
  }

  #agent(purpose: string, token: string): Agent {
    const { connections, keepAliveMs, maxHeaderBytes, connectTimeoutMs, ca } = this.#options;
    // A connector, and so a cache of TLS sessions, a circuit: a session taken up again would tie two together.
    const connector = buildConnector({
      timeout: connectTimeoutMs,
      allowH2: false,
      ...(ca ? { ca: [...ca] } : {}),
    });
    return new Agent({
      connections,
      maxOrigins: MOST_ORIGINS,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: maxHeaderBytes,
      // A request has one deadline for all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (asked, callback) => {
        this.#reach({ purpose, token, connector }, asked).then(
          (socket) => callback(null, socket),
          (error) => callback(error, null),
        );
      },
    });
  }

  async #reach(circuit: OpenCircuit, asked: buildConnector.Options): Promise<Socket> {
    const isSecure = asked.protocol === 'https:';
    const target = outsideTarget(asked.hostname, Number(asked.port || (isSecure ? 443 : 80)));
    // A request gives up by its own time; its connection may serve the next, but not try for ever.
    const controller = new AbortController();
    const giveUp = () => controller.abort(new EgressError('timed_out'));
    const timer = setTimeout(giveUp, this.#options.connectTimeoutMs);
    try {
      const socket = await this.#open(circuit.purpose, circuit.token, target, controller.signal);
      // A server does not speak first. Undici would close, connect again, and so on as long as the request may take.
      if (socket.readableLength > 0) throw broken(socket);
      return isSecure ? await encrypted(circuit.connector, asked, socket) : socket;
    } finally {
      clearTimeout(timer);
    }
  }

  #open(purpose: string, token: string, target: Target, signal: AbortSignal): Promise<Socket> {
    const { proxy } = this.#options;
    return openTunnel({ proxy, user: purpose, password: token, target, signal }, (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }
}

interface OpenCircuit {
  readonly purpose: string;
  readonly token: string;
  readonly connector: buildConnector.connector;
}

function broken(socket: Socket): EgressError {
  socket.destroy();
  return new EgressError('answer_broken');
}
