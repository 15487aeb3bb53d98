import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeGenesis } from '@lucid/chain-application';
import { adoptGenesis, openChain } from './chain.ts';
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

test('a genesis with which no chain can begin is refused and leaves the folder as it was', async () => {
  for (const text of ['{}', '[]', genesis.replace('"alloc"', '"allocate"')])
    expect(await codeOf(adoptGenesis(home, text))).toBe('source_unreadable');
  expect(existsSync(join(home.chain, 'imported'))).toBe(false);
  await adoptGenesis(home, genesis);
  expect((await openChain(home, { produce: true, env: {} })).environment).toMatchObject({
    CHAIN_PRODUCE: 'off',
    VM_MIN_GAS_PRICE: '0',
  });
  await adoptGenesis(home, genesis);
});

test('the chain of a host that starts at the same time stays its own', async () => {
  const adopting = adoptGenesis(home, genesis);
  await openChain(home, { produce: true, env: {} });
  expect(await codeOf(adopting)).toBe('chain_differs');
  expect((await openChain(home, { produce: true, env: {} })).environment).toMatchObject({
    CHAIN_PRODUCE: 'on',
  });
  expect(readFileSync(join(home.chain, 'genesis.json'), 'utf8')).not.toBe(genesis);
});

test('an import that was cut before it had its genesis says so, and goes on', async () => {
  writeFileSync(join(home.chain, 'imported'), '');
  await expect(openChain(home, { produce: true, env: {} })).rejects.toThrow(
    /Run lucid chain import with --genesis again/,
  );
  await adoptGenesis(home, genesis);
  expect((await openChain(home, { produce: true, env: {} })).environment).toMatchObject({
    CHAIN_PRODUCE: 'off',
  });
});

test('who only reads makes no chain and no blocks; a genesis that is gone is told, not made anew', async () => {
  const read = { produce: false, env: {} };
  expect(await codeOf(openChain(home, read))).toBe('data_folder_missing');
  expect(existsSync(join(home.keys, 'chain.key'))).toBe(false);
  await openChain(home, { produce: true, env: {} });
  expect((await openChain(home, read)).environment).toMatchObject({ CHAIN_PRODUCE: 'off' });
  mkdirSync(join(home.chain, 'vm'));
  rmSync(join(home.chain, 'genesis.json'));
  for (const produce of [true, false])
    await expect(openChain(home, { produce, env: {} })).rejects.toThrow(/genesis\.json is missing/);
});

test('who may speak to the chain beside this machine is taken from the environment', async () => {
  const env = { CHAIN_RPC_HOSTS: 'chain.example', OTHER: 'x' };
  const { environment } = await openChain(home, { produce: true, env });
  expect(environment).toMatchObject({ CHAIN_RPC_HOSTS: 'chain.example' });
  expect(environment).not.toHaveProperty('OTHER');
});
