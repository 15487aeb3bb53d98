// What the policy check adds to a call of a running session: its judgement in memory, microseconds each, median and 99th percentile.
//   node bench/policy.mjs [--checks 200000]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { machine, table } from './lib/measure.mjs';

const { values: options } = parseArgs({ options: { checks: { type: 'string', default: '200000' } } });
const checks = Number(options.checks);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'lucid-bench-'));

async function load() {
  const outfile = join(scratch, 'policy.mjs');
  await build({
    stdin: {
      contents: `
        export { checkPolicy, encodePolicy, namedPolicies } from '@lucid/control-policy';
        export { PolicySession } from './apps/session-api/src/domain/policy-session.ts';
      `,
      resolveDir: root,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return import(pathToFileURL(outfile).href);
}

const START_US = Date.UTC(2026, 0, 1) * 1000;

function sessionOf({ checkPolicy, encodePolicy, namedPolicies, PolicySession }) {
  const { value } = checkPolicy(namedPolicies.standard);
  const text = new TextDecoder().decode(encodePolicy(value));
  const row = {
    sessionId: 'ab'.repeat(32),
    owner: 'host',
    parties: { host: 'host', user: 'user' },
    policy: { hash: value.hash, text, terms: '', termsHash: 'cd'.repeat(32) },
    ...{ observers: [], consents: [], approvals: [], filesMoved: 0, decisions: 0, denied: 0 },
  };
  return new PolicySession({ row, headerHash: value.hash, startedAtUs: START_US });
}

const actions = {
  'a key': { kind: 'key', key: 'a' },
  'a pointer event': { kind: 'mouse' },
  'a clipboard transfer (denied)': {
    kind: 'clipboard',
    direction: 'hostToRemote',
    sizeBytes: 9,
    type: 'text/plain',
  },
  'a file (denied)': {
    kind: 'file',
    direction: 'upload',
    path: '/exchange/a.txt',
    sizeBytes: 9,
    replaces: false,
  },
};

function measure(session, action, explain) {
  const times = new Float64Array(checks);
  for (let at = 0; at < checks; at++) {
    const given = { nowUs: START_US + at * 1000, explain, counts: true };
    const from = process.hrtime.bigint();
    session.decide(action, given);
    times[at] = Number(process.hrtime.bigint() - from) / 1000;
  }
  times.sort();
  return [times[checks >> 1], times[Math.floor(checks * 0.99)]];
}

try {
  const parts = await load();
  const rows = [];
  for (const [name, action] of Object.entries(actions))
    for (const explain of [false, true]) {
      const [median, p99] = measure(sessionOf(parts), action, explain);
      rows.push([name + (explain ? ', explained' : ''), median.toFixed(1), p99.toFixed(1)]);
    }
  console.log(machine());
  console.log(table([['check', 'median µs', 'p99 µs'], ...rows]));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
