/** A name server for tests: answers every A query below one domain with one address, and takes down who was asked for. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const TYPE_A = 1;
const NAME_ERROR = 3;
const HEADER_BYTES = 12;

export interface TestNames {
  readonly port: number;
  /** Names in lower case, of queries of any type. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** `domain` without a dot before it; `address` IPv4. */
export async function startTestNames(domain: string, address: string): Promise<TestNames> {
  const asked: string[] = [];
  const server = createSocket('udp4');
  server.on('message', (query, from) => {
    const { name, end } = questionOf(query);
    asked.push(name);
    const isOurs = name.endsWith(`.${domain}`);
    const isA = query.readUInt16BE(end) === TYPE_A;
    const answer = isOurs && isA ? addressRecord(address) : Buffer.alloc(0);
    const header = Buffer.alloc(HEADER_BYTES);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (isOurs ? 0 : NAME_ERROR), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answer.length > 0 ? 1 : 0, 6);
    server.send(
      Buffer.concat([header, query.subarray(HEADER_BYTES, end + 4), answer]),
      from.port,
      from.address,
    );
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    asked,
    async stop() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** RFC 1035 section 4.1.2; `end` is where the type of the question stands. */
function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** A record of the name in the question, good for a minute. */
const addressRecord = (address: string): Buffer =>
  Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);
