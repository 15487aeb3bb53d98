// Transactions that last, from sending to their block, on our node and, where LUCID_GETH names it, on geth in development mode with a block a second:
//   node bench/chain-load.mjs [--transactions 10000] [--senders 50] [--connections 32] [--rounds 1] [--only transfer,register,token]
// All are signed before the clock starts. The load generator shares the machine with the node; CPU seconds are the node's.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { compileToken } from './chain-load/compile-token.mjs';
import { rpc, startGeth, startOwn } from './chain-load/nodes.mjs';
import { askMany } from './chain-rpc/connections.mjs';
import { addressOf, keccak, secretOf, signTransfer } from './chain-rpc/sign.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    transactions: { type: 'string', default: '10000' },
    senders: { type: 'string', default: '50' },
    connections: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '1' },
    only: { type: 'string', default: 'transfer,register,token' },
  },
});
const [transactions, senders, connections, rounds] = ['transactions', 'senders', 'connections', 'rounds'].map(
  (name) => Number(values[name]),
);
const GWEI = 1_000_000_000;
const secrets = Array.from({ length: senders }, (_, index) => secretOf(index));
const deployer = secretOf(senders);
const accounts = [...secrets, deployer].map(addressOf);

async function loadContracts() {
  const outfile = join(root, 'dist/bench/chain-load/contracts.mjs');
  await build({
    stdin: { contents: "export { lucidAnchors } from '@lucid/chain-contracts';", resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return (await import(pathToFileURL(outfile).href)).lucidAnchors.bytecode;
}

const selector = (signature) => Buffer.from(keccak(Buffer.from(signature)).subarray(0, 4)).toString('hex');
const word = (value) => BigInt(value).toString(16).padStart(64, '0');
const REGISTER = selector('registerSession(bytes32,bytes32,uint64,address,bytes32,uint32)');
const TRANSFER = selector('transfer(address,uint256)');

/** What each kind of transaction carries; `at` makes it another than all others of the run. */
const KINDS = {
  transfer: { what: 'plain transfers', gas: 21_000, of: (at) => ({ to: accounts[at % senders] }) },
  register: {
    what: 'registerSession',
    gas: 120_000,
    of: (at, { anchors }) => ({
      to: anchors,
      data: `0x${REGISTER}${[at + 1, 2, 1_700_000_000, 3, 4, 5].map(word).join('')}`,
    }),
  },
  token: {
    what: 'ERC-20 transfers',
    gas: 120_000,
    of: (at, { token }) => ({ to: token, data: `0x${TRANSFER}${word(0x1000 + (at % 500))}${word(1)}` }),
  },
};
const fees = { chainId: 1337, maxFeePerGas: 200 * GWEI, maxPriorityFeePerGas: GWEI };

async function deploy({ url }, data) {
  const nonce = Number(await rpc(url, 'eth_getTransactionCount', addressOf(deployer), 'pending'));
  const raw = signTransfer({ ...fees, secret: deployer, nonce, to: '0x', value: 0, data, gas: 4_000_000 });
  const hash = await rpc(url, 'eth_sendRawTransaction', raw);
  for (;;) {
    const receipt = await rpc(url, 'eth_getTransactionReceipt', hash).catch(() => null);
    if (receipt?.status === '0x1') return receipt.contractAddress;
    if (receipt) throw new Error('the contract could not be deployed');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function waiting({ url }) {
  const { pending, queued } = await rpc(url, 'txpool_status');
  return Number(pending) + Number(queued);
}

async function load(node, kind, contracts, nonces) {
  const raws = Array.from({ length: transactions }, (_, at) => {
    const sender = at % senders;
    const fields = KINDS[kind].of(nonces.used + at, contracts);
    return signTransfer({
      ...fees,
      ...fields,
      value: 0,
      gas: KINDS[kind].gas,
      secret: secrets[sender],
      nonce: nonces.of[sender]++,
    });
  });
  nonces.used += transactions;
  const cpu = node.cpuSeconds();
  const startedMs = performance.now();
  let next = 0;
  const body = (raw) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] });
  let last = '';
  await askMany({
    url: node.url,
    connections,
    seconds: 600,
    next: () => (next < raws.length ? body(raws[next++]) : null),
    judge: (answer) => {
      last = JSON.parse(answer).result;
      if (!last) throw new Error(`${node.name}: ${answer}`);
    },
  });
  while ((await waiting(node)) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const seconds = (performance.now() - startedMs) / 1000;
  const { status } = await rpc(node.url, 'eth_getTransactionReceipt', last);
  if (status !== '0x1') throw new Error(`${node.name}: ${kind} fails on the chain`);
  return { perSecond: transactions / seconds, perCpuSecond: transactions / (node.cpuSeconds() - cpu) };
}

const anchorsCode = await loadContracts();
const tokenCode = compileToken(root);
const nodes = [await startOwn(accounts)];
if (process.env.LUCID_GETH) nodes.push(await startGeth(process.env.LUCID_GETH, accounts));
else console.log('geth: not measured, LUCID_GETH does not name it');
try {
  const ready = [];
  for (const node of nodes)
    ready.push({
      node,
      contracts: { anchors: await deploy(node, anchorsCode), token: await deploy(node, tokenCode) },
      nonces: { of: secrets.map(() => 0), used: 0 },
    });
  for (const kind of values.only.split(','))
    for (let round = 0; round < rounds; round++) {
      let own = null;
      for (const { node, contracts, nonces } of ready) {
        const { perSecond, perCpuSecond } = await load(node, kind, contracts, nonces);
        own ??= perSecond;
        const ratio = node === nodes[0] ? '' : `   lucid/${node.name} ${(own / perSecond).toFixed(2)}`;
        console.log(
          `${KINDS[kind].what.padEnd(18)} ${node.name.padEnd(12)} ${perSecond.toFixed(0).padStart(6)}/s   ${perCpuSecond.toFixed(0).padStart(6)} a CPU second${ratio}`,
        );
      }
    }
} finally {
  for (const node of nodes) await node.stop();
}
