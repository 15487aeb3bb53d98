// Ledger, vm and node in one process. Argument: folder, in which `accounts` names who has means.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { lucidGenesis } from '@lucid/chain-application';
import { formatSignerKey } from '@lucid/checkpoint';
import { ed25519GenerateKey } from '@lucid/crypto';
import { onSystemChain } from '@lucid/on-system-chain';
import { createLog, startAllInOne } from '@lucid/service-kit';

const [folder = ''] = process.argv.slice(2);
const accounts = readFileSync(join(folder, 'accounts'), 'utf8').split('\n') as `0x${string}`[];
const genesis = lucidGenesis({
  timestampSec: 1_704_067_200,
  alloc: {
    ...Object.fromEntries(accounts.map((address) => [address, { balance: 10n ** 24n }])),
    '0x00000000000000000000000000000000000000aa': { code: '0x602a5f5260205ff3' },
  },
});
writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis));
const stack = await startAllInOne({
  transport: 'sockets',
  socketDir: join(folder, 's'),
  callsStayInside: true,
  listen: { 'on-system-chain': { host: '127.0.0.1', port: 0 } },
  definitions: [blockchainLedger, blockchainVm, onSystemChain],
  log: createLog({ level: 'error', destination: { write: (line) => void process.stderr.write(line) } }),
  environment: {
    LEDGER_DATA_DIR: join(folder, 'ledger'),
    LEDGER_SIGNING_KEY: formatSignerKey({
      name: 'lucid.invalid/ledger',
      secretKey: ed25519GenerateKey().secretKey,
    }),
    VM_DATA_DIR: join(folder, 'vm'),
    VM_GENESIS_FILE: join(folder, 'genesis.json'),
    CHAIN_DATA_DIR: join(folder, 'chain'),
  },
});
process.once('SIGTERM', () => void stack.close().then(() => process.exit(0)));
process.stdout.write(`${stack.targetOf('on-system-chain')?.origin}\n`);
