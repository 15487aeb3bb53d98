// node tools/check-openapi.mjs [--base REF]: names each change of docs/openapi that breaks callers of a service, unless the
// contract's major version was raised, or was 0: such a contract promises nothing yet. What is in the work tree is compared
//   - with the documents of REF (or LUCID_OPENAPI_BASE), if one is named;
//   - else with those of the commit where this branch left origin's main branch: what others have seen so far;
//   - else (on that branch itself, or without an origin) with those of the last commit, and each with what it was before the
//     commit that changed it last.
// A shallow clone may lack those commits; that is said, and is no failure: name a base that was fetched.
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

/** Where this branch left the published one; null where it is that one, or nothing was published. */
function publishedBase() {
  for (const branch of ['origin/HEAD', 'origin/main', 'origin/master']) {
    const base = git('merge-base', 'HEAD', branch)?.trim();
    if (base) return base === git('rev-parse', 'HEAD')?.trim() ? null : base;
  }
  return null;
}

/** Commits to compare a document with, by what they are. */
function basesOf(path, base) {
  if (base) return [[base, base]];
  const last = git('log', '-1', '--format=%H', '--', path)?.trim();
  return [['the last commit', 'HEAD'], ...(last ? [['the commit before its last change', `${last}^`]] : [])];
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
const base = asked || publishedBase();
const { breakingChangesOf, mayBreak } = await loadJudge();
const committed = (git('ls-tree', '--name-only', base ?? 'HEAD', `${folder}/`) ?? '')
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
  for (const [name, commit] of basesOf(path, base)) {
    const before = documentAt(commit, path);
    if (!before) continue;
    compared += 1;
    if (mayBreak(before.info.version, now.info.version)) continue;
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
