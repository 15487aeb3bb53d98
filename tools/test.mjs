// Runs the tests that need nothing but Node (what needs more says `skipped: why`), and ends with one line of counts:
//   node tools/test.mjs [jest arguments]. The bundles are built first: some tests run the real program.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

run(['tools/build-zstd.mjs', '--quiet']);
const build = run(['tools/build.mjs']);
if (build.status !== 0) process.exit(1);

const scratch = mkdtempSync(join(tmpdir(), 'lucid-test-'));

/** One run of jest; counts of its tests (it writes none where its arguments name none), or null where it broke. */
function runTests(name, options) {
  const report = join(scratch, `${name}.json`);
  const jest = ['node_modules/jest/bin/jest.js', '--config', 'jest.preset.cjs', '--rootDir', root];
  // Jest prints the report to standard output too; only its progress on standard error is wanted.
  const { status } = spawnSync(
    process.execPath,
    [...jest, ...options, '--json', `--outputFile=${report}`, ...process.argv.slice(2)],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    // Jest itself may fail where every test passed.
    return { passed: numPassedTests, failed: failed || (status === 0 ? 0 : 1), skipped: numPendingTests };
  } catch {
    if (status === 0) return { passed: 0, failed: 0, skipped: 0 };
    console.error(`jest wrote no report of the ${name}`);
    return null;
  }
}

const CONTAINERS = 'e2e/containers';
const runs = [
  runTests('tests', [
    ...['--roots', 'apps', 'libs', 'e2e', 'tools'],
    ...['--testPathIgnorePatterns', `/${CONTAINERS}/`, '/node_modules/', '/dist/'],
    ...[`--maxWorkers=${availableParallelism()}`, '--passWithNoTests'],
  ]),
  // One stack at a time: its addresses are fixed.
  runTests('tests of containers', ['--roots', CONTAINERS, '--runInBand', '--passWithNoTests']),
];
rmSync(scratch, { recursive: true, force: true });
if (runs.includes(null)) process.exit(1);
const sum = (kind) => runs.reduce((total, counts) => total + counts[kind], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exit(sum('failed') === 0 ? 0 : 1);
