// Writes vectors/chain/geth.json: a small chain of our own genesis, made by libs/chain-application from generated transactions, that go-ethereum
// imported block by block (so it agreed on every root, receipt and gas), and what geth then answered about it: proofs, calls, estimates, access
// lists, traces; and geth's genesis hashes of other forks. GETH=path/to/geth node tools/make-chain-vectors.mjs (1.17.2 made the committed file)
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCustomCommon, Mainnet } from '@ethereumjs/common';
import { createTx } from '@ethereumjs/tx';
import { bytesToHex, privateToAddress } from '@ethereumjs/util';
import { loadWorkspace, quiet, root, runGeth, withGeth } from './vector-sources.mjs';

const gwei = 1_000_000_000n;
const startSec = 1_700_000_000;

// ------------------------------------------------------------------------------------------------ contracts, by hand

const address = (last) => `0x${last.toString(16).padStart(40, '0')}`;
const at = {
  store: address(0x1001),
  reverts: address(0x1002),
  calls: address(0x1003),
  creates: address(0x1004),
  loops: address(0x1005),
  dies: address(0x1006),
};
const padRight = (hex) => hex.padEnd(64, '0');
const forward = '602036035f'; // what follows takes call data behind the first word
const code = {
  // sstore(word 0, word 1); log2(word 1, 0xaa, word 0); return word 1
  store: '0x6020355f35556020355f525f3560aa60205fa260205ff3',
  // revert Error("no")
  reverts: `0x7f${padRight('08c379a0')}5f52602060045260026024527f${padRight('6e6f')}60445260645ffd`,
  // call, delegatecall and staticcall word 0 with the rest; return what the last one said
  calls: `0x6020360360205f3760205f${forward}5f5f355af15060205f${forward}5f355af45060205f${forward}5f355afa5060205ff3`,
  // create and create2 the call data
  creates: '0x365f5f37365f5ff0506001365f5ff55f5260205ff3',
  loops: '0x5b5f56',
  dies: '0x33ff',
};

// ------------------------------------------------------------------------------------------------ transactions

