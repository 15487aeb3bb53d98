// Every service in a process of its own on loopback ports, with keys and stores of its own, until Ctrl-C:
//   node tools/local-stack.mjs [files|mongo|mongo-s3 [FOLDER]]      (build first: node tools/build.mjs)
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// The servers that tests start find their sources beside themselves, so they are not bundled.
const outfile = join(root, 'node_modules/.cache/lucid/local-stack.mjs');
mkdirSync(dirname(outfile), { recursive: true });
await build({
  entryPoints: [join(root, 'e2e/stack/local-stack.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'bundle',
  external: ['lmdb', 'classic-level', '@lydell/node-pty', '@aws-sdk/*', '@ethereumjs/*', 'tiny-secp256k1'],
  banner: {
    js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
  },
  plugins: [
    {
      name: 'tools-stay-where-they-are',
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/tools\/test-servers.*\.mjs$/ }, ({ path, resolveDir }) => ({
          path: join(resolveDir, path),
          external: true,
        })),
    },
  ],
  logLevel: 'error',
});
const child = spawn(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
