/** Ports of this service that lead to ports of onion services. */
import { createServer, type Server, type Socket } from 'node:net';
import type { OpenTunnel, Tunnel } from '@lucid/contracts';
import { KeyedQueue, type Log } from '@lucid/service-kit';
import { isServiceId } from '@lucid/tor-control';
import { isEgressError, type TorEgress } from '@lucid/tor-egress';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import type { KeyFiles } from '../store/key-files.ts';
import type { Registry, TunnelEntry } from '../store/registry.ts';
import type { RegistryFile } from '../store/registry-file.ts';
import { serviceIdOfAddress } from './publisher.ts';

type TunnelView = Static<typeof Tunnel>;

const MOST_CONNECTIONS = 64;
const IDLE_MS = 600_000;

export interface TunnelsOptions {
  readonly registry: RegistryFile;
  readonly keys: KeyFiles;
  readonly egress: TorEgress;
  readonly listenHost: string;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly log: Log;
  readonly nowSeconds: () => number;
}

const purposeOf = (name: string): string => `tunnel:${name}`;

interface OpenPort {
  readonly entry: TunnelEntry;
  readonly server: Server;
  readonly sockets: Set<Socket>;
}

export class Tunnels {
  readonly #options: TunnelsOptions;
  readonly #queue = new KeyedQueue();
  readonly #open = new Map<string, OpenPort>();
  readonly #failed = new Map<string, string>();
  #listens = false;

  constructor(options: TunnelsOptions) {
    this.#options = options;
  }

  /** From now on ports are open; a one-shot command only changes the registry. */
  start(): Promise<void> {
    this.#listens = true;
    return this.apply();
  }

  async list(): Promise<TunnelView[]> {
    const { tunnels } = await this.#options.registry.load();
    return Object.entries(tunnels)
      .map(([name, entry]) => this.#view(name, entry))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  open(asked: Static<typeof OpenTunnel>): Promise<TunnelView> {
    return this.#queue.run('open', () => this.#openNew(asked));
  }

  async close(name: string): Promise<void> {
    const { registry, keys } = this.#options;
    await registry.change((draft) => {
      if (!Object.hasOwn(draft.tunnels, name)) throw problem('tunnel_unknown');
      delete draft.tunnels[name];
    });
    await keys.destroyTunnelKey(name);
    await this.apply();
  }

  /** Opens and closes ports until they are those of the registry. */
  apply(): Promise<void> {
    return this.#queue.run('ports', async () => {
      if (!this.#listens) return;
      const { tunnels } = await this.#options.registry.load();
      for (const [name, { entry }] of this.#open)
        if (JSON.stringify(tunnels[name]) !== JSON.stringify(entry)) await this.#shut(name);
      for (const [name, entry] of Object.entries(tunnels))
        if (!this.#open.has(name)) await this.#listen(name, entry);
    });
  }

  async tidy(nowMs: number): Promise<void> {
    const { tunnels } = await this.#options.registry.load();
    await this.#options.keys.destroyStrayTunnelKeys(Object.keys(tunnels), nowMs);
  }

  /** Closes every port and what runs through it. */
  stop(): Promise<void> {
    this.#listens = false;
    return this.#queue.run('ports', async () => {
      for (const name of [...this.#open.keys()]) await this.#shut(name);
    });
  }

  async #openNew({ name, address, port, clientKey }: Static<typeof OpenTunnel>): Promise<TunnelView> {
    const { registry, keys, nowSeconds } = this.#options;
    if (!isServiceId(serviceIdOfAddress(address)))
      throw problem('target_refused', {
        detail: 'The onion address is written wrongly: its checksum does not fit.',
      });
    assertNew(await registry.load(), name);
    if (clientKey !== undefined) await keys.writeTunnelKey(name, clientKey);
    const { tunnels } = await registry.change((draft) => {
      assertNew(draft, name);
      draft.tunnels[name] = {
        address,
        port,
        listensOn: this.#freePort(draft),
        hasClientKey: clientKey !== undefined,
        createdAt: nowSeconds(),
      };
    });
    await this.apply();
    return this.#view(name, tunnels[name] as TunnelEntry);
  }

  #freePort({ tunnels }: Registry): number {
    const { firstPort, lastPort } = this.#options;
    const taken = new Set(Object.values(tunnels).map(({ listensOn }) => listensOn));
    for (let port = firstPort; port <= lastPort; port++) if (!taken.has(port)) return port;
    throw problem('limit_reached', {
      detail: `Every port from ${firstPort} to ${lastPort} is taken (TUNNEL_PORTS).`,
    });
  }

  async #listen(name: string, entry: TunnelEntry): Promise<void> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => this.#carry({ name, entry, sockets }, socket));
    server.maxConnections = MOST_CONNECTIONS;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(entry.listensOn, this.#options.listenHost, () => resolve());
      });
      server.on('error', (error) => this.#options.log.error({ tunnel: name, err: error }, 'a tunnel failed'));
      this.#open.set(name, { entry, server, sockets });
      this.#failed.delete(name);
    } catch (error) {
      this.#options.log.error({ tunnel: name, port: entry.listensOn, err: error }, 'a tunnel has no port');
      this.#failed.set(name, `port ${entry.listensOn}: ${(error as NodeJS.ErrnoException).code}`);
    }
  }

  async #shut(name: string): Promise<void> {
    const open = this.#open.get(name);
    if (!open) return;
    this.#open.delete(name);
    for (const socket of open.sockets) socket.destroy();
    this.#options.egress.renew(purposeOf(name));
    await new Promise<void>((resolve) => open.server.close(() => resolve()));
  }

  async #carry(
    { name, entry, sockets }: { name: string } & Omit<OpenPort, 'server'>,
    socket: Socket,
  ): Promise<void> {
    const { egress, log } = this.#options;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const leaving = new AbortController();
    socket.once('close', () => leaving.abort(new Error('the caller has gone')));
    try {
      const place = { host: entry.address, port: entry.port };
      const outside = await egress.connect(purposeOf(name), place, { signal: leaving.signal });
      join(socket, outside);
    } catch (error) {
      socket.destroy();
      if (isEgressError(error)) log.warn({ tunnel: name, code: error.code }, 'a tunnel leads nowhere');
    }
  }

  #view(name: string, entry: TunnelEntry): TunnelView {
    const open = this.#open.get(name);
    const reason = this.#failed.get(name);
    const state = open ? 'listening' : reason === undefined ? 'waiting' : 'failed';
    return {
      name,
      ...entry,
      state,
      connections: open?.sockets.size ?? 0,
      ...(state === 'failed' ? { reason } : {}),
    };
  }
}

function assertNew({ tunnels }: Registry, name: string): void {
  if (Object.hasOwn(tunnels, name)) throw problem('tunnel_exists');
}

/** Bytes both ways, as fast as the slower side takes them, until one ends or nothing moves. */
function join(inside: Socket, outside: Socket): void {
  for (const [socket, other] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    socket.on('error', () => other.destroy());
    // What it has sent still arrives.
    socket.on('close', () => other.destroySoon());
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.pipe(other);
  }
}
