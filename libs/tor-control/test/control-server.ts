/** A control port that says what it is told to. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface ControlServer {
  readonly host: string;
  readonly port: number;
  /** Lines that came in. */
  readonly heard: readonly string[];
  readonly sockets: ReadonlySet<Socket>;
  stop(): Promise<void>;
}

/** `answer` gives the bytes for a line, or nothing to stay silent. */
export async function startControlServer(
  answer: (line: string, socket: Socket) => string | Uint8Array | undefined,
  onConnection: (socket: Socket) => void = () => {},
): Promise<ControlServer> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
    let held = '';
    socket.on('data', (data) => {
      held += data.toString('latin1');
      for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
        const line = held.slice(0, end);
        held = held.slice(end + 2);
        heard.push(line);
        const said = answer(line, socket);
        if (said !== undefined && !socket.destroyed) socket.write(said);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: '127.0.0.1',
    port,
    heard,
    sockets,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
