// node tools/check-openapi.mjs [--base REF]: names each change of docs/openapi that breaks callers of a service, unless the
// contract's major version was raised. Compared with what is in the work tree:
//   1. the document of the last commit (what is about to be committed must not break it);
//   2. the document before the commit that changed it last (what was committed last must not have broken it);
//   3. with --base, or LUCID_OPENAPI_BASE, the document of that commit (a pull request: the branch it goes to).
// A shallow clone has the first only where nothing else was fetched; that is said, and is no failure.
// `generate-openapi.mjs --check` says whether docs/openapi is what the contracts give; run it first.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = 'docs/openapi';

async function loadJudge() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../libs/openapi-changes/src/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** Standard output of git, or null where it fails. */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return status === 0 ? stdout : null;
}

const documentAt = (commit, path) => {
  const text = git('show', `${commit}:${path}`);
  return text === null ? null : JSON.parse(text);
};

/** Commits to compare a document with, by what they are. */
function basesOf(path, asked) {
  const last = git('log', '-1', '--format=%H', '--', path)?.trim();
  return [
    ['the last commit', 'HEAD'],
    ...(last ? [['the commit before its last change', `${last}^`]] : []),
    ...(asked ? [[asked, asked]] : []),
  ];
}

const option = process.argv.indexOf('--base');
const asked = option > 0 ? process.argv[option + 1] : process.env.LUCID_OPENAPI_BASE;
if (git('rev-parse', '--verify', 'HEAD') === null) {
  console.error('not a git repository with a commit: nothing to compare with');
  process.exit(1);
}
if (asked && git('rev-parse', '--verify', `${asked}^{commit}`) === null) {
  console.error(`there is no commit ${asked} in this clone`);
  process.exit(1);
}
const { breakingChangesOf, raisesMajor } = await loadJudge();
const committed = (git('ls-tree', '--name-only', asked || 'HEAD', `${folder}/`) ?? '')
  .split('\n')
  .filter(Boolean);
const present = readdirSync(folder).map((name) => `${folder}/${name}`);
const breaks = new Set();
let compared = 0;
for (const path of new Set([...committed, ...present])) {
  if (!existsSync(path)) {
    breaks.add(`${path}: service-removed: nobody can call it any more`);
    continue;
  }
  const now = JSON.parse(readFileSync(path, 'utf8'));
  for (const [name, commit] of basesOf(path, asked)) {
    const before = documentAt(commit, path);
    if (!before) continue;
    compared += 1;
    if (raisesMajor(before.info.version, now.info.version)) continue;
    for (const { rule, where, text } of breakingChangesOf(before, now))
      breaks.add(`${path}: ${rule}: ${where}: ${text} (since ${name})`);
  }
}
if (git('rev-parse', '--is-shallow-repository')?.trim() === 'true')
  console.log(
    'this clone is shallow: documents older than its commits were not compared (git fetch --unshallow)',
  );
for (const each of breaks) console.error(each);
if (breaks.size > 0) {
  console.error(
    `${breaks.size} changes break callers: take them back, or raise the major version of the contract`,
  );
  process.exit(1);
}
console.log(`${present.length} OpenAPI documents break no caller (${compared} comparisons)`);
