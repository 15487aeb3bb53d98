/** `lucid chain …`: a chain of one's own, handed on as a file, taken up elsewhere, checked; and what is refused. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeGenesis } from '@lucid/chain-application';
import { addresses } from '@lucid/chain-contracts';
import { createPublicClient, createWalletClient, defineChain, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { DataFolder, errorOf, lastJson, testBuilt } from './program.ts';

const made: DataFolder[] = [];
const folder = (): DataFolder => {
  const data = new DataFolder();
  made.push(data);
  return data;
};
afterAll(() => {
  for (const data of made) data.remove();
});

const chainOf = (url: string) =>
  defineChain({
    id: 1337,
    name: 'lucid_blocks',
    nativeCurrency: { name: 'Lucid', symbol: 'LUCID', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });

/** A host whose chain has two blocks with one transaction each; stopped again. */
async function nodeWithBlocks(): Promise<{ data: DataFolder; file: string; genesis: string }> {
  const data = folder();
  const host = await data.up();
  const chain = chainOf((JSON.parse(host.text()) as { chain: string }).chain);
  const account = privateKeyToAccount(`0x${readFileSync(join(data.home, 'keys/chain.key'), 'utf8').trim()}`);
  const wallet = createWalletClient({ account, chain, transport: http() });
  const reader = createPublicClient({ chain, transport: http(), pollingInterval: 20 });
  expect(await reader.getCode({ address: addresses.lucidAnchors })).toMatch(/^0x60/);
  for (const value of [1n, 2n]) {
    const hash = await wallet.sendTransaction({
      to: account.address,
      value,
    });
    expect(await reader.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success' });
  }
  host.child.kill('SIGTERM');
  expect((await host.ended).status).toBe(0);
  const file = join(data.folder, 'chain.rlp');
  expect(lastJson(await data.run(['chain', 'export', file, '--json']))).toEqual({ path: file, blocks: 3 });
  return { data, file, genesis: join(data.home, 'chain/genesis.json') };
}

describe('a chain', () => {
  let node: Awaited<ReturnType<typeof nodeWithBlocks>>;
  let far: DataFolder;
  const imported = (...args: string[]) => far.run(['chain', 'import', ...args, '--json']);
  beforeAll(async () => {
    if (!existsSync(join(__dirname, '../../../dist/apps/lucid/main.mjs'))) return;
    node = await nodeWithBlocks();
  });
  beforeEach(() => {
    far = folder();
  });

  testBuilt('goes on where it was, is sound, and is the same elsewhere', async () => {
    const status = lastJson(await node.data.run(['chain', 'status', '--json'])) as Record<string, unknown>;
    expect(status).toMatchObject({
      height: 2,
      chainId: 1337,
      network: 'lucid_blocks',
      pendingTransactions: 0,
    });
    const run = await imported(node.file, '--genesis', node.genesis);
    const { blockHash, stateRoot } = status;
    expect(lastJson(run)).toMatchObject({ imported: 2, transactions: 2, height: 2, blockHash, stateRoot });
    expect(lastJson(await imported(node.file))).toMatchObject({ imported: 0, height: 2, blockHash });
    const again = join(far.folder, 'again.rlp');
    await far.run(['chain', 'export', again]);
    expect(readFileSync(again).equals(readFileSync(node.file))).toBe(true);
    for (const data of [far, node.data])
      expect(lastJson(await data.run(['chain', 'check', '--json']))).toMatchObject({ blocks: 3, faults: [] });
    expect(errorOf(await far.run(['chain', 'export', again, '--json']))).toBe('target_exists');
  });

  testBuilt('that was made elsewhere gets no blocks here', async () => {
    await imported(node.file, '--genesis', node.genesis);
    const host = await far.up();
    const chain = chainOf((JSON.parse(host.text()) as { chain: string }).chain);
    expect(await createPublicClient({ chain, transport: http() }).getBlockNumber()).toBe(2n);
    expect(lastJson(await far.run(['chain', 'status', '--json']))).toMatchObject({ producer: null });
    const plans = await far.run(['chain', 'plans']);
    expect([plans.status, plans.stderr]).toEqual([
      2,
      expect.stringContaining('nothing is deployed from here'),
    ]);
  });

  testBuilt('a block that was changed is refused by its number; those before it stay', async () => {
    const bytes = readFileSync(node.file);
    const last = bytes.length - 3;
    bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
    const path = join(far.folder, 'changed.rlp');
    writeFileSync(path, bytes);
    const run = await imported(path, '--genesis', node.genesis);
    expect([run.status, errorOf(run)]).toEqual([1, 'verification_failed']);
    expect(run.stderr).toMatch(
      /block 2 of .*changed\.rlp, at byte \d+, is refused: .* 1 block imported, the chain ends with block 1\. .*run again/,
    );
    expect(lastJson(await imported(node.file))).toMatchObject({ imported: 1, height: 2 });
  });

  testBuilt('what is no file of blocks, no genesis, or not this chain', async () => {
    const cut = join(far.folder, 'cut.rlp');
    writeFileSync(cut, readFileSync(node.file).subarray(0, -1));
    const half = await imported(cut, '--genesis', node.genesis);
    expect([half.status, errorOf(half)]).toEqual([3, 'source_unreadable']);
    expect(half.stderr).toMatch(
      /at byte \d+, the file ends within a block\. .* 1 block imported, the chain ends with block 1\. .*run again/,
    );
    const text = join(far.folder, 'text');
    writeFileSync(text, 'no blocks\n');
    expect(errorOf(await imported(text))).toBe('source_unreadable');
    expect(errorOf(await imported(join(far.folder, 'nothing')))).toBe('source_unreadable');
    expect(errorOf(await imported(node.file, '--genesis', text))).toBe('source_unreadable');
    const other = join(far.folder, 'other.json');
    writeFileSync(other, readFileSync(node.genesis, 'utf8').replace('"lucid"', '"other"').concat(' '));
    expect(errorOf(await imported(node.file, '--genesis', other))).toBe('chain_differs');
    const none = await folder().run(['chain', 'import', node.file, '--json']);
    expect([none.status, errorOf(none)]).toEqual([3, 'data_folder_missing']);
  });
});

testBuilt(
  'a plan is tried, carried out, and governs from the next start',
  async () => {
    const data = folder();
    const write = (name: string, text: string) => {
      const path = join(data.folder, name);
      writeFileSync(path, text);
      return path;
    };
    const inputs = write(
      'inputs.json',
      '{"oracles":["0x00000000000000000000000000000000000000aa"],"founders":["0x00000000000000000000000000000000000000bb"]}',
    );
    expect((await data.run(['record', '--', 'true'])).status).toBe(0);
    expect((await data.run(['chain', 'plans'])).stdout.toString()).toMatch(
      /^governance {2}.*\n {2}oracles {2}.*\(must be given\)\n/,
    );
    const refused = [
      { args: ['nothing'], says: 'there is no plan nothing; see: lucid chain plans' },
      { args: ['governance'], says: 'nothing was sent: Give the input oracles' },
      { args: ['governance', '--inputs', write('list.json', '[]')], says: 'is no JSON object' },
      { args: ['governance', '--inputs', write('broken.json', '{')], says: 'cannot be read as JSON' },
      {
        args: ['governance', '--inputs', write('wrong.json', '{"oracles":["x"],"founders":["x"]}')],
        says: 'nothing was sent: input oracles[0]: expected an address',
      },
      {
        args: ['governance', '--inputs', write('none.json', '{"oracles":["x"],"founders":[]}')],
        says: 'nothing was sent: The input founders is a list of at least 1: addresses of nodes that may vote',
      },
    ];
    for (const { args, says } of refused) {
      const run = await data.run(['chain', 'deploy', ...args]);
      expect([args, run.stderr]).toEqual([args, expect.stringContaining(says)]);
      expect(run.status).not.toBe(0);
    }
    const dry = lastJson(
      await data.run(['chain', 'deploy', 'governance', '--inputs', inputs, '--dry-run', '--json']),
    );
    const done = lastJson(
      await data.run(['chain', 'deploy', 'governance', '--inputs', inputs, '--id', 'first', '--json']),
    );
    expect(done).toMatchObject({
      status: 'done',
      runId: 'first',
      results: (dry as { results: object }).results,
    });
    // The same again does nothing anew.
    const again = lastJson(
      await data.run(['chain', 'deploy', 'governance', '--inputs', inputs, '--id', 'first', '--json']),
    );
    expect(again).toEqual(done);
    for (const other of [[], ['--id', 'second']]) {
      const second = await data.run(['chain', 'deploy', 'governance', '--inputs', inputs, ...other]);
      expect([second.status, second.stderr]).toEqual([
        2,
        expect.stringMatching(/nothing was sent: 0x[0-9a-fA-F]{40} governs this chain already/),
      ]);
    }
    const host = await data.up();
    const { governance } = JSON.parse(host.text()) as { governance: string };
    const { governor } = (await (await fetch(`${governance}/api/v1/governance`)).json()) as {
      governor: string;
    };
    expect(governor).toBe((done as { results: { LucidGovernor: string } }).results.LucidGovernor);
    host.child.kill('SIGTERM');
    expect((await host.ended).status).toBe(0);
  },
  240_000,
);

testBuilt(
  'a chain that is older than the account of deployments: that is told, and what helps, helps',
  async () => {
    const data = folder();
    expect((await data.run(['record', '--', 'true'])).status).toBe(0);
    // As it was made before: funds for the node's account alone.
    const key = `0x${readFileSync(join(data.home, 'keys/chain.key'), 'utf8').trim()}` as const;
    const genesis = nodeGenesis({
      account: privateKeyToAccount(key).address,
      timestampSec: Math.floor(Date.now() / 1000),
    });
    for (const each of ['chain', 'ledger', 'documents', 'sessions'])
      rmSync(join(data.home, each), { recursive: true });
    mkdirSync(join(data.home, 'chain'), { mode: 0o700 });
    writeFileSync(join(data.home, 'chain/genesis.json'), genesis, { mode: 0o600 });
    const inputs = join(data.folder, 'inputs.json');
    writeFileSync(inputs, `{"oracles":["0x${'aa'.repeat(20)}"],"founders":["0x${'bb'.repeat(20)}"]}`);
    const deploy = (...args: string[]) =>
      data.run(['chain', 'deploy', 'governance', '--inputs', inputs, ...args]);
    const poor = await deploy();
    expect([poor.status, poor.stderr]).toEqual([
      2,
      expect.stringMatching(/has no funds in this chain\. Give it some .*: lucid chain fund\n$/),
    ]);
    expect((await deploy('--dry-run')).stdout.toString()).toMatch(/has 0 wei\. Give it .*: lucid chain fund/);
    const fund = async () => (await data.run(['chain', 'fund'])).stdout.toString();
    expect(await fund()).toMatch(
      /^deployer {2}0x\w{40} {2}\d+ wei given\nrelayer {2}0x\w{40} {2}\d+ wei given\n$/,
    );
    expect(await fund()).toMatch(/^deployer .* has enough\nrelayer .* has enough\n$/);
    expect((await deploy()).status).toBe(0);
    // Whoever anchors with the node's account goes on.
    expect((await data.run(['record', '--', 'true'])).status).toBe(0);
  },
  240_000,
);

/** Changes one octet in the middle of the largest table of a store. */
function damage(store: string): void {
  const tables = readdirSync(store).filter((name) => name.endsWith('.ldb'));
  const [path] = tables.map((name) => join(store, name)).sort((a, b) => statSync(b).size - statSync(a).size);
  const bytes = readFileSync(path as string);
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 0x55, middle);
  writeFileSync(path as string, bytes);
}

