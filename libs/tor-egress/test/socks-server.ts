/** SOCKS servers for tests: one that obeys RFC 1928 and takes down what it is asked for, and one that does as it is told. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Asked {
  readonly methods: readonly number[];
  readonly user: string;
  readonly password: string;
  /** 1 IPv4, 3 name, 4 IPv6. */
  readonly type: number;
  /** As it was sent: a name, or the address in hex. */
  readonly host: string;
  readonly port: number;
}

export interface TestServer {
  readonly port: number;
  readonly proxyUrl: string;
  /** Connections so far. */
  readonly connections: () => number;
  stop(): Promise<void>;
}

export async function listen(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    proxyUrl: `socks5://127.0.0.1:${port}`,
    connections: () => connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Calls `behave` with every connection. */
export const startHostile = (behave: (socket: Socket) => void): Promise<TestServer> =>
  listen(createServer((socket) => behave(socket)));

/** Gives exactly so many bytes of what the other side sends. */
export function reader(socket: Socket): (sizeBytes: number) => Promise<Buffer> {
  let held = Buffer.alloc(0);
  let wake = () => {};
  socket.on('data', (data) => {
    held = Buffer.concat([held, data]);
    wake();
  });
  return async (sizeBytes) => {
    while (held.length < sizeBytes)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    const bytes = held.subarray(0, sizeBytes);
    held = held.subarray(sizeBytes);
    return bytes;
  };
}

/** Reads what a client of ours says, answering as a proxy that takes everything. */
export async function readAsked(socket: Socket): Promise<Asked> {
  const read = reader(socket);
  const [, count = 0] = await read(2);
  const methods = [...(await read(count))];
  socket.write(Uint8Array.of(5, 2));
  const text = async () => (await read((await read(1))[0] ?? 0)).toString('latin1');
  await read(1);
  const user = await text();
  const password = await text();
  socket.write(Uint8Array.of(1, 0));
  const [, , , type = 0] = await read(4);
  const host = type === 3 ? await text() : (await read(type === 1 ? 4 : 16)).toString('hex');
  const port = (await read(2)).readUInt16BE();
  return { methods, user, password, type, host, port };
}

/** `lead` says where a target really is: a port of this machine, or the reply of a refusal as a negative number. */
export async function startSocks(
  lead: (asked: Asked) => number,
): Promise<TestServer & { readonly asked: readonly Asked[] }> {
  const all: Asked[] = [];
  const server = createServer(async (socket) => {
    const asked = await readAsked(socket);
    all.push(asked);
    const way = lead(asked);
    if (way <= 0) return socket.end(Uint8Array.of(5, -way, 0, 1, 0, 0, 0, 0, 0, 0));
    const target = connect(way, '127.0.0.1', () => {
      socket.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
      socket.removeAllListeners('data');
      socket.pipe(target);
      target.pipe(socket);
    });
    const cut = () => {
      socket.destroy();
      target.destroy();
    };
    for (const each of [socket, target]) {
      each.on('error', cut);
      each.on('close', cut);
    }
  });
  return { ...(await listen(server)), asked: all };
}
