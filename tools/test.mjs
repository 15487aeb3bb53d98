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
const report = join(scratch, 'report.json');
const jest = [
  'node_modules/jest/bin/jest.js',
  '--config',
  'jest.preset.cjs',
  '--rootDir',
  root,
  '--roots',
  'apps',
  'libs',
  'e2e',
  `--maxWorkers=${availableParallelism()}`,
  '--json',
  `--outputFile=${report}`,
  ...process.argv.slice(2),
];
// Jest prints the report to standard output too; only its progress on standard error is wanted.
const result = spawnSync(process.execPath, jest, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });

let counts = null;
try {
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  counts = {
    passed: numPassedTests,
    failed: numFailedTests + numRuntimeErrorTestSuites,
    skipped: numPendingTests,
  };
} catch {
  console.error('jest wrote no report');
}
rmSync(scratch, { recursive: true, force: true });
if (!counts) process.exit(1);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(result.status ?? 1);
