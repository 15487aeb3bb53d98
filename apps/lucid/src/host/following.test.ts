import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatVerifierKey } from '@lucid/checkpoint';
import { ed25519GenerateKey } from '@lucid/crypto';
import { askHere } from './ask-here.ts';
import { keepFollowed, peerEnvironment, peerUrl, readFollowed } from './following.ts';
import { openHome } from './home.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucid-following-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newKey = () =>
  formatVerifierKey({ name: 'lucid.invalid/ledger', publicKey: ed25519GenerateKey().publicKey });
const key = newKey();
let homes = 0;
const newHome = () => openHome({ LUCID_HOME: join(folder, `home-${++homes}`) });

const onion = `${'a'.repeat(56)}.onion`;

test.each([
  [onion, `http://${onion}:7000`],
  [`${onion}:80`, `http://${onion}`],
  [`http://${onion}`, `http://${onion}:7000`],
  ['127.0.0.1:7001', 'http://127.0.0.1:7001'],
  ['[::1]', 'http://[::1]:7000'],
  ['https://node.example:443/', 'https://node.example'],
])('%s is the peer port %s', (text, url) => {
  expect(peerUrl(text)).toBe(url);
});

test.each(['', 'ftp://x', 'a b', 'http://x/path', 'http://me@x', 'x:99999', 'x?y'])(
  '%j is no address of a node',
  (text) => {
    expect(() => peerUrl(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);

test('a data folder follows one node, by its key, at whatever addresses', () => {
  const home = newHome();
  expect(readFollowed(home)).toBeNull();
  keepFollowed(home, { peers: ['http://127.0.0.1:7000'], key });
  const further = { peers: [`http://${onion}:7000`], key };
  keepFollowed(home, further);
  expect(readFollowed(home)).toEqual(further);
  expect(() => keepFollowed(home, { ...further, key: newKey() })).toThrow(
    expect.objectContaining({ code: 'chain_differs' }),
  );
  expect(readFollowed(home)).toEqual(further);
});

test.each(['', '{}', '[]', 'null', '{"peers":[],"key":"x"}', JSON.stringify({ peers: [], key })])(
  'what does not say whose chain is followed is told: %s',
  (text) => {
    const home = newHome();
    keepFollowed(home, { peers: ['http://127.0.0.1:7000'], key });
    const path = join(home.chain, 'followed.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ key });
    writeFileSync(path, text);
    expect(() => readFollowed(home)).toThrow(expect.objectContaining({ code: 'data_folder_damaged' }));
  },
);

test('only a chain that was made elsewhere is followed, and blocks are given away only where that is asked', () => {
  const home = newHome();
  keepFollowed(home, { peers: ['http://127.0.0.1:7000', `http://${onion}:7000`], key });
  const following = { CHAIN_PEERS: `http://127.0.0.1:7000 http://${onion}:7000`, CHAIN_PEER_KEY: key };
  const imported = { isImported: true, env: {} };
  expect(peerEnvironment(home, { follows: true }, imported)).toEqual({
    ...following,
    TOR_PROXY_URL: 'socks5://127.0.0.1:9050',
  });
  const env = { TOR_PROXY_URL: 'socks5://127.0.0.1:9150' };
  expect(peerEnvironment(home, { follows: true }, { isImported: true, env })).toEqual({
    ...following,
    ...env,
  });
  expect(peerEnvironment(home, { follows: true }, { isImported: false, env })).toEqual({});
  expect(peerEnvironment(home, { follows: false }, imported)).toEqual({});
  const serves = { host: '127.0.0.1', port: 7000 };
  expect(peerEnvironment(newHome(), { follows: true, serves }, imported)).toEqual({
    CHAIN_PEER_HOST: '127.0.0.1',
    CHAIN_PEER_PORT: '7000',
  });
});

test('a node of this machine is asked without Tor: in time, within a size, where it is, and no other', async () => {
  const server = createServer(({ url }, response) => {
    if (url === '/moved') response.writeHead(302, { location: '/large' }).end();
    else if (url === '/large') response.end('x'.repeat(11));
    else if (url !== '/never') response.end('x'.repeat(10));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { signal } = new AbortController();
  const ask = (path: string, timeoutMs = 60_000, host = '127.0.0.1') =>
    askHere('test', new URL(path, `http://${host}:${port}`), { timeoutMs, maxAnswerBytes: 10, signal });
  expect(await ask('/')).toEqual({ status: 200, body: new Uint8Array(10).fill(0x78) });
  expect(await ask('/moved')).toMatchObject({ status: 302 });
  await expect(ask('/large')).rejects.toThrow('larger than any');
  await expect(ask('/never', 50)).rejects.toThrow('timeout');
  await expect(ask('/', 60_000, '192.0.2.1')).rejects.toThrow('no address of this machine');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  // A connection of before may have to break first.
  await ask('/').catch(() => {});
  await expect(ask('/')).rejects.toThrow('nothing answers there');
});
