import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCustomCommon, Mainnet } from '@ethereumjs/common';
import { RLP } from '@ethereumjs/rlp';
import { createTx } from '@ethereumjs/tx';
import { bytesToHex, privateToAddress } from '@ethereumjs/util';
import {
  type ChainApplication,
  type Hex,
  lucidGenesis,
  openChainApplication,
} from '@lucid/chain-application';
import * as contracts from '@lucid/chain-contracts';
import { openLevelKvStore } from '@lucid/kv-level';
import { createMemoryKvStore } from '@lucid/kv-store';

const [scratch = '', blockCount = '10', perBlock = '1200', executionApis = ''] = process.argv.slice(2);
const blocks = Number(blockCount);
const common = createCustomCommon({ chainId: 1337 }, Mainnet, { hardfork: 'cancun' });
const keys = Array.from({ length: 200 }, (_, index) => {
  const key = new Uint8Array(32).fill(7);
  key[31] = index + 1;
  return key;
});
const senders = keys.map((key): Hex => bytesToHex(privateToAddress(key)));
const startSec = 1_700_000_000;

const word = (value: bigint | number): string => BigInt(value).toString(16).padStart(64, '0');
const transfer = (seed: number) => ({
  to: `0x${word(0x10000 + (seed % 20_000)).slice(24)}`,
  value: 1n,
  gasLimit: 21_000,
});
const selector = '0x87fc3557';
/** registerSession(bytes32,bytes32,uint64,address,bytes32,uint32) */
const register = (seed: number) => ({
  to: contracts.addresses.lucidAnchors,
  gasLimit: 150_000,
  data: `${selector}${word(BigInt(seed) << 100n)}${word(BigInt(seed) << 90n)}${word(startSec)}${word(0xabcdef)}${word(BigInt(seed) << 80n)}${word(7)}`,
});

function signed(count: number, body: (seed: number) => object): { raw: Uint8Array; sender: Hex }[] {
  const nonces = keys.map(() => 0);
  return Array.from({ length: count }, (_, seed) => {
    const from = seed % keys.length;
    const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1n };
    const data = { type: 2, chainId: 1337, nonce: nonces[from]!++, ...fees, ...body(seed + 1) };
    const raw = createTx(data as Parameters<typeof createTx>[0], { common })
      .sign(keys[from]!)
      .serialize();
    return { raw, sender: senders[from]! };
  });
}

async function run(
  name: string,
  perBlock: number,
  body: (seed: number) => object,
  known: boolean,
): Promise<void> {
  const store = await openLevelKvStore({ path: join(scratch, name) });
  const alloc = {
    ...contracts.predeploys,
    ...Object.fromEntries(senders.map((sender) => [sender, { balance: 10n ** 21n }])),
  };
  const app = await openChainApplication({ genesis: lucidGenesis({ alloc, timestampSec: startSec }), store });
  const all = signed(blocks * perBlock, body);
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let height = 1; height <= blocks; height++) {
    const part = all.slice((height - 1) * perBlock, height * perBlock);
    const executed = await app.finalizeBlock({
      height,
      timestampSec: startSec + height,
      proposer: senders[0]!,
      transactions: part.map(({ raw }) => raw),
      ...(known ? { senders: part.map(({ sender }) => sender) } : {}),
    });
    const failed =
      executed.results.find(({ status }) => status !== 1)?.error ?? executed.leftOut[0]?.refusal.message;
    if (failed !== undefined) throw new Error(failed);
    await app.commit(executed.blockHash);
  }
  report(`${name}${known ? ', senders known' : ''}`, blocks * perBlock, performance.now() - start, cpu);
  await store.close();
}

function report(name: string, count: number, wallMs: number, since: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(since);
  const perSec = (ms: number): string =>
    Math.round((count / ms) * 1000)
      .toString()
      .padStart(7);
  console.log(
    `${name.padEnd(32)} ${perSec(wallMs)} a second, ${perSec((user + system) / 1000)} a CPU second`,
  );
}

async function importChain(app: ChainApplication, folder: string): Promise<void> {
  let rest = Uint8Array.from(readFileSync(join(folder, 'chain.rlp')));
  const cpu = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  while (rest.length > 0) {
    const { remainder } = RLP.decode(rest, true);
    const executed = await app.importBlock(rest.subarray(0, rest.length - remainder.length));
    await app.commit(executed.blockHash);
    count += executed.results.length;
    rest = remainder;
  }
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `import of ${app.info().height} blocks, ${count} transactions: ${Math.round(performance.now() - start)} ms, CPU ${Math.round((user + system) / 1000)} ms`,
  );
}

if (executionApis !== '') {
  const genesis = readFileSync(join(executionApis, 'genesis.json'), 'utf8');
  await importChain(await openChainApplication({ genesis, store: createMemoryKvStore() }), executionApis);
}
await run('transfers', Number(perBlock), transfer, true);
await run('transfers-recovered', Number(perBlock), transfer, false);
await run('register', Math.min(450, Number(perBlock)), register, true);
await run('register-recovered', Math.min(450, Number(perBlock)), register, false);
console.log(`resident memory ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
