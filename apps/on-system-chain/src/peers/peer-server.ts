/**
 * The peer port: blocks, and the proofs by which other nodes believe them. It only reads; what it says is public. An onion service may lead here.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { hexToBytes } from '@lucid/bytes';
import { encodeConsistency, encodePeerBlock } from '@lucid/chain-follower';
import { isProblem, type Log, type Worker } from '@lucid/service-kit';
import type { ChainBlock } from '../chain/chain-block.ts';
import { BlockPruned, type ChainView, type Ledger } from '../chain/chain-view.ts';
import type { Feed } from '../feed.ts';

/** How long an answer waits for a block that is not made yet. */
const waitMs = 25_000;
const maxConnections = 50;
/** Who takes none of an answer for this long is cut off; longer than an answer waits. */
const stalledMs = 60_000;
const origin = 'http://peer.invalid';
/** Answers that are being made; waiting is not. */
const maxAnswers = 16;

export interface PeerServerOptions {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly view: Pick<ChainView, 'head' | 'block'>;
  readonly ledger: Pick<Ledger, 'getEntryByKey' | 'consistencyProof'>;
  readonly blocks: Feed<ChainBlock>;
  readonly log: Log;
}

interface Answer {
  readonly status: number;
  readonly body?: string;
}

const text = (status: number, body: string): Answer => ({ status, body: JSON.stringify({ error: body }) });
const hashes = (proof: readonly string[]): Uint8Array[] => proof.map(hexToBytes);

export class PeerServer implements Worker {
  readonly name = 'peer-port';
  readonly #options: PeerServerOptions;
  readonly #server: Server;
  readonly #ending = new AbortController();
  /** Sockets that wait for an answer. */
  readonly #asking = new WeakSet<Socket>();
  #answers = 0;

  constructor(options: PeerServerOptions) {
    this.#options = options;
    this.#server = createServer({ maxHeaderSize: 8 * 1024, requestTimeout: 15_000, headersTimeout: 10_000 });
    this.#server.maxConnections = maxConnections;
    this.#server.keepAliveTimeout = 120_000;
    this.#server.timeout = stalledMs;
    this.#server.on('request', (request, response) => {
      if (this.#isNext(request, response)) void this.#serve(request, response, this.#ending.signal);
    });
  }

  /** A follower asks one thing after the other: who pipelines is cut off, since each question would hold memory. */
  #isNext({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (this.#asking.has(socket)) {
      socket.destroy();
      return false;
    }
    this.#asking.add(socket);
    response.once('close', () => this.#asking.delete(socket));
    return true;
  }

  /** The port. Rejects where it cannot be listened on. */
  async listen(): Promise<number> {
    const { host, port, log } = this.#options;
    await listening(this.#server, { host, port });
    const address = this.#server.address() as AddressInfo;
    log.info({ address }, 'other nodes may fetch blocks here');
    return address.port;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await this.close();
  }

  /** Ends what waits; repeating is nothing. */
  async close(): Promise<void> {
    this.#ending.abort();
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const { status, body } = await this.#answer(request, AbortSignal.any([signal, gone.signal])).catch(
      (error: unknown): Answer => {
        this.#options.log.warn({ err: error }, 'a peer could not be answered');
        return text(503, 'the ledger cannot answer now');
      },
    );
    if (response.destroyed) return;
    response.writeHead(status, {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      'content-length': Buffer.byteLength(body ?? ''),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(body);
  }

  async #answer(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    if (request.method !== 'GET') return text(405, 'only GET is answered');
    const { url = '/' } = request;
    if (!URL.canParse(url, origin)) return text(400, 'its path cannot be read');
    const { pathname, searchParams } = new URL(url, origin);
    const [, height] = /^\/v1\/blocks\/(\d{1,15})$/.exec(pathname) ?? [];
    if (height !== undefined) return this.#block(Number(height), signal);
    if (pathname !== '/v1/consistency') return text(404, 'ask for /v1/blocks/HEIGHT or /v1/consistency');
    const [first, second] = ['first', 'second'].map((name) => searchParams.get(name) ?? '');
    const isSize = (value = ''): boolean => /^\d{1,15}$/.test(value);
    if (!isSize(first) || !isSize(second)) return text(400, 'first and second are sizes of the log');
    return this.#limited(() => this.#consistency(Number(first), Number(second)));
  }

  async #limited(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#answers >= maxAnswers) return text(503, 'too many are asking; try again');
    this.#answers += 1;
    try {
      return await work();
    } finally {
      this.#answers -= 1;
    }
  }

  async #block(height: number, signal: AbortSignal): Promise<Answer> {
    await this.#madeUpTo(height, signal);
    const { head } = this.#options.view;
    if (head === null || height > head.height || signal.aborted) return { status: 204 };
    return this.#limited(() => this.#provedBlock(height));
  }

  /** Resolves when the block is there, or it is not worth waiting. */
  async #madeUpTo(height: number, signal: AbortSignal): Promise<void> {
    const { view, blocks } = this.#options;
    const next = (view.head?.height ?? 0) + 1;
    if (height !== next || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        stop();
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const stop = blocks.listen(end);
      const timer = setTimeout(end, waitMs).unref();
      signal.addEventListener('abort', end, { once: true });
    });
  }

  async #provedBlock(height: number): Promise<Answer> {
    const { view, ledger } = this.#options;
    try {
      const block = await view.block(height);
      if (!block) return { status: 204 };
      const key = `block/${height}`;
      const { index, inclusion, checkpoint } = await ledger.getEntryByKey({ params: { key } });
      const head = view.head?.height ?? height;
      const proved = { block: block.blockRlp, index, inclusion: hashes(inclusion), checkpoint, head };
      return { status: 200, body: encodePeerBlock(proved) };
    } catch (error) {
      if (error instanceof BlockPruned) return text(410, 'only the header of this block is still kept');
      throw error;
    }
  }

  async #consistency(first: number, second: number): Promise<Answer> {
    try {
      const { proof } = await this.#options.ledger.consistencyProof({ query: { first, second } });
      return { status: 200, body: encodeConsistency(hashes(proof)) };
    } catch (error) {
      if (isProblem(error, 'not_in_log', 'invalid_request')) return text(404, 'the log has no such sizes');
      throw error;
    }
  }
}

const listening = (server: Server, place: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => resolve());
  });
