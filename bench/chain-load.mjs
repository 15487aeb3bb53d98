// What lasts, from sending to its block, on our node and on peers in the same run: geth in development mode (LUCID_GETH names it), CometBFT's example
// application (LUCID_COMETBFT), both with a block a second as ours, and Tessera's log for anchors (needs Go).
//   node bench/chain-load.mjs [--transactions 10000] [--sessions 400000] [--senders 50] [--connections 32] [--rounds 1] [--only transfer,register,batch,token]
// All is signed before the clock starts, but for batches. The load generator shares the machine with the node; CPU seconds are the node's, for
// batches the generator's too. Peers take turns; with several rounds the median counts. Ratios above 1 are ours to the good.
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCometBft } from './chain-load/cometbft.mjs';
import { compileToken } from './chain-load/compile-token.mjs';
import { createEthereumPeer } from './chain-load/ethereum.mjs';
import { createKinds, loadOwn } from './chain-load/kinds.mjs';
import { startGeth, startOwn } from './chain-load/nodes.mjs';
import { buildTessera } from './chain-load/tessera.mjs';
import { addressOf, secretOf } from './chain-rpc/sign.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    transactions: { type: 'string', default: '10000' },
    sessions: { type: 'string', default: '400000' },
    senders: { type: 'string', default: '50' },
    connections: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '1' },
    only: { type: 'string', default: 'transfer,register,batch,token' },
  },
});
const [transactions, sessions, senders, connections, rounds] = [
  'transactions',
  'sessions',
  'senders',
  'connections',
  'rounds',
].map((name) => Number(values[name]));
const secrets = Array.from({ length: senders }, (_, index) => secretOf(index));
const deployer = secretOf(senders);
const accounts = [...secrets, deployer].map(addressOf);

const own = await loadOwn();
const kinds = createKinds(own, accounts.slice(0, senders));
const codes = { anchors: own.lucidAnchors.bytecode, token: compileToken(root) };
const wanted = values.only.split(',');
const unknown = wanted.find((name) => !(name in kinds));
if (unknown) throw new Error(`--only ${unknown}: it must be of ${Object.keys(kinds).join(', ')}`);

const peers = [];
const absent = (who, variable) => console.log(`${who}: not measured, ${variable} does not name it`);

async function startPeers() {
  const ethereum = async (node) =>
    peers.push(await createEthereumPeer(node, { kinds, secrets, deployer, codes, connections }));
  await ethereum(await startOwn(accounts));
  const { LUCID_GETH, LUCID_COMETBFT } = process.env;
  if (LUCID_GETH) await ethereum(await startGeth(LUCID_GETH, accounts));
  else absent('geth', 'LUCID_GETH');
  if (!LUCID_COMETBFT) absent('CometBFT', 'LUCID_COMETBFT');
  else if (wanted.includes('transfer'))
    for (const index of [true, false])
      peers.push(await startCometBft(LUCID_COMETBFT, { index, connections }));
  const tessera = wanted.includes('register') || wanted.includes('batch') ? buildTessera() : null;
  if (tessera) peers.push(tessera);
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);

async function measureKind(name) {
  const units = name === 'batch' ? sessions : transactions;
  const results = new Map(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round++)
    for (const peer of peers) {
      const result = await peer.measure(name, units);
      if (result) results.get(peer).push(result);
    }
  let first = null;
  for (const [peer, all] of results) {
    if (all.length === 0) continue;
    const perSecond = median(all.map((each) => each.units / each.seconds));
    const perCpuSecond = median(all.map((each) => each.units / each.cpuSeconds));
    first ??= { perSecond, perCpuSecond };
    const times = (which, mine) => (peer === peers[0] ? '' : (first[which] / mine).toFixed(2));
    row([
      kinds[name].what,
      peer.name,
      perSecond.toFixed(0),
      median(all.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2),
      perCpuSecond.toFixed(0),
      times('perSecond', perSecond),
      times('perCpuSecond', perCpuSecond),
    ]);
  }
}

try {
  await startPeers();
  console.log(
    `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, ${transactions} transactions, ${sessions} sessions in batches\n`,
  );
  row(['what', 'who', 'a second', 'CPU s', 'a CPU second', 'lucid/peer by time', 'lucid/peer by CPU']);
  row(Array(7).fill('---'));
  for (const name of wanted) await measureKind(name);
} finally {
  for (const peer of peers) await peer.stop();
}
