// What the makers of vectors of the chain share: the state machine as it is in this tree, and go-ethereum over its blocks.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const geth = process.env.GETH ?? 'geth';

/** Exports of libs/chain-application and libs/kv-store. */
export async function loadWorkspace() {
  const outfile = join(root, 'vectors', `.workspace-${process.pid}.mjs`);
  const foreign = {
    name: 'foreign',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^[^.]/ }, ({ path, kind }) =>
        kind === 'entry-point' || path.startsWith('@lucid/') ? undefined : { path, external: true },
      ),
  };
  const contents = "export * from '@lucid/chain-application'; export * from '@lucid/kv-store';";
  const stdin = { contents, resolveDir: join(root, 'libs/chain-application'), loader: 'ts' };
  await build({
    stdin,
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
    plugins: [foreign],
  });
  try {
    return await import(pathToFileURL(outfile));
  } finally {
    rmSync(outfile);
  }
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

export function runGeth(args) {
  const { status, stdout, stderr } = spawnSync(geth, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`geth ${args[0]}: ${stderr.slice(-2000)}`);
  return stdout;
}

export const quiet = ['--nodiscover', '--maxpeers', '0', '--ipcdisable', '--verbosity', '1'];

/** Imports the blocks and answers requests about them. */
export async function withGeth(folder, genesis, blocks, work) {
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis));
  writeFileSync(
    join(folder, 'blocks.rlp'),
    Buffer.concat(blocks.map(({ rlp }) => Buffer.from(rlp.slice(2), 'hex'))),
  );
  runGeth(['init', '--datadir', data, '--state.scheme', 'hash', join(folder, 'genesis.json')]);
  runGeth([
    'import',
    '--datadir',
    data,
    '--gcmode',
    'archive',
    '--state.scheme',
    'hash',
    join(folder, 'blocks.rlp'),
  ]);
  const port = await freePort();
  const flags = [
    '--http',
    '--http.port',
    String(port),
    '--http.api',
    'eth,debug',
    '--authrpc.port',
    String(await freePort()),
  ];
  const child = spawn(geth, ['--datadir', data, '--gcmode', 'archive', ...quiet, ...flags], {
    stdio: 'ignore',
  });
  const ask = async (method, params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const reply = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { result, error } = await reply.json();
    return error === undefined ? { result } : { error };
  };
  try {
    for (let tries = 0; ; tries++) {
      const answered = await ask('eth_blockNumber', []).then(
        () => true,
        () => false,
      );
      if (answered) break;
      if (tries > 300) throw new Error('geth does not answer');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return await work(ask);
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  }
}
