import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeGenesis } from '@lucid/chain-application';
import { adoptGenesis, type BlocksMade, keepGovernor, keptGovernor, prepareChain } from './chain.ts';
import { type Home, openHome } from './home.ts';

let home: Home;
beforeEach(() => {
  home = openHome({ LUCID_HOME: mkdtempSync(join(tmpdir(), 'lucid-chain-home-')) });
});
afterEach(() => rmSync(home.root, { recursive: true, force: true }));

const genesis = nodeGenesis({ account: `0x${'11'.repeat(20)}`, timestampSec: 1_750_000_000 });
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? `${error}`,
  );

const openChain = async (blocks: BlocksMade, env: Record<string, string> = {}) =>
  prepareChain(home, { blocks, makes: blocks !== 'none', env }).open();

test('a genesis with which no chain can begin is refused and leaves the folder as it was', async () => {
  for (const text of ['{}', '[]', genesis.replace('"alloc"', '"allocate"')])
    expect(await codeOf(adoptGenesis(home, text))).toBe('source_unreadable');
  expect(existsSync(join(home.chain, 'imported'))).toBe(false);
  await adoptGenesis(home, genesis);
  expect((await openChain('slots')).environment).toMatchObject({
    CHAIN_PRODUCE: 'off',
    VM_MIN_GAS_PRICE: '0',
  });
  await adoptGenesis(home, genesis);
});

test('the chain of a host that starts at the same time stays its own', async () => {
  const adopting = adoptGenesis(home, genesis);
  await openChain('slots');
  expect(await codeOf(adopting)).toBe('chain_differs');
  expect((await openChain('slots')).environment).toMatchObject({
    CHAIN_PRODUCE: 'on',
  });
  expect(readFileSync(join(home.chain, 'genesis.json'), 'utf8')).not.toBe(genesis);
});

test('an import that was cut before it had its genesis says so, and goes on', async () => {
  writeFileSync(join(home.chain, 'imported'), '');
  await expect(openChain('slots')).rejects.toThrow(/Run lucid chain import with --genesis again/);
  await adoptGenesis(home, genesis);
  expect((await openChain('slots')).environment).toMatchObject({
    CHAIN_PRODUCE: 'off',
  });
});

test('who only reads makes no chain and no blocks; a genesis that is gone is told, not made anew', async () => {
  expect(await codeOf(openChain('none'))).toBe('data_folder_missing');
  expect(existsSync(join(home.keys, 'chain.key'))).toBe(false);
  await openChain('slots');
  expect((await openChain('none')).environment).toMatchObject({ CHAIN_PRODUCE: 'off' });
  mkdirSync(join(home.chain, 'vm'));
  rmSync(join(home.chain, 'genesis.json'));
  for (const blocks of ['slots', 'work', 'none'] as const)
    await expect(openChain(blocks)).rejects.toThrow(/genesis\.json is missing/);
});

test('who may speak to the chain beside this machine is taken from the environment', async () => {
  const env = { CHAIN_RPC_HOSTS: 'chain.example', OTHER: 'x' };
  const { environment } = await openChain('slots', env);
  expect(environment).toMatchObject({ CHAIN_RPC_HOSTS: 'chain.example' });
  expect(environment).not.toHaveProperty('OTHER');
});

test('a host of one command makes blocks of work alone; whoever writes gets the key of the node’s account', async () => {
  expect((await openChain('work')).environment).toMatchObject({
    CHAIN_PRODUCE: 'on',
    CHAIN_SLOT_SECONDS: '0',
  });
  const key = readFileSync(join(home.keys, 'chain.key'), 'utf8').trim();
  expect(prepareChain(home, { blocks: 'none', makes: true, env: {} }).writer).toEqual({
    CHAIN_ACCOUNT_KEY: key,
  });
  for (const text of ['', 'ab', `${key}00`, key.replace(/./, 'x')]) {
    writeFileSync(join(home.keys, 'chain.key'), text);
    expect(() => prepareChain(home, { blocks: 'work', makes: true, env: {} })).toThrow(
      /it is not 64 hex digits/,
    );
  }
  rmSync(join(home.keys, 'chain.key'));
  expect(() => prepareChain(home, { blocks: 'work', makes: true, env: {} })).toThrow(
    /missing or damaged: .*Restore it from a backup/,
  );
});

test('a governor that is no address is told where it stands; the next one is kept whole', async () => {
  const path = join(home.chain, 'governor');
  const open = () => prepareChain(home, { blocks: 'work', makes: true, faces: true, env: {} }).open();
  for (const text of ['', 'undefined\n', '0x12']) {
    writeFileSync(path, text);
    await expect(open()).rejects.toThrow(/chain\/governor holds no address of a contract/);
  }
  rmSync(path);
  for (const governor of [`0x${'ab'.repeat(20)}`, `0x${'cd'.repeat(20)}`]) {
    keepGovernor(home, governor);
    expect(keptGovernor(home)).toBe(governor);
  }
  expect((await open()).environment).toMatchObject({ GOVERNANCE_GOVERNOR_ADDRESS: `0x${'cd'.repeat(20)}` });
});

test('nobody of this node writes into a chain that was made elsewhere', async () => {
  await adoptGenesis(home, genesis);
  expect(prepareChain(home, { blocks: 'slots', makes: true, env: {} }).writer).toEqual({});
});
