// CometBFT's own example application, one validator, application and node in one process, both durable, a block a second. Its transactions have the
// size of a signed transfer; nobody signs them, and each stores one pair of strings. LUCID_COMETBFT names the program.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askMany } from '../chain-rpc/connections.mjs';
import { nodeOf } from './nodes.mjs';

const TRANSACTION_SIZE_BYTES = 117;

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function ask(url, method, params = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { result, error } = await answer.json();
  if (error) throw new Error(`${method}: ${error.message} ${error.data}`);
  return result;
}

/** Its defaults, but for a mempool that holds the whole load; `index` says whether transactions can be looked up, as ours can. */
function configure(home, index) {
  const path = join(home, 'config/config.toml');
  const changes = {
    '\nsize = 5000\n': '\nsize = 100000\n',
    '\ncache_size = 10000\n': '\ncache_size = 200000\n',
    '\nindexer = "kv"\n': `\nindexer = "${index ? 'kv' : 'null'}"\n`,
    '\npprof_laddr = "localhost:6060"\n': '\npprof_laddr = ""\n',
  };
  let text = readFileSync(path, 'utf8');
  for (const [from, to] of Object.entries(changes)) text = text.replace(from, to);
  writeFileSync(path, text);
}

export async function startCometBft(program, { index, connections }) {
  const home = mkdtempSync(join(tmpdir(), 'lucid-cometbft-bench-'));
  execFileSync(program, ['init', '--home', home], { stdio: 'ignore' });
  configure(home, index);
  const [rpcPort, p2pPort] = [await freePort(), await freePort()];
  const flags = [
    ...['start', '--home', home, '--proxy_app', 'persistent_kvstore', '--log_level', 'error'],
    ...['--rpc.laddr', `tcp://127.0.0.1:${rpcPort}`, '--p2p.laddr', `tcp://127.0.0.1:${p2pPort}`],
  ];
  const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${rpcPort}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error('CometBFT ended');
    const status = await ask(url, 'status').catch(() => null);
    if (Number(status?.sync_info.latest_block_height) > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const node = nodeOf(`CometBFT kvstore${index ? '' : ', no index'}`, url, child, home);
  let run = 0;

  const stored = async (key) => {
    const { response } = await ask(url, 'abci_query', { data: Buffer.from(key).toString('hex') });
    return response.log === 'exists';
  };

  return {
    name: node.name,
    stop: () => node.stop(),
    /** Plain transfers alone have a counterpart. */
    async measure(kind, units) {
      if (kind !== 'transfer') return null;
      const name = `run${++run}`;
      const keyOf = (at) => `${name}-${at}`;
      const raws = Array.from({ length: units }, (_, at) => {
        const text = `${keyOf(at)}=`;
        return (
          text +
          randomBytes(TRANSACTION_SIZE_BYTES).toString('hex').slice(text.length, TRANSACTION_SIZE_BYTES)
        );
      });
      const cpu = node.cpuSeconds();
      const startedMs = performance.now();
      let sent = 0;
      await askMany({
        url,
        connections,
        seconds: 600,
        next() {
          if (sent === units) return null;
          const tx = Buffer.from(raws[sent++]).toString('base64');
          return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'broadcast_tx_sync', params: { tx } });
        },
        judge: (answer) => {
          if (JSON.parse(answer).result?.code !== 0) throw new Error(`${node.name}: ${answer}`);
        },
      });
      while (Number((await ask(url, 'num_unconfirmed_txs')).total) > 0)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const seconds = (performance.now() - startedMs) / 1000;
      const used = node.cpuSeconds() - cpu;
      if (!(await stored(keyOf(units - 1)))) throw new Error(`${node.name}: the last one is not stored`);
      return { units, seconds, cpuSeconds: used };
    },
  };
}
