/** The resolver before a name server that answers, refuses, or says nothing. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressesIn, createNameResolver, remembered } from '../src/domain/diag/resolve-name.ts';
import { problemOf } from './world.ts';

const never = new AbortController().signal;
let folder: string;
let hostsFile: string;
let server: Socket;
let address: string;
let asked: string[];
/** RCODE of RFC 1035 section 4.1.1, an address, or nothing at all. */
let answer: number | string | null;

/** The one question of a query: its name, and where it ends. */
function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let size = query[at] as number; size > 0; size = query[at] as number) {
    labels.push(query.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  return { name: labels.join('.'), end: at + 5 };
}

function reply(query: Buffer, to: RemoteInfo): void {
  const { name, end } = questionOf(query);
  asked.push(name);
  if (answer === null) return;
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(0x8180 | (typeof answer === 'number' ? answer : 0), 2);
  head.writeUInt16BE(typeof answer === 'string' ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const record = Buffer.from([
    0xc0,
    12,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    9,
    0,
    4,
    ...(typeof answer === 'string' ? answer.split('.').map(Number) : []),
  ]);
  server.send(typeof answer === 'string' ? Buffer.concat([head, record]) : head, to.port, to.address);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-n-'));
  hostsFile = join(folder, 'hosts');
  writeFileSync(
    hostsFile,
    '127.0.0.1 localhost\n172.20.0.14\tredis cache # the cache\n#172.20.0.1 session-api\nnonsense redis\n',
  );
  asked = [];
  answer = null;
  server = createSocket('udp4', reply);
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${server.address().port}`;
});
afterEach(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  rmSync(folder, { recursive: true, force: true });
});

const resolver = () => createNameResolver({ hostsFile, servers: [address] });

it('takes what the hosts file says, and asks nobody', async () => {
  expect(await resolver()('redis', never)).toEqual(['172.20.0.14']);
  expect(await resolver()('cache', never)).toEqual(['172.20.0.14']);
  expect(await resolver()('172.20.0.1', never)).toEqual(['172.20.0.1']);
  expect(asked).toEqual([]);
});

it.each([
  ['', []],
  ['1.2.3.4 a b\n::1 a', ['1.2.3.4', '::1']],
  ['1.2.3.4 ab\n1.2.3.4 a#b\r\n1.2.3.4 a', ['1.2.3.4']],
])('reads %j', (hosts, found) => {
  expect(addressesIn(hosts, 'a')).toEqual(found);
});

it('asks the name server for the others', async () => {
  answer = '172.20.0.20';
  expect(await resolver()('session-api', never)).toEqual(['172.20.0.20']);
  expect(asked).toEqual(['session-api']);
});

it.each([
  ['knows no such name', 3, 'ENOTFOUND'],
  ['fails', 2, 'EAI_AGAIN'],
  ['refuses', 5, 'EAI_AGAIN'],
])('a server that %s', async (_name, code, error) => {
  answer = code;
  expect(await problemOf(resolver()('session-api', never))).toBe(error);
});

it('one that is not there does not look like a service that refuses', async () => {
  const nobody = createNameResolver({ hostsFile, servers: ['127.0.0.1:1'] });
  expect(await problemOf(nobody('session-api', never))).toBe('EAI_AGAIN');
});

it('one that says nothing holds up neither other names nor the disk, and is left when time is up', async () => {
  const resolve = resolver();
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const waiting = Array.from({ length: 64 }, (_, n) => problemOf(resolve(`name-${n}`, stop.signal)));
  expect(await resolve('redis', never)).toEqual(['172.20.0.14']);
  expect((await readFile(hostsFile)).length).toBeGreaterThan(0);
  stop.abort(Object.assign(new Error('late'), { code: 'LATE' }));
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['LATE']));
});

it('what is remembered is asked for once, also where the answer is none', async () => {
  const resolve = remembered(resolver(), 200);
  answer = '172.20.0.20';
  const both = [resolve('session-api', never), resolve('session-api', never)];
  expect(await Promise.all(both)).toEqual([['172.20.0.20'], ['172.20.0.20']]);
  answer = null;
  expect(await problemOf(resolve('redis-2', never))).toBe('ETIMEDOUT');
  expect(await problemOf(resolve('redis-2', never))).toBe('ETIMEDOUT');
  expect(asked).toEqual(['session-api', 'redis-2']);
});
