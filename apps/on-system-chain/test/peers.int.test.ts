/** A node that follows another one through Tor's port: what it believes, and what it does not. */
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { encodeConsistency, encodePeerBlock, type PeerBlock } from '@lucid/chain-follower';
import {
  createNoteSigner,
  formatSignerKey,
  formatVerifierKey,
  parseSignerKey,
  signCheckpoint,
} from '@lucid/checkpoint';
import { ed25519GenerateKey } from '@lucid/crypto';
import { decodeRlp, encodeRlp } from '@lucid/eth-proof';
import { inclusionProof, leafHash, rootOfLeaves } from '@lucid/merkle';
import { ConfigError } from '@lucid/service-kit';
import { startSocks } from '../../../libs/tor-egress/test/socks-server.ts';
import { accountOf, chainId, eventually, gwei, startChain, testGenesis } from './chain-stack.ts';
import { shapeFaults } from './openrpc.ts';

const ONION = `${'a'.repeat(56)}.onion`;
const OTHER_ONION = `${'b'.repeat(56)}.onion`;
const NAME = 'lucid.invalid/producer';
const { secretKey, publicKey } = ed25519GenerateKey();
const signingKey = formatSignerKey({ name: NAME, secretKey });
const verifierKey = formatVerifierKey({ name: NAME, publicKey });
const ownKey = formatSignerKey({ name: 'lucid.invalid/follower', secretKey: ed25519GenerateKey().secretKey });

type Started = Awaited<ReturnType<typeof startChain>>;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Where each name leads. */
const ways = new Map<string, number>();
let socks: Awaited<ReturnType<typeof startSocks>>;
beforeAll(async () => {
  // 5: connection refused.
  socks = await startSocks(({ host }) => ways.get(host) ?? -5);
});
afterAll(() => socks.stop());

async function startProducer(folder?: string): Promise<Started> {
  const node = await startChain({
    ...(folder === undefined ? {} : { folder }),
    environment: { CHAIN_PEER_PORT: '0', LEDGER_SIGNING_KEY: signingKey },
    adapters: { 'on-system-chain': { onPeerPort: (port: number) => ways.set(ONION, port) } },
  });
  return node;
}

const startFollower = (
  more: {
    folder?: string;
    peers?: string;
    environment?: Record<string, string>;
    waits?: boolean;
    genesis?: unknown;
  } = {},
) =>
  startChain({
    ...(more.folder === undefined ? {} : { folder: more.folder }),
    ...(more.genesis === undefined ? {} : { genesis: more.genesis }),
    // Who is lied to may never be ready.
    waits: more.waits ?? true,
    environment: {
      CHAIN_PRODUCE: 'off',
      CHAIN_PEERS: more.peers ?? `http://${ONION}:7000`,
      CHAIN_PEER_KEY: verifierKey,
      TOR_PROXY_URL: socks.proxyUrl,
      LEDGER_SIGNING_KEY: ownKey,
      ...more.environment,
    },
  });

const kept = (node: Started): Started => {
  closing.push(() => node.close());
  return node;
};

let nonce = 0;
beforeEach(() => {
  nonce = 0;
});
async function transfer({ rpc }: Started): Promise<void> {
  const raw = await accountOf(0).signTransaction({
    type: 'eip1559',
    chainId,
    nonce: nonce++,
    to: accountOf(50).address,
    value: 7n,
    gas: 21_000n,
    maxFeePerGas: 10n * gwei,
    maxPriorityFeePerGas: gwei,
  });
  const { result, error } = await rpc('eth_sendRawTransaction', raw);
  if (error) throw new Error(error.message);
  await eventually(async () => (await rpc('eth_getTransactionReceipt', result)).result);
}

const headOf = async ({ chain }: Started) => {
  const { height, blockHash, stateRoot } = await chain.getStatus();
  return { height, blockHash, stateRoot };
};
const whenSame = (follower: Started, producer: Started) =>
  eventually(async () => {
    const [one, other] = [await headOf(follower), await headOf(producer)];
    return one.blockHash === other.blockHash;
  });
const readiness = async ({ url }: Started) => {
  const response = await fetch(`${url}/ready`);
  return { status: response.status, text: await response.text() };
};
const whenAccused = (follower: Started, code: string) =>
  eventually(async () => (await readiness(follower)).text.includes(code));

test('it has the same blocks and states, serves them, and sends transactions away; each end may stop and go on', async () => {
  const producer = await startProducer();
  await transfer(producer);
  await transfer(producer);
  const follower = await startFollower();
  await whenSame(follower, producer);
  await transfer(producer);
  await whenSame(follower, producer);
  expect(await headOf(follower)).toEqual(await headOf(producer));
  const asked = ['eth_getProof', accountOf(50).address, [], 'latest'] as const;
  expect(await follower.rpc(...asked)).toEqual(await producer.rpc(...asked));
  expect((await follower.rpc('eth_sendRawTransaction', '0x02')).error?.message).toContain(
    'send transactions there',
  );

  await producer.close(true);
  expect((await readiness(follower)).status).toBe(200);
  const again = kept(await startProducer(producer.folder));
  await transfer(again);
  await whenSame(follower, again);

  await follower.close(true);
  await transfer(again);
  const back = kept(await startFollower({ folder: follower.folder }));
  await whenSame(back, again);
}, 60_000);

