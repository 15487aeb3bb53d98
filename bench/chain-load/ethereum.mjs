// Load on a node that speaks Ethereum's JSON-RPC: ours, and geth.
import { askMany } from '../chain-rpc/connections.mjs';
import { addressOf, signTransfer } from '../chain-rpc/sign.mjs';
import { rpc } from './nodes.mjs';

const GWEI = 1_000_000_000;
const fees = { chainId: 1337, maxFeePerGas: 200 * GWEI, maxPriorityFeePerGas: GWEI };

async function deploy({ url }, secret, data) {
  const nonce = Number(await rpc(url, 'eth_getTransactionCount', addressOf(secret), 'pending'));
  const raw = signTransfer({ ...fees, secret, nonce, to: '0x', value: 0, data, gas: 4_000_000 });
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

const ownCpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** `deployer`: its secret, which pays for the contracts; `codes`: { anchors, token }. */
export async function createEthereumPeer(node, { kinds, secrets, deployer, codes, connections }) {
  const contracts = {
    anchors: await deploy(node, deployer, codes.anchors),
    token: await deploy(node, deployer, codes.token),
  };
  const nonces = secrets.map(() => 0);
  let used = 0;

  const sign = ({ of, gas }) => {
    const sender = used % secrets.length;
    const fields = of(used++, contracts);
    return signTransfer({
      ...fees,
      ...fields,
      value: 0,
      gas,
      secret: secrets[sender],
      nonce: nonces[sender]++,
    });
  };

  return {
    name: node.name,
    stop: () => node.stop(),
    /** Until blocks hold `units` of the kind. */
    async measure(name, units) {
      const kind = kinds[name];
      const count = Math.ceil(units / kind.unitsEach);
      const before = kind.within ? [] : Array.from({ length: count }, () => sign(kind));
      const cpuSeconds = () => node.cpuSeconds() + (kind.within ? ownCpuSeconds() : 0);
      const cpu = cpuSeconds();
      const startedMs = performance.now();
      let sent = 0;
      let last = '';
      await askMany({
        url: node.url,
        connections,
        seconds: 600,
        next() {
          if (sent === count) return null;
          const raw = before[sent++] ?? sign(kind);
          return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] });
        },
        judge: (answer) => {
          last = JSON.parse(answer).result;
          if (!last) throw new Error(`${node.name}: ${answer}`);
        },
      });
      while ((await waiting(node)) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      const seconds = (performance.now() - startedMs) / 1000;
      const { status } = await rpc(node.url, 'eth_getTransactionReceipt', last);
      if (status !== '0x1') throw new Error(`${node.name}: ${name} fails on the chain`);
      return { units: count * kind.unitsEach, seconds, cpuSeconds: cpuSeconds() - cpu };
    },
  };
}
