/**
 * CONNECT of SOCKS 5 (RFC 1928) with user name and password (RFC 1929), by which Tor keeps circuits apart (`IsolateSOCKSAuth`).
 *
 *     > 05 01 02                              < 05 02
 *     > 01 len USER len PASSWORD              < 01 00
 *     > 05 01 00 TYPE ADDRESS PORT            < 05 REPLY 00 TYPE ADDRESS PORT
 *
 * Strict where being lenient would cost: user name and password are the only method that is offered, so a proxy that takes none is
 * refused before it hears of the target; a name is sent as it is, and resolved by the proxy only.
 */
import { isIPv4, isIPv6, type Socket } from 'node:net';
import { EgressError, errorOfReply } from './egress-error.ts';

const VERSION = 5;
const USER_AND_PASSWORD = 2;
const NEGOTIATION = 1;
const CONNECT = 1;
const TYPE = { ipv4: 1, name: 3, ipv6: 4 } as const;
const PORT_BYTES = 2;

export interface SocksConnect {
  /** ASCII, 1 to 255 bytes each. */
  readonly user: string;
  readonly password: string;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Asks the proxy at the other end of an open socket; resolves when the socket leads to the target. @throws EgressError */
export async function connectBySocks(socket: Socket, asked: SocksConnect): Promise<void> {
  const reader = new ExactReader(socket);
  try {
    await agreeOnCircuit(socket, reader, asked);
    const port = Uint8Array.of(asked.port >> 8, asked.port & 0xff);
    socket.write(Buffer.concat([Uint8Array.of(VERSION, CONNECT, 0), addressOf(asked.host), port]));
    await readReply(reader);
  } finally {
    reader.release();
  }
}

async function agreeOnCircuit(socket: Socket, reader: ExactReader, asked: SocksConnect): Promise<void> {
  socket.write(Uint8Array.of(VERSION, 1, USER_AND_PASSWORD));
  const [version, method] = await reader.read(2);
  if (version !== VERSION) throw new EgressError('proxy_protocol');
  if (method !== USER_AND_PASSWORD) throw new EgressError('proxy_isolation_refused');
  socket.write(Buffer.concat([Uint8Array.of(NEGOTIATION), counted(asked.user), counted(asked.password)]));
  const [negotiation, status] = await reader.read(2);
  if (negotiation !== NEGOTIATION) throw new EgressError('proxy_protocol');
  if (status !== 0) throw new EgressError('proxy_isolation_refused');
}

async function readReply(reader: ExactReader): Promise<void> {
  const [version, reply = 0, , type] = await reader.read(4);
  if (version !== VERSION) throw new EgressError('proxy_protocol');
  if (reply !== 0) throw new EgressError(errorOfReply(reply));
  // The address that the proxy bound says nothing here, but stands before the first byte of the target.
  await reader.read((await boundBytes(reader, type)) + PORT_BYTES);
}

async function boundBytes(reader: ExactReader, type: number | undefined): Promise<number> {
  if (type === TYPE.ipv4) return 4;
  if (type === TYPE.ipv6) return 16;
  if (type === TYPE.name) return (await reader.read(1))[0] ?? 0;
  throw new EgressError('proxy_protocol');
}

function counted(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length === 0 || bytes.length > 255) throw new RangeError('a text of SOCKS has 1 to 255 bytes');
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}

function addressOf(host: string): Uint8Array {
  if (isIPv4(host)) return Uint8Array.of(TYPE.ipv4, ...host.split('.').map(Number));
  if (isIPv6(host)) return Uint8Array.of(TYPE.ipv6, ...ipv6Bytes(host));
  return Buffer.concat([Uint8Array.of(TYPE.name), counted(host)]);
}

/** `host` as URLs write it: hexadecimal groups, with `::` for some of them. */
function ipv6Bytes(host: string): number[] {
  const [left = '', right] = host.split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((each) => Number.parseInt(each, 16));
  const [before, after] = [groups(left), groups(right ?? '')];
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return all.flatMap((group) => [group >> 8, group & 0xff]);
}

/** Takes so many bytes, and gives what comes behind them back to the socket. */
class ExactReader {
  readonly #socket: Socket;
  #held = Buffer.alloc(0);
  #wake = () => {};
  readonly #take = (data: Buffer) => {
    this.#held = Buffer.concat([this.#held, data]);
    this.#wake();
  };
  readonly #heard = () => this.#wake();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#take).on('end', this.#heard).on('close', this.#heard);
  }

  /** @throws EgressError where the socket ends before */
  async read(sizeBytes: number): Promise<Buffer> {
    while (this.#held.length < sizeBytes) {
      const { readableEnded, destroyed, errored } = this.#socket;
      if (readableEnded || destroyed) throw new EgressError('proxy_protocol', { cause: errored });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const bytes = this.#held.subarray(0, sizeBytes);
    this.#held = this.#held.subarray(sizeBytes);
    return bytes;
  }

  /** The socket is paused then. */
  release(): void {
    const socket = this.#socket;
    socket.pause();
    socket.off('data', this.#take).off('end', this.#heard).off('close', this.#heard);
    if (this.#held.length > 0) socket.unshift(this.#held);
  }
}