test('it tells how far it is by eth_syncing, as the OpenRPC document says, until it has everything', async () => {
  const producer = kept(await startProducer());
  for (let at = 0; at < 3; at++) await transfer(producer);
  const { height: highest } = await headOf(producer);
  const place = `http://127.0.0.1:${ways.get(ONION)}`;
  const open = { upTo: 0, tell: () => {} };
  // What is beyond comes once the test wants it.
  await startLiar(async (url) => {
    const height = Number(/^\/v1\/blocks\/(\d+)$/.exec(url)?.[1] ?? 0);
    if (height > open.upTo)
      await new Promise<void>((resolve) => {
        open.tell = resolve;
      });
    const response = await fetch(`${place}${url}`).catch(() => null);
    return response?.status === 200 ? response.text() : null;
  });
  const follower = kept(await startFollower());
  const syncing = async () => {
    const { result } = await follower.rpc('eth_syncing');
    expect(shapeFaults('eth_syncing', result)).toEqual([]);
    return result;
  };
  const objectAt = (current: number) => ({
    startingBlock: '0x0',
    currentBlock: `0x${current.toString(16)}`,
    highestBlock: `0x${highest.toString(16)}`,
  });
  for (let current = 0; current < highest; current++) {
    await eventually(async () => (await headOf(follower)).height === current && (await syncing()) !== false);
    expect(await syncing()).toEqual(objectAt(current));
    open.upTo = current + 1;
    open.tell();
  }
  await whenSame(follower, producer);
  await eventually(async () => (await syncing()) === false);
  open.upTo = Number.POSITIVE_INFINITY;
  open.tell();
  const refused = await follower.rpc('eth_sendRawTransaction', '0x02');
  expect(refused.error).toEqual({
    code: -32000,
    message: 'this node follows another one: send transactions there',
  });
}, 60_000);

test('a chain that began with another genesis is refused and named before a block of it is taken', async () => {
  const producer = kept(await startProducer());
  await transfer(producer);
  const follower = kept(await startFollower({ genesis: testGenesis(9), waits: false }));
  await whenAccused(follower, 'peer_other_chain');
  expect(await headOf(follower)).toMatchObject({ height: 0 });
}, 60_000);

test('where its port for others is taken, it does not start', async () => {
  kept(await startProducer());
  const environment = { CHAIN_PEER_PORT: String(ways.get(ONION)) };
  await expect(startChain({ environment })).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' });
});

test('where one address is away, the other is asked', async () => {
  const producer = kept(await startProducer());
  await transfer(producer);
  const peers = `http://${OTHER_ONION}:7000 http://${ONION}:7000`;
  const follower = kept(await startFollower({ peers }));
  await whenSame(follower, producer);
}, 60_000);

