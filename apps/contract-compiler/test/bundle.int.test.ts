/** The bundle as it is shipped, in a folder without packages above it, in a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { contractCompilerContract } from '@lucid/contracts';
import {
  createClient,
  createHttpTransport,
  createServiceKeys,
  createTokenSource,
  parseTarget,
  systemClock,
} from '@lucid/service-kit';

jest.setTimeout(300_000);

const root = join(__dirname, '../../..');
const token = {
  name: 'contracts/token.sol',
  content: [
    '// SPDX-License-Identifier: MIT',
    'pragma solidity ^0.8.28;',
    'import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";',
    'contract Token is ERC20 { constructor() ERC20("Token", "T") {} }',
  ].join('\n'),
};

let folder: string;

beforeAll(() => {
  const built = spawnSync(process.execPath, ['tools/build.mjs', 'contract-compiler'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the build failed: ${built.stderr}`);
  folder = mkdtempSync(join(tmpdir(), 'lucid-compiler-bundle-'));
  cpSync(join(root, 'dist/apps/contract-compiler'), folder, {
    recursive: true,
    filter: (path) => !path.endsWith('.map'),
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function startService(socket: string) {
  const { keys } = createServiceKeys(['contract-compiler', 'operator']);
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const publicKeys = Object.fromEntries([...keys.values()].map((each) => [each.caller, each.publicKey]));
  const child = spawn(process.execPath, ['main.mjs'], {
    cwd: folder,
    env: {
      LUCID_SOCKET: socket,
      LUCID_DOCUMENTS_URL: 'memory:',
      LUCID_SERVICE_KEY_FILE: write('key.pem', keys.get('contract-compiler')!.secretPem),
      LUCID_SERVICE_KEYRING_FILE: write('keyring.json', JSON.stringify(publicKeys)),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const each of [child.stdout, child.stderr]) each.on('data', (bytes) => said.push(String(bytes)));
  const tokens = createTokenSource({ key: keys.get('operator')!, clock: systemClock });
  return { child, said, tokens };
}

it('compiles, with the library that lies beside it', async () => {
  const socket = join(folder, 'service.sock');
  const { child, said, tokens } = startService(socket);
  const transport = createHttpTransport(parseTarget(`unix:${socket}`));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  try {
    const client = createClient(
      contractCompilerContract,
      createHttpTransport(parseTarget(`unix:${socket}`)),
      {
        tokens,
        breaker: false,
      },
    );
    const until = Date.now() + 30_000;
    while (
      child.exitCode === null &&
      Date.now() < until &&
      !(await client.getVersions().then(Boolean, () => false))
    )
      await delay(50);
    const { id, ok } = await client.compile({ body: { sources: [token], deadlineMs: 60_000 } });
    expect(ok).toBe(true);
    const artifact = await client.getArtifact({ params: { artifactId: id } });
    expect(artifact.contracts.map(({ name }) => name)).toEqual(['Token']);
    expect(artifact.sources.length).toBeGreaterThan(3);
  } catch (error) {
    throw new Error(`it did not: ${said.join('')}`, { cause: error });
  } finally {
    await transport.close();
    child.kill('SIGTERM');
  }
  expect(await exited).toBe(0);
});
