// JSON-RPC of the chain over HTTP, ledger, vm and node in one process beside the load generator:
//   node bench/chain-rpc.mjs [--seconds 5] [--connections 32] [--senders 200] [--transactions 10000] [--idle 60]
//     [--only idle,send,receipt,call,same,height] [--profile]
// Transfers are signed before the clock starts; they count when their block is there.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { askMany } from './chain-rpc/connections.mjs';
import { addressOf, secretOf, signTransfer } from './chain-rpc/sign.mjs';
import { buildChainProgram } from './lib/build-program.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '32' },
    senders: { type: 'string', default: '200' },
    transactions: { type: 'string', default: '10000' },
    idle: { type: 'string', default: '60' },
    only: { type: 'string', default: 'idle,send,receipt,call,same,height' },
    profile: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const connections = Number(options.connections);
const senders = Number(options.senders);
const transactions = Number(options.transactions);
const wanted = new Set(options.only.split(','));
const gwei = 1_000_000_000;
const folder = mkdtempSync(join(tmpdir(), 'lucid-chain-bench-'));

const outfile = await buildChainProgram('chain-rpc/program.ts', { sourcemap: options.profile });

const secrets = Array.from({ length: senders }, (_, index) => secretOf(index));
writeFileSync(join(folder, 'accounts'), secrets.map(addressOf).join('\n'));
const child = spawn(
  'node',
  [
    ...(options.profile ? ['--cpu-prof', `--cpu-prof-dir=${join(tmpdir(), 'chain-rpc-profile')}`] : []),
    outfile,
    folder,
  ],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const url = (await lines.next()).value;
while (!(await fetch(`${url}/ready`)).ok);

const request = (method, ...params) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const rpc = async (method, ...params) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: request(method, ...params),
  });
  return (await answer.json()).result;
};
const assertResult = (answer) => {
  if (!answer.includes('"result":') || answer.includes('"result":null'))
    throw new Error(answer.toString().slice(0, 300));
};
const cpuOf = () => {
  const [, after] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ');
  const fields = after.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
async function tellIdle(lasting) {
  await delay(5_000);
  const before = cpuOf();
  await delay(lasting * 1000);
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
  const share = ((cpuOf() - before) / lasting) * 100;
  console.log(`${'idle'.padEnd(36)} ${share.toFixed(2)} % of a core, ${Math.round(kilobytes / 1024)} MB`);
}
const row = (what, { count, seconds: took, p50, p99 }, cpu) =>
  console.log(
    `${what.padEnd(36)} ${Math.round(count / took)
      .toString()
      .padStart(
        7,
      )}/s   p50 ${p50.toFixed(1).padStart(6)} ms   p99 ${p99.toFixed(1).padStart(6)} ms   ${((cpu / took) * 100).toFixed(0).padStart(4)} % of a core`,
  );
async function measure(what, work) {
  const before = cpuOf();
  const result = await work();
  row(what, result, cpuOf() - before);
}

if (wanted.has('idle')) await tellIdle(Number(options.idle));
const raws = [];
for (let at = 0; at < transactions; at++)
  raws.push(
    signTransfer({
      secret: secrets[at % senders],
      chainId: 1337,
      nonce: Math.floor(at / senders),
      to: `0x${(0x1000 + at).toString(16).padStart(40, '0')}`,
      maxFeePerGas: 100 * gwei,
      maxPriorityFeePerGas: gwei,
    }),
  );
const hashes = [];
const waiting = async () => {
  const { pending, queued } = await rpc('txpool_status');
  return Number(pending) + Number(queued);
};
{
  const cpu = cpuOf();
  const startedAt = performance.now();
  let next = 0;
  const sent = await askMany({
    url,
    connections,
    seconds: 600,
    next: () => (next < raws.length ? request('eth_sendRawTransaction', raws[next++]) : null),
    judge: (answer) => {
      assertResult(answer);
      hashes.push(JSON.parse(answer).result);
    },
  });
  if (wanted.has('send')) row('eth_sendRawTransaction', sent, cpuOf() - cpu);
  while ((await waiting()) > 0) await delay(20);
  const took = (performance.now() - startedAt) / 1000;
  if (wanted.has('send')) row('transfers, from send to block', { ...sent, seconds: took }, cpuOf() - cpu);
}
if (wanted.has('receipt')) {
  const receipts = (count) => {
    const recent = hashes.slice(-count);
    return () => request('eth_getTransactionReceipt', recent[Math.floor(Math.random() * recent.length)]);
  };
  await measure('eth_getTransactionReceipt, first', () =>
    askMany({ url, connections, seconds, next: receipts(transactions), judge: assertResult }),
  );
  await measure('eth_getTransactionReceipt', () =>
    askMany({ url, connections, seconds, next: receipts(transactions), judge: assertResult }),
  );
}
// PUSH1 42 PUSH0 MSTORE PUSH1 32 PUSH0 RETURN, put at an address by the genesis.
const target = '0x00000000000000000000000000000000000000aa';
const callOf = (data) => request('eth_call', { to: target, data }, 'latest');
let asked = 0;
const same = callOf('0x');
const kinds = [
  ['call', 'eth_call, each another', () => callOf(`0x${(asked++).toString(16).padStart(64, '0')}`)],
  ['same', 'eth_call, the same', () => same],
  ['height', 'eth_blockNumber', () => request('eth_blockNumber')],
];
for (const [kind, what, next] of kinds)
  if (wanted.has(kind))
    await measure(what, () => askMany({ url, connections, seconds, next, judge: assertResult }));
child.kill('SIGTERM');
await new Promise((resolve) => child.once('exit', resolve));
rmSync(folder, { recursive: true, force: true });
