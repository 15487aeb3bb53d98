/** `lucid up --peer-port` and `lucid chain follow`: two processes with data folders of their own, either of which may be killed. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@lucid/service-kit/testing';
import { createPublicClient, createWalletClient, defineChain, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { startSocks } from '../../../libs/tor-egress/test/socks-server.ts';
import { DataFolder, errorOf, lastJson, type Started, testBuilt } from './program.ts';

const made: DataFolder[] = [];
const folder = (): DataFolder => {
  const data = new DataFolder();
  made.push(data);
  return data;
};
afterAll(() => {
  for (const data of made) data.remove();
});

interface Ready {
  readonly chain: string;
  readonly peers: string;
  readonly ledgerKey: string;
}
interface Node extends Ready {
  readonly data: DataFolder;
  readonly host: Started;
}

const firstJson = (host: Started) => JSON.parse(host.text().split('\n')[0] ?? '') as Ready;

async function produce(data = folder(), ...args: string[]): Promise<Node> {
  const host = await data.up('--peer-port', '0', ...args);
  const ready = firstJson(host);
  await eventually(async () => (await newest(ready.chain)).number);
  return { data, host, ...ready };
}

const genesisOf = ({ data }: Node): string => join(data.home, 'chain/genesis.json');

const start = (data: DataFolder, ...args: string[]): Started =>
  data.start(['chain', 'follow', '--rpc-port', '0', '--json', ...args]);
const askedFor = (node: Node) => [node.peers, '--key', node.ledgerKey, '--genesis', genesisOf(node)];

async function follow(data: DataFolder, ...args: string[]): Promise<Started & { chain: string }> {
  const host = start(data, ...args);
  await host.says('"ready":true');
  return { ...host, chain: firstJson(host).chain };
}

async function killed({ child, ended }: Started): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

async function rpc(url: string, method: string, ...params: unknown[]) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return (await response.json()) as { result?: unknown; error?: { code: number; message: string } };
}

async function transfer({ chain: url, data }: Node, value = 7n): Promise<void> {
  const chain = defineChain({
    id: 1337,
    name: 'lucid_blocks',
    nativeCurrency: { name: 'Lucid', symbol: 'LUCID', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const account = privateKeyToAccount(`0x${readFileSync(join(data.home, 'keys/chain.key'), 'utf8').trim()}`);
  const hash = await createWalletClient({ account, chain, transport: http() }).sendTransaction({
    to: '0x00000000000000000000000000000000000000aa',
    value,
  });
  const reader = createPublicClient({ chain, transport: http(), pollingInterval: 20 });
  await reader.waitForTransactionReceipt({ hash });
}

const newest = async (url: string) => {
  const { result } = await rpc(url, 'eth_getBlockByNumber', 'latest', false);
  // Nothing while the chain is starting.
  const { number, hash, stateRoot } = (result ?? {}) as Record<string, string>;
  return { number, hash, stateRoot };
};
const whenSame = (follower: { chain: string }, node: Node) =>
  eventually(async () => {
    const { hash } = await newest(follower.chain);
    return hash !== undefined && hash === (await newest(node.chain)).hash;
  });

testBuilt(
  'a follower has the same blocks, serves them, and goes on after either end was killed',
  async () => {
    const node = await produce();
    await transfer(node);
    const far = folder();
    const follower = await follow(far, ...askedFor(node));
    await whenSame(follower, node);
    await follower.says('"following":"current"');
    expect(await newest(follower.chain)).toEqual(await newest(node.chain));
    expect((await rpc(follower.chain, 'eth_syncing')).result).toBe(false);
    const proof = ['eth_getProof', '0x00000000000000000000000000000000000000aa', [], 'latest'] as const;
    expect(await rpc(follower.chain, ...proof)).toEqual(await rpc(node.chain, ...proof));
    expect((await rpc(follower.chain, 'eth_sendRawTransaction', '0x02')).error).toEqual({
      code: -32000,
      message: 'this node follows another one: send transactions there',
    });

    expect(lastJson(await far.run(['chain', 'status', '--json']))).toMatchObject({
      follows: [node.peers],
      producer: null,
    });
    const second = await start(far).ended;
    expect([second.status, errorOf(second)]).toEqual([3, 'data_folder_busy']);

    await killed(follower);
    await transfer(node);
    const again = await follow(far);
    await whenSame(again, node);

    const before = await newest(node.chain);
    await killed(node.host);
    await again.says('"following":"away"');
    expect(await newest(again.chain)).toEqual(before);
    const back = await produce(node.data, '--peer-port', new URL(node.peers).port);
    expect(back.peers).toBe(node.peers);
    await transfer(back);
    await whenSame(again, back);

    again.child.kill('SIGTERM');
    expect((await again.ended).status).toBe(0);
    expect(lastJson(await far.run(['chain', 'check', '--json']))).toMatchObject({ faults: [] });

    // `up` in the same folder follows, too.
    const host = await far.up();
    await transfer(back);
    await whenSame(firstJson(host), back);
    back.host.child.kill('SIGTERM');
    host.child.kill('SIGTERM');
    expect([(await back.host.ended).status, (await host.ended).status]).toEqual([0, 0]);
  },
  180_000,
);

testBuilt(
  'a node elsewhere is reached through Tor’s port, by its name; without Tor nothing is sent',
  async () => {
    const node = await produce();
    const socks = await startSocks(() => Number(new URL(node.peers).port));
    const onion = `${'a'.repeat(56)}.onion`;
    const far = folder();
    const args = ['--key', node.ledgerKey, '--genesis', genesisOf(node), '--tor-proxy', socks.proxyUrl];
    const follower = await follow(far, onion, ...args);
    await transfer(node);
    await whenSame(follower, node);
    expect(new Set(socks.asked.map(({ host }) => host))).toEqual(new Set([onion]));
    await socks.stop();
    await follower.says('proxy_unreachable');
    await stopped(follower);
    await stopped(node.host);
  },
  120_000,
);

/** Stopped in order. */
async function stopped({ child, ended }: Started): Promise<void> {
  child.kill('SIGTERM');
  expect((await ended).status).toBe(0);
}

