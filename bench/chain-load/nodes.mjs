// The nodes that load is put on: ours (ledger, vm and node in one process), and geth in development mode where LUCID_GETH names it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildChainProgram } from '../lib/build-program.mjs';

export async function rpc(url, method, ...params) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { result, error } = await answer.json();
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

export const nodeOf = (name, url, child, folder) => ({
  name,
  url,
  cpuSeconds() {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  },
  async stop() {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  },
});

/** `accounts`: addresses that have means from the beginning. */
export async function startOwn(accounts) {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-chain-bench-'));
  const outfile = await buildChainProgram('chain-rpc/program.ts');
  writeFileSync(join(folder, 'accounts'), accounts.join('\n'));
  const child = spawn(process.execPath, [outfile, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: url } = await lines.next();
  while (!(await fetch(`${url}/ready`)).ok);
  return nodeOf('lucid', url, child, folder);
}

/** Makes a block a second, as ours at most; the development account hands out the means. */
export async function startGeth(program, accounts) {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-geth-bench-'));
  const flags = [
    ...['--dev', '--dev.period', '1', '--datadir', folder, '--ipcdisable', '--nodiscover', '--maxpeers', '0'],
    ...['--port', '0', '--authrpc.port', '0', '--http', '--http.addr', '127.0.0.1', '--http.port', '0'],
    ...['--http.api', 'eth,net,web3,txpool', '--dev.gaslimit', '60000000'],
    ...['--txpool.globalslots', '50000', '--txpool.accountslots', '50000'],
  ];
  const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('geth ended')));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const [, address] = /HTTP server started\s+endpoint=(127\.0\.0\.1:\d+)/.exec(line) ?? [];
      if (address) resolve(`http://${address}`);
    });
  });
  const [from] = await rpc(url, 'eth_accounts');
  for (const to of accounts)
    await rpc(url, 'eth_sendTransaction', { from, to, value: '0x56bc75e2d63100000', gas: '0x5208' });
  while (BigInt(await rpc(url, 'eth_getBalance', accounts.at(-1), 'latest')) === 0n)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return nodeOf('geth --dev', url, child, folder);
}