/** xorshift: the same transactions each time. */
function randomSource(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const keys = Array.from({ length: 6 }, (_, index) => new Uint8Array(32).fill(index + 1));
const senders = keys.map((key) => bytesToHex(privateToAddress(key)));
const common = createCustomCommon({ chainId: 1337 }, Mainnet, { hardfork: 'cancun' });
const word = (value) => BigInt(value).toString(16).padStart(64, '0');
const asWord = (hex) => hex.slice(2).padStart(64, '0');

function transactionKinds(random) {
  const slotAndValue = () => `${word(random(6))}${word(random(3) === 0 ? 0 : random(1000))}`;
  return [
    () => ({ to: address(0x9000 + random(40)), value: BigInt(random(1_000_000)), gasLimit: 21_000 }),
    () => ({ to: senders[random(6)], value: 1n, gasLimit: 21_000 + random(50) }),
    () => ({ to: at.store, data: `0x${slotAndValue()}`, gasLimit: 100_000 }),
    () => ({ to: at.store, data: `0x${slotAndValue()}`, gasLimit: 24_000 + random(20_000) }),
    () => ({ to: at.reverts, gasLimit: 60_000 }),
    () => ({ to: at.calls, data: `0x${asWord(at.store)}${slotAndValue()}`, gasLimit: 300_000 }),
    () => ({ to: at.calls, data: `0x${asWord(at.reverts)}`, gasLimit: 200_000 }),
    // Init code that returns the code "PUSH0 PUSH0 REVERT", twice the same by create2.
    () => ({ to: at.creates, data: `0x625f5ffd5f526003601d${['f3', 'fd'][random(2)]}`, gasLimit: 300_000 }),
    () => ({ data: `0x60${word(random(256)).slice(62)}5f5360015ff3`, gasLimit: 120_000 }),
    () => ({ data: '0xfe', gasLimit: 60_000 }),
    () => ({ to: at.loops, gasLimit: 50_000 }),
    () => ({ to: at.dies, value: 3n, gasLimit: 60_000 }),
    // sha256, ecrecover, modexp and identity with little input
    () => ({ to: address(1 + random(9)), data: `0x${word(1)}${word(1)}${word(1)}020305`, gasLimit: 100_000 }),
  ];
}

function transactionMaker() {
  const random = randomSource(1337);
  const kinds = transactionKinds(random);
  const nonces = keys.map(() => 0);
  return () => {
    const sender = random(keys.length);
    const type = random(3);
    const fees =
      type === 2
        ? { maxFeePerGas: 10n * gwei, maxPriorityFeePerGas: BigInt(random(3)) * gwei }
        : { gasPrice: 5n * gwei };
    const list =
      type === 1 ? { accessList: [{ address: at.store, storageKeys: [`0x${word(random(6))}`] }] } : {};
    const body = kinds[random(kinds.length)]();
    if (type === 1) body.gasLimit += 5_000;
    const data = { type, chainId: 1337, nonce: nonces[sender], ...fees, ...list, ...body };
    nonces[sender] += 1;
    return bytesToHex(createTx(data, { common }).sign(keys[sender]).serialize());
  };
}

// ------------------------------------------------------------------------------------------------ the chain

async function makeChain({ lucidGenesis, openChainApplication, createMemoryKvStore }) {
  const alloc = Object.fromEntries(senders.map((sender) => [sender, { balance: 10n ** 21n }]));
  for (const [name, where] of Object.entries(at)) alloc[where] = { code: code[name], balance: 1n };
  alloc[at.store].storage = { [`0x${word(1)}`]: `0x${word(7)}` };
  const genesis = lucidGenesis({ alloc, timestampSec: startSec });
  const app = await openChainApplication({ genesis, store: createMemoryKvStore() });
  const make = transactionMaker();
  const blocks = [];
  for (let height = 1; height <= 10; height++) {
    const transactions = Array.from({ length: height === 5 ? 0 : 14 }, make);
    const timestampSec = startSec + height * 3;
    const executed = await app.finalizeBlock({
      height,
      timestampSec,
      proposer: address(0xc0ffee),
      transactions: transactions.map((raw) => Buffer.from(raw.slice(2), 'hex')),
    });
    if (executed.leftOut.length > 0)
      throw new Error(`block ${height}: ${executed.leftOut[0].refusal.message}`);
    await app.commit();
    blocks.push({
      timestampSec,
      transactions,
      hash: executed.blockHash,
      rlp: bytesToHex(executed.blockRlp),
      transactionHashes: executed.results.map(({ hash }) => hash),
    });
  }
  return { genesis, blocks };
}

// ------------------------------------------------------------------------------------------------ geth

const quantity = (value) => `0x${value.toString(16)}`;

function requests(blocks) {
  const [from] = senders;
  const slot = (value) => `0x${word(value)}`;
  const head = quantity(blocks.length);
  const asked = [];
  for (const height of ['0x0', '0x3', head]) {
    for (const who of [from, at.store, address(0x9001), address(0xdead)])
      asked.push(['eth_getProof', [who, [slot(0), slot(1), slot(5)], height]]);
  }
  const calls = [
    { from, to: at.store, data: `0x${word(1)}${word(9)}` },
    { from, to: at.store, data: `0x${word(77)}${word(9)}` },
    { from, to: at.reverts },
    { from, to: at.calls, data: `0x${asWord(at.store)}${word(3)}${word(4)}` },
    { from, to: at.calls, data: `0x${asWord(at.reverts)}` },
    { from, to: at.creates, data: '0x625f5ffd5f526003601df3' },
    { from, data: '0x60415f5360015ff3' },
    { from, to: address(0x9002), value: '0x5' },
    { from: address(0xdead), to: address(0x9002), value: '0x5' },
    { from, to: at.loops, gas: '0x186a0' },
    { from, to: at.store, data: `0x${word(1)}${word(9)}`, gas: '0x5208' },
    { from, to: address(2), data: '0x616263' },
  ];
  for (const call of calls) {
    for (const method of ['eth_call', 'eth_estimateGas', 'eth_createAccessList'])
      asked.push([method, [call, head]]);
    asked.push(['debug_traceCall', [call, head, { tracer: 'callTracer', tracerConfig: { withLog: true } }]]);
  }
  const traced = [blocks[0], blocks[2], blocks[blocks.length - 1]].flatMap(({ transactionHashes }) =>
    transactionHashes.slice(0, 8),
  );
  for (const hash of traced) {
    asked.push(['debug_traceTransaction', [hash, { tracer: 'callTracer', tracerConfig: { withLog: true } }]]);
    asked.push(['debug_traceTransaction', [hash, { enableReturnData: true }]]);
  }
  return asked;
}

/** Struct logs of a loop are long and all alike. */
const isShort = ({ result }) => (result?.structLogs?.length ?? 0) <= 120;

function genesisHash(folder, name, genesis) {
  const data = join(folder, name);
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(genesis));
  runGeth(['init', '--datadir', data, file]);
  const printed = runGeth([
    '--datadir',
    data,
    ...quiet,
    '--authrpc.port',
    '0',
    '--exec',
    'eth.getBlock(0).hash + " " + eth.getBlock(0).stateRoot',
    'console',
  ]);
  const [, hash, stateRoot] = printed.match(/"(0x[0-9a-f]{64}) (0x[0-9a-f]{64})"/);
  return { name, genesis, hash, stateRoot };
}

