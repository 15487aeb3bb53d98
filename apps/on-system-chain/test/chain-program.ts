// Ledger, vm and node in one process, as the one-process host has them, until it is killed. Argument: folder, in which genesis.json and
// ledger.key lie. Says where it listens on standard output, and its log on standard error.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { createLog, startAllInOne } from '@lucid/service-kit';
import { onSystemChain } from '../src/index.ts';

const [folder = ''] = process.argv.slice(2);
const stack = await startAllInOne({
  transport: 'sockets',
  socketDir: join(folder, 's'),
  callsStayInside: true,
  listen: { 'on-system-chain': { host: '127.0.0.1', port: Number(process.env.CHAIN_PORT ?? 0) } },
  definitions: [blockchainLedger, blockchainVm, onSystemChain],
  log: createLog({
    level: (process.env.LOG_LEVEL ?? 'warn') as 'warn',
    destination: { write: (line) => void process.stderr.write(line) },
  }),
  environment: {
    ...process.env,
    LEDGER_DATA_DIR: join(folder, 'ledger'),
    LEDGER_SIGNING_KEY: readFileSync(join(folder, 'ledger.key'), 'utf8'),
    VM_DATA_DIR: join(folder, 'vm'),
    VM_GENESIS_FILE: join(folder, 'genesis.json'),
    CHAIN_DATA_DIR: join(folder, 'chain'),
  },
});
process.stdout.write(`${stack.targetOf('on-system-chain')?.origin}\n`);
