// Imports a chain file block by block through node, vm and ledger in one process. Arguments: folder with genesis.json and chain.rlp, folder to
// work in. Prints blocks, transactions and seconds as JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RLP } from '@ethereumjs/rlp';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { formatSignerKey } from '@lucid/checkpoint';
import { onSystemChainContract } from '@lucid/contracts';
import { ed25519GenerateKey } from '@lucid/crypto';
import { onSystemChain } from '@lucid/on-system-chain';
import { createLog, startAllInOne } from '@lucid/service-kit';

const [source = '', folder = ''] = process.argv.slice(2);
const startedAtMs = performance.now();
const stack = await startAllInOne({
  transport: 'local',
  definitions: [blockchainLedger, blockchainVm, onSystemChain],
  log: createLog({ level: 'error', destination: { write: (line) => void process.stderr.write(line) } }),
  environment: {
    LEDGER_DATA_DIR: join(folder, 'ledger'),
    LEDGER_SIGNING_KEY: formatSignerKey({
      name: 'lucid.invalid/ledger',
      secretKey: ed25519GenerateKey().secretKey,
    }),
    VM_DATA_DIR: join(folder, 'vm'),
    VM_GENESIS_FILE: join(source, 'genesis.json'),
    CHAIN_DATA_DIR: join(folder, 'chain'),
    CHAIN_PRODUCE: 'off',
  },
});
const chain = stack.clientOf(onSystemChainContract);
while ((await stack.ready())['on-system-chain']?.status !== 'ready');
const readyAtMs = performance.now();
const cpuBefore = process.cpuUsage();
let rest = new Uint8Array(readFileSync(join(source, 'chain.rlp')));
let transactions = 0;
let height = 0;
while (rest.length > 0) {
  const { data, remainder } = RLP.decode(rest, true);
  height += 1;
  transactions += (await chain.importBlock({ params: { height }, body: RLP.encode(data) })).transactions;
  rest = remainder;
}
const endedAtMs = performance.now();
const cpu = process.cpuUsage(cpuBefore);
await stack.close();
const seconds = (from: number, to: number) => Math.round(to - from) / 1000;
console.log(
  JSON.stringify({
    blocks: height,
    transactions,
    startSeconds: seconds(startedAtMs, readyAtMs),
    importSeconds: seconds(readyAtMs, endedAtMs),
    importCpuSeconds: Math.round((cpu.user + cpu.system) / 1000) / 1000,
  }),
);