/** The same accounts under the rules of other forks; geth must run after the merge, so each chain has had it. */
function otherGeneses(folder, { genesis }) {
  const { cancunTime, shanghaiTime, blobSchedule, ...paris } = genesis.config;
  const prague = {
    cancun: blobSchedule.cancun,
    prague: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
  };
  const alloc = Object.fromEntries(Object.entries(genesis.alloc).slice(0, 8));
  const base = { ...genesis, alloc };
  return [
    genesisHash(folder, 'paris', { ...base, config: paris, nonce: '0x42' }),
    genesisHash(folder, 'shanghai', {
      ...base,
      config: { ...paris, shanghaiTime: 0 },
      coinbase: address(0xc0),
    }),
    genesisHash(folder, 'cancun', { ...base, excessBlobGas: '0x20000', mixHash: `0x${word(99)}` }),
    genesisHash(folder, 'prague', {
      ...base,
      config: { ...genesis.config, pragueTime: 0, blobSchedule: prague },
    }),
  ];
}

const workspace = await loadWorkspace();
const folder = mkdtempSync(join(tmpdir(), 'chain-vectors-'));
try {
  const chain = await makeChain(workspace);
  const head = chain.blocks.at(-1);
  const answers = await withGeth(folder, chain.genesis, chain.blocks, async (ask) => {
    const { result } = await ask('eth_getBlockByNumber', [quantity(chain.blocks.length), false]);
    if (result?.hash !== head.hash) throw new Error(`geth's head is ${result?.hash}, ours is ${head.hash}`);
    const told = [];
    for (const [method, params] of requests(chain.blocks))
      told.push({ method, params, ...(await ask(method, params)) });
    return told.filter(isShort);
  });
  const blocks = chain.blocks.map(({ timestampSec, transactions, hash }) => ({
    timestampSec,
    transactions,
    hash,
  }));
  const geneses = otherGeneses(folder, chain);
  const [version] = runGeth(['version']).match(/Version: .*/);
  mkdirSync(join(root, 'vectors/chain'), { recursive: true });
  const text = JSON.stringify({
    madeBy: `go-ethereum ${version}`,
    proposer: address(0xc0ffee),
    genesis: chain.genesis,
    blocks,
    answers,
    geneses,
  });
  writeFileSync(join(root, 'vectors/chain/geth.json'), `${text}\n`);
  console.log(
    `${blocks.length} blocks, ${answers.length} answers, ${geneses.length} geneses, ${text.length} bytes`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
