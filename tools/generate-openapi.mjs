// node tools/generate-openapi.mjs [--check]: writes docs/openapi/SERVICE.json for every contract, or says which file is not
// what its contract gives.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = 'docs/openapi';
const check = process.argv.includes('--check');

/** The contracts are TypeScript: bundled once, imported, forgotten. */
async function loadDocuments() {
  const outdir = mkdtempSync(join(tmpdir(), 'lucid-openapi-'));
  try {
    await build({
      stdin: {
        contents: `
          import * as contracts from '@lucid/contracts';
          import { openApiOf } from './libs/service-kit/src/openapi.ts';
          const isContract = (each) => typeof each === 'object' && each !== null && 'operations' in each && 'service' in each;
          export const documents = Object.values(contracts).filter(isContract).map((each) => [each.service, openApiOf(each)]);
        `,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      outfile: join(outdir, 'documents.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      // Packages of Node's own kind of module ask for `require`.
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    return (await import(pathToFileURL(join(outdir, 'documents.mjs')).href)).documents;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const stale = [];
mkdirSync(folder, { recursive: true });
const documents = await loadDocuments();
for (const [service, document] of documents) {
  const path = join(folder, `${service}.json`);
  // Compared as JSON: the formatter may have laid the file out otherwise.
  const text = JSON.stringify(document);
  if (existsSync(path) && JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))) === text) continue;
  if (check) stale.push(path);
  else writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
}
if (stale.length > 0) {
  console.error(`not what the contracts give: ${stale.join(', ')}\nrun: node tools/generate-openapi.mjs`);
  process.exit(1);
}
if (!check)
  spawnSync(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'format', '--write', folder]);
console.log(`${documents.length} OpenAPI documents ${check ? 'are up to date' : 'written to docs/openapi'}`);
