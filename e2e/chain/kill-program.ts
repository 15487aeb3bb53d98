// Ledger, vm, node and the client that registers sessions, in one process until it is killed. Argument: folder with genesis.json, ledger.key,
// ledger.pub and account.key. Says where JSON-RPC listens once it is ready; then takes commands, one JSON value a line, and answers each by one line:
//   { "register": SESSION }  { "registered": SESSION } once it is promised
//   { "outcomes": SESSIONS } { "outcomes": { SESSION: status, or null where nobody heard of it } }
//   { "check": true }        { "check": faults of blocks, log and state }
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import {
  blockchainLedgerContract,
  blockchainVmContract,
  onSystemChainClientContract,
} from '@lucid/contracts';
import { onSystemChain } from '@lucid/on-system-chain';
import { onSystemChainClient } from '@lucid/on-system-chain-client';
import { createLog, createServiceKeys, startAllInOne } from '@lucid/service-kit';

const [folder = ''] = process.argv.slice(2);
const read = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

const services = [blockchainLedger, blockchainVm, onSystemChain, onSystemChainClient];
const names = services.map(({ contract }) => contract.service);
const stack = await startAllInOne({
  transport: 'sockets',
  socketDir: join(folder, 's'),
  callsStayInside: true,
  listen: { 'on-system-chain': { host: '127.0.0.1', port: 0 } },
  definitions: services,
  keys: createServiceKeys([...names, 'session-orchestrator', 'operator']),
  log: createLog({
    level: (process.env.LOG_LEVEL ?? 'error') as 'error',
    destination: { write: (line) => void process.stderr.write(line) },
  }),
  environment: {
    ...process.env,
    LEDGER_DATA_DIR: join(folder, 'ledger'),
    LEDGER_SIGNING_KEY: read('ledger.key'),
    LUCID_LEDGER_VERIFIER_KEY: read('ledger.pub'),
    LUCID_DOCUMENTS_URL: `file:${join(folder, 'documents')}`,
    VM_DATA_DIR: join(folder, 'vm'),
    VM_GENESIS_FILE: join(folder, 'genesis.json'),
    CHAIN_DATA_DIR: join(folder, 'chain'),
    CHAIN_ACCOUNT_KEY: read('account.key'),
    CHAIN_CLIENT_RETRY_BASE_MS: '20',
    CHAIN_CLIENT_RETRY_CAP_MS: '500',
  },
});
const anchors = stack.clientOf(onSystemChainClientContract, { as: 'session-orchestrator' });
const ledger = stack.clientOf(blockchainLedgerContract);
const vm = stack.clientOf(blockchainVmContract);

const bodyOf = (sessionId: string) => ({
  sessionId,
  manifestHash: Buffer.from(sessionId, 'hex').reverse().toString('hex'),
  startedAt: 1_700_000_000,
  owner: 'age1owner',
  merkleRoot: '22'.repeat(32),
  chunkCount: 3,
  checkpoint: 'a checkpoint\n',
});

interface Command {
  readonly register?: string;
  readonly outcomes?: readonly string[];
  readonly check?: boolean;
}

const statusOf = async (sessionId: string): Promise<string | null> => {
  try {
    return (await anchors.getAnchor({ params: { sessionId } })).status;
  } catch (error) {
    if ((error as { code?: string }).code === 'anchor_unknown') return null;
    throw error;
  }
};

async function obey({ register, outcomes, check }: Command): Promise<void> {
  if (register !== undefined) {
    await anchors.registerSession({ body: bodyOf(register) });
    say({ registered: register });
  }
  if (outcomes !== undefined) {
    const found: Record<string, string | null> = {};
    for (const sessionId of outcomes) found[sessionId] = await statusOf(sessionId);
    say({ outcomes: found });
  }
  if (check) {
    const [blocks, state] = [await ledger.checkChain({ body: {} }), await vm.checkState()];
    say({ check: [...blocks.faults, ...state.faults], blocks: blocks.blocks });
  }
}

const url = stack.targetOf('on-system-chain')?.origin ?? '';
while (!(await fetch(`${url}/ready`)).ok) await new Promise((resolve) => setTimeout(resolve, 10));
say({ url });
createInterface({ input: process.stdin }).on('line', (line) => {
  // What fails is asked again by whoever wants it; his waiting ends with this process at the latest.
  obey(JSON.parse(line) as Command).catch((error: unknown) => say({ failed: line, why: String(error) }));
});