/** A node that says what the test makes it say, at the address that is followed. */
async function startLiar(answer: (url: string) => Promise<string | null>): Promise<void> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '').then((body) => {
      // Of block 0 it keeps the header alone.
      response.writeHead(body !== null ? 200 : request.url === '/v1/blocks/0' ? 410 : 204);
      response.end(body ?? undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ways.set(ONION, (server.address() as AddressInfo).port);
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
}

const signer = createNoteSigner(parseSignerKey(signingKey));

/** Block 1, with a header of its own, as the last entry of a log that the producer's key signed. */
function signedBlock(blockRlp: Uint8Array, before: readonly Uint8Array[]): PeerBlock {
  const [header, ...rest] = decodeRlp(blockRlp) as Uint8Array[];
  const leaves = [...before, encodeRlp(header!)].map((leaf) => leafHash(leaf));
  const size = leaves.length;
  return {
    block: encodeRlp([header!, ...rest]),
    index: size - 1,
    inclusion: inclusionProof(leaves, size - 1, size),
    checkpoint: signCheckpoint({ origin: NAME, size, root: rootOfLeaves(leaves) }, signer),
    head: 1,
  };
}

/** Place of the state root in a header. */
const STATE_ROOT = 3;

async function blockOfProducer(): Promise<Uint8Array> {
  const producer = await startProducer();
  await transfer(producer);
  const rlp = await producer.chain.exportBlock({ params: { height: 1 } });
  await producer.close();
  return rlp;
}

test('a block whose state root is wrong is executed, refused and named, although its maker signed it; nothing of it is served', async () => {
  const [header, ...rest] = decodeRlp(await blockOfProducer()) as unknown as [Uint8Array[], ...Uint8Array[]];
  const wrong = header.map((item, at) => (at === STATE_ROOT ? new Uint8Array(32).fill(1) : item));
  const lie = encodePeerBlock(signedBlock(encodeRlp([wrong, ...rest]), []));
  await startLiar(async (url) => (url === '/v1/blocks/1' ? lie : null));
  const follower = kept(await startFollower({ waits: false }));
  await whenAccused(follower, 'peer_block_invalid');
  expect(await headOf(follower)).toMatchObject({ height: 0 });
}, 60_000);

test('what somebody on the way changes is refused; the truth after it is followed', async () => {
  const rlp = await blockOfProducer();
  const truth = encodePeerBlock(signedBlock(rlp, []));
  const [header, ...rest] = decodeRlp(rlp) as unknown as [Uint8Array[], ...Uint8Array[]];
  const changed = header.map((item, at) => (at === STATE_ROOT ? new Uint8Array(32).fill(1) : item));
  let honest = false;
  await startLiar(async (url) => {
    if (url !== '/v1/blocks/1') return null;
    return honest
      ? truth
      : encodePeerBlock({ ...signedBlock(rlp, []), block: encodeRlp([changed, ...rest]) });
  });
  const follower = kept(await startFollower({ waits: false }));
  await whenAccused(follower, 'peer_not_in_log');
  honest = true;
  await eventually(async () => (await headOf(follower)).height === 1);
  await eventually(async () => (await readiness(follower)).status === 200);
}, 60_000);

test('two logs of one size under one signature end the following, also after a restart', async () => {
  const rlp = await blockOfProducer();
  const logs = [Uint8Array.of(1), Uint8Array.of(2)].map((first) =>
    encodePeerBlock(signedBlock(rlp, [first])),
  );
  let asked = 0;
  await startLiar(async (url) => {
    if (!url.startsWith('/v1/blocks/')) return encodeConsistency([]);
    if (url === '/v1/blocks/0') return null;
    return logs[Math.min(asked++, 1)]!;
  });
  const follower = await startFollower({ waits: false });
  await whenAccused(follower, 'peer_forked');
  expect(await headOf(follower)).toMatchObject({ height: 1 });
  const before = asked;
  await follower.close(true);
  const back = kept(await startFollower({ folder: follower.folder, waits: false }));
  await whenAccused(back, 'peer_forked');
  expect(asked).toBe(before);
}, 60_000);

test('the peer port answers what it offers, and waits only for the next block', async () => {
  const producer = kept(await startProducer());
  await transfer(producer);
  const base = `http://127.0.0.1:${ways.get(ONION)}`;
  const status = async (path: string, method = 'GET') => (await fetch(`${base}${path}`, { method })).status;
  expect(await status('/v1/blocks/1')).toBe(200);
  expect(await status('/v1/blocks/0')).toBe(200);
  expect(await status('/v1/blocks/99')).toBe(204);
  expect(await status('/v1/blocks/-1')).toBe(404);
  expect(await status('/v1/blocks/1', 'POST')).toBe(405);
  expect(await status('//')).toBe(400);
  expect(await status('/v1/consistency?first=1&second=2')).toBe(200);
  expect(await status('/v1/consistency?first=2&second=1')).toBe(404);
  expect(await status('/v1/consistency?first=1&second=99')).toBe(404);
  expect(await status('/v1/consistency?first=x')).toBe(400);
  const { height } = await headOf(producer);
  const waiting = status(`/v1/blocks/${height + 1}`);
  await transfer(producer);
  expect(await waiting).toBe(200);
}, 60_000);

test('who asks the peer port many things at once is cut off, and others are answered', async () => {
  const producer = kept(await startProducer());
  const port = ways.get(ONION) as number;
  const greedy = connect(port, '127.0.0.1');
  const ended = new Promise((resolve) => greedy.once('close', resolve).on('error', () => {}));
  greedy.write('GET /v1/blocks/0 HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2_000));
  await ended;
  const { height } = await headOf(producer);
  const after = await fetch(`http://127.0.0.1:${port}/v1/blocks/${height}`);
  expect(after.status).toBe(200);
}, 60_000);

test.each([
  [{ CHAIN_PEERS: 'ftp://x' }, 'CHAIN_PEERS'],
  [{ CHAIN_PRODUCE: 'on' }, 'CHAIN_PRODUCE'],
  [{ CHAIN_PEER_KEY: 'nothing' }, 'CHAIN_PEER_KEY'],
  [{ TOR_PROXY_URL: 'http://x' }, 'TOR_PROXY_URL'],
])('settings that cannot be followed are named: %j', async (environment, variable) => {
  const error = await startFollower({ environment }).catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(ConfigError);
  expect(String((error as Error).message)).toContain(variable);
});