testBuilt(
  'damage is told with the folder that it lies in, and what helps',
  async () => {
    const data = folder();
    for (const _ of [1, 2, 3]) expect((await data.run(['record', '--', 'true'])).status).toBe(0);
    const state = join(data.home, 'chain/vm');
    damage(join(state, 'state'));
    const check = await data.run(['chain', 'check']);
    expect([check.status, check.stdout.toString()]).toEqual([
      1,
      expect.stringContaining(`The damage lies in ${state}: remove that folder`),
    ]);
    rmSync(state, { recursive: true });
    expect((await data.run(['chain', 'check'])).stdout.toString()).toContain('all sound');
    damage(join(data.home, 'ledger/chain'));
    const again = await data.run(['chain', 'check']);
    expect([again.status, again.stdout.toString()]).toEqual([
      1,
      expect.stringContaining(
        `The damage lies in ${join(data.home, 'ledger/chain')}: restore the whole data folder ${data.home} from one backup`,
      ),
    ]);
  },
  120_000,
);

testBuilt(
  'a chain that cannot be opened says what is damaged, and what helps',
  async () => {
    const data = folder();
    expect((await data.run(['record', '--', 'true'])).status).toBe(0);
    const genesis = join(data.home, 'chain/genesis.json');
    const text = readFileSync(genesis, 'utf8');
    const expectTold = async (what: string, advice: string) => {
      const status = await data.run(['chain', 'status']);
      expect([status.status, status.stderr]).toEqual([3, expect.stringContaining(what)]);
      expect(status.stderr).toContain(advice);
      const { checks } = lastJson(await data.run(['doctor', '--json'])) as {
        checks: { name: string; status: string; text: string; advice?: string }[];
      };
      expect(checks).toContainEqual(
        expect.objectContaining({
          name: 'chain',
          status: 'fail',
          text: expect.stringContaining(what),
          advice: expect.stringContaining(advice),
        }),
      );
    };
    writeFileSync(genesis, '{}');
    await expectTold('chain/genesis.json is not what it began with', 'Restore that file from a backup');
    writeFileSync(genesis, text);
    writeFileSync(join(data.home, 'chain/vm/state/CURRENT'), 'x');
    await expectTold('damaged', 'remove the folder chain/vm');
    rmSync(join(data.home, 'chain/vm'), { recursive: true });
    expect((await data.run(['chain', 'check'])).stdout.toString()).toContain('all sound');
  },
  120_000,
);