testBuilt(
  'a node that tells another history than before ends the following for good, and is named by what it signed',
  async () => {
    // No empty block of a slot (120 s) comes between.
    await eventually(async () => (Date.now() / 1000) % 120 < 75);
    const node = await produce();
    await stopped(node.host);
    const copy = folder();
    cpSync(node.data.home, copy.home, { recursive: true });
    const first = await produce(node.data);
    await transfer(first);
    await transfer(first);
    const far = folder();
    const follower = await follow(far, ...askedFor(first));
    await whenSame(follower, first);
    const { number } = await newest(first.chain);
    await stopped(follower);
    await stopped(first.host);

    const second = await produce(copy);
    while ((await newest(second.chain)).number !== number) await transfer(second, 9n);
    for (const peers of [[second.peers], []]) {
      const run = await start(far, ...peers).ended;
      expect([run.status, errorOf(run)]).toEqual([1, 'verification_failed']);
      expect(run.stderr).toContain('signed two different logs of one size');
    }
    await stopped(second.host);
  },
  180_000,
);

testBuilt(
  'a chain of another genesis, another key and what is not said enough are refused with a sentence',
  async () => {
    const node = await produce();
    const other = await produce();
    const far = folder();
    const genesis = ['--genesis', genesisOf(node)];
    const differs = await start(far, other.peers, '--key', other.ledgerKey, ...genesis).ended;
    expect([differs.status, errorOf(differs)]).toEqual([3, 'chain_differs']);
    expect(differs.stderr).toMatch(/it began with another genesis\. Follow it from a new data folder/);
    const otherKey = await start(far, node.peers, '--key', node.ledgerKey).ended;
    expect([otherKey.status, errorOf(otherKey)]).toEqual([3, 'chain_differs']);
    expect(otherKey.stderr).toContain(`follows the node with the key ${other.ledgerKey}`);

    const wrongKey = start(folder(), node.peers, '--key', other.ledgerKey, ...genesis);
    await wrongKey.says('"code":"peer_signature"');
    wrongKey.child.kill('SIGTERM');
    const told = await wrongKey.ended;
    expect([told.status, told.stderr]).toEqual([0, expect.stringContaining('is not signed by the key')]);

    const own = folder();
    expect((await own.run(['record', '--', 'true'])).status).toBe(0);
    const refusals: readonly [DataFolder, readonly string[], string][] = [
      [folder(), [], 'say whose chain is followed'],
      [folder(), [node.peers], 'say whose chain is followed'],
      [folder(), [node.peers, '--key', node.ledgerKey], 'say what that chain began with'],
      [folder(), [node.peers, '--key', 'x', ...genesis], '--key is no verifier key'],
      [folder(), ['ftp://x', '--key', node.ledgerKey, ...genesis], 'ftp://x is no address of a node'],
      [folder(), ['10.0.0.7', '--key', node.ledgerKey, ...genesis], 'lies in a local network'],
      [folder(), [...askedFor(node), '--tor-proxy', 'x'], 'TOR_PROXY_URL: socks5://HOST:PORT'],
      [own, askedFor(node), 'began with another genesis'],
      [own, [node.peers, '--key', node.ledgerKey], 'makes the blocks of its own chain'],
    ];
    for (const [data, args, says] of refusals) {
      const run = await start(data, ...args).ended;
      expect([args, run.stderr]).toEqual([args, expect.stringContaining(says)]);
      expect([2, 3]).toContain(run.status);
    }
    const none = folder();
    await start(none, node.peers).ended;
    expect(existsSync(none.home)).toBe(false);

    const busy = await folder().run(['up', '--port', '0', '--peer-port', new URL(node.peers).port, '--json']);
    expect([busy.status, errorOf(busy)]).toEqual([1, 'port_busy']);
    expect(busy.stderr).toContain('--peer-port');
    for (const { host } of [node, other]) host.child.kill('SIGTERM');
  },
  180_000,
);
