/**
 * hardhat, unchanged, against the chain's JSON-RPC: a project as anybody has one (hardhat/), run by its command line. LUCID_HARDHAT names a folder where
 * hardhat/package-lock.json is installed. Nothing but loopback is reached: an attempt ends the run.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lucidAnchors } from '@lucid/chain-contracts';
import { secretOf, startChain } from '../apps/on-system-chain/test/chain-stack.ts';
import { describeWhere } from './stack/skip-loudly.ts';

const PROJECT = join(__dirname, 'hardhat');
const CONTRACTS = join(__dirname, '../libs/chain-contracts/contracts');
const modules = process.env.LUCID_HARDHAT && join(process.env.LUCID_HARDHAT, 'node_modules');

function whyNot(): string | null {
  if (!modules) return 'LUCID_HARDHAT does not name the folder where it is installed';
  return existsSync(join(modules, 'hardhat')) ? null : 'LUCID_HARDHAT: no hardhat there';
}

interface Run {
  readonly status: number | null;
  readonly said: string;
}

/** `hardhat …` in the project's folder. */
function runHardhat(folder: string, url: string, ...args: readonly string[]): Promise<Run> {
  const program = join(folder, 'node_modules/hardhat/internal/cli/bootstrap.js');
  const guard = join(PROJECT, 'only-loopback.cjs');
  const child = spawn(process.execPath, ['--require', guard, program, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      HARDHAT_DISABLE_TELEMETRY_PROMPT: 'true',
      NO_COLOR: '1',
      LUCID_RPC_URL: url,
      LUCID_RPC_ACCOUNTS: [0, 1].map(secretOf).join(','),
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => {
      said += part;
    });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, said })));
}

describeWhere(whyNot(), 'hardhat against our chain')('hardhat', () => {
  let node: Awaited<ReturnType<typeof startChain>>;
  const folder = mkdtempSync(join(tmpdir(), 'lucid-hardhat-'));

  beforeAll(async () => {
    node = await startChain();
    mkdirSync(join(folder, 'contracts'));
    for (const name of ['LucidAnchors.sol', 'MerkleProofs.sol'])
      cpSync(join(CONTRACTS, name), join(folder, 'contracts', name));
    cpSync(join(PROJECT, 'hardhat.config.cjs'), join(folder, 'hardhat.config.cjs'));
    cpSync(join(PROJECT, 'test'), join(folder, 'test'), { recursive: true });
    cpSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
    symlinkSync(modules as string, join(folder, 'node_modules'));
  });
  afterAll(async () => {
    await node?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('compiles the contracts to the code that the chain has', async () => {
    expect(await runHardhat(folder, node.url, 'compile')).toMatchObject({ status: 0 });
    const path = join(folder, 'artifacts/contracts/LucidAnchors.sol/LucidAnchors.json');
    const { deployedBytecode } = JSON.parse(readFileSync(path, 'utf8')) as { deployedBytecode: string };
    expect(deployedBytecode).toBe(lucidAnchors.deployedBytecode);
  });

  it('runs its tests on it', async () => {
    const { status, said } = await runHardhat(folder, node.url, 'test', '--network', 'lucid', '--no-compile');
    expect([status, said]).toEqual([0, expect.stringMatching(/\b5 passing\b/)]);
  });
});
