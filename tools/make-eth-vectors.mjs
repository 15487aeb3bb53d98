// Writes vectors/eth/geth.json: blocks that go-ethereum made in developer mode, with their receipts, transactions and proofs of accounts
// and storage as it printed them. Its proofs of receipts and transactions are made of them by @ethereumjs/mpt, since geth gives none; the roots
// are compared with geth's headers. GETH=path/to/geth node tools/make-eth-vectors.mjs
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import solc from 'solc';
import {
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  http,
  keccak256,
  parseAbi,
  toHex,
  toRlp,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'vectors/eth');

/** The account that every geth in developer mode has. */
const DEVELOPER = '0xb71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291';
const abi = parseAbi([
  'function write(bytes32 root, uint32 count)',
  'function plain(bytes32 id, address owner)',
  'function fail()',
]);
const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;
contract Events {
  event SessionRegistered(bytes32 indexed sessionId, bytes32 manifestHash, uint64 startedAt, address indexed owner, bytes32 merkleRoot, uint32 chunkCount);
  event SessionsRegistered(bytes32 indexed root, uint32 count);
  mapping(bytes32 => uint256) public seen;
  function write(bytes32 root, uint32 count) external { seen[root] = count; emit SessionsRegistered(root, count); }
  function plain(bytes32 id, address owner) external {
    emit SessionRegistered(id, keccak256("manifest"), 1763683200, owner, keccak256("root"), 7);
    emit SessionsRegistered(id, 1);
  }
  function fail() external pure { revert("no"); }
}`;

function compile() {
  const input = {
    language: 'Solidity',
    sources: { 'events.sol': { content: SOURCE } },
    settings: { optimizer: { enabled: true }, outputSelection: { '*': { '*': ['evm.bytecode.object'] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const failed = output.errors?.filter(({ severity }) => severity === 'error') ?? [];
  if (failed.length > 0) throw new Error(failed[0].formattedMessage);
  return `0x${output.contracts['events.sol'].Events.evm.bytecode.object}`;
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function startGeth(datadir) {
  const port = await freePort();
  const flags = [
    '--dev',
    '--dev.period',
    '2',
    '--datadir',
    datadir,
    '--ipcdisable',
    '--port',
    '0',
    '--nodiscover',
  ];
  const web = [
    '--http',
    '--http.addr',
    '127.0.0.1',
    '--http.port',
    `${port}`,
    '--http.api',
    'eth,debug,web3',
  ];
  const child = spawn(process.env.GETH ?? 'geth', [...flags, ...web], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (data) => {
      log += data;
      if (log.includes('HTTP server started')) resolve();
    });
    child.on('exit', () => reject(new Error(`geth ended:\n${log}`)));
    child.on('error', reject);
  });
  return { child, url: `http://127.0.0.1:${port}` };
}

const bytes = (hex) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));
const hex = (value) => `0x${Buffer.from(value).toString('hex')}`;
const keyOf = (index) => bytes(toRlp(index === 0 ? '0x' : toHex(index)));

async function trieOf(values) {
  const trie = await createMPT();
  for (const [index, value] of values.entries()) await trie.put(keyOf(index), bytes(value));
  return trie;
}

const call = (functionName, args = []) => encodeFunctionData({ abi, functionName, args });
const word = (at) => `0x${at.toString(16).padStart(64, '0')}`;

/** One transaction of each type that geth takes without blobs, one that fails, and in another block enough for indices of two bytes. */
async function fillBlocks({ client, account, contract }) {
  // Of somebody else: of an account with a delegation geth keeps one transaction at a time.
  const other = privateKeyToAccount(word(77));
  const authorization = await other.signAuthorization({ chainId: 1337, contractAddress: contract, nonce: 0 });
  const old = { gasPrice: 3_000_000_000n };
  const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
  const accessList = [{ address: contract, storageKeys: [word(2)] }];
  const few = [
    { type: 'legacy', ...old, data: call('plain', [word(1), account.address]) },
    { type: 'eip2930', ...old, accessList, data: call('write', [word(2), 3]) },
    { type: 'eip1559', ...fees, data: call('plain', [word(3), account.address]) },
    { type: 'eip1559', ...fees, data: call('fail') },
    { type: 'eip7702', ...fees, authorizationList: [authorization], data: call('write', [word(9), 9]) },
  ];
  const many = Array.from({ length: 140 }, (_, at) => ({
    type: 'eip1559',
    ...fees,
    data: call('write', [word(100 + at), at]),
  }));
  let nonce = await client.getTransactionCount({ address: account.address });
  const numbers = new Set();
  for (const requests of [few, many]) {
    const hashes = [];
    for (const request of requests) {
      const whole = { chainId: 1337, gas: 120_000n, to: contract, ...request, nonce: nonce++ };
      const serializedTransaction = await account.signTransaction(whole);
      hashes.push(await client.sendRawTransaction({ serializedTransaction }));
    }
    const receipts = await Promise.all(hashes.map((hash) => client.waitForTransactionReceipt({ hash })));
    for (const { blockNumber } of receipts) numbers.add(toHex(blockNumber));
  }
  return [...numbers];
}

const WANTED = [0, 1, 2, 3, 4, 15, 16, 127, 128, 139];

async function describeBlock(ask, number) {
  const header = await ask('debug_getRawHeader', number);
  const block = await ask('eth_getBlockByNumber', number, false);
  const receipts = await ask('debug_getRawReceipts', number);
  const raws = await Promise.all(block.transactions.map((each) => ask('debug_getRawTransaction', each)));
  const [receiptTrie, transactionTrie] = [await trieOf(receipts), await trieOf(raws)];
  if (
    hex(receiptTrie.root()) !== block.receiptsRoot ||
    hex(transactionTrie.root()) !== block.transactionsRoot
  )
    throw new Error(`block ${number}: the roots differ`);
  const proofs = [];
  // Behind the last one stands none: a proof of that.
  for (const index of [...WANTED.filter((at) => at < receipts.length), receipts.length])
    proofs.push({
      index,
      receipt: (await createMerkleProof(receiptTrie, keyOf(index))).map(hex),
      transaction: (await createMerkleProof(transactionTrie, keyOf(index))).map(hex),
      receiptValue: receipts[index] ?? null,
      transactionHash: block.transactions[index] ?? null,
      transactionValue: raws[index] ?? null,
    });
  return { number: Number(number), hash: block.hash, header, proofs };
}

async function describeState(ask, contract) {
  const { number, stateRoot } = await ask('eth_getBlockByNumber', 'latest', false);
  // Slots of the mapping, the last of them empty.
  const slots = [2, 100, 239, 5_000].map((at) => keccak256(`${word(at)}${'0'.repeat(64)}`));
  const own = await ask('eth_getProof', contract, slots, number);
  const nobody = await ask('eth_getProof', `0x${'77'.repeat(20)}`, [word(1)], number);
  return { stateRoot, accounts: [own, nobody] };
}

async function describeChain(url) {
  const account = privateKeyToAccount(DEVELOPER);
  const client = createPublicClient({ transport: http(url), pollingInterval: 200 });
  const ask = (method, ...params) => client.request({ method, params });
  const chain = {
    id: 1337,
    name: 'dev',
    nativeCurrency: { name: 'e', symbol: 'e', decimals: 18 },
    rpcUrls: {},
  };
  const wallet = createWalletClient({ account, chain, transport: http(url) });
  const hash = await wallet.deployContract({ abi, bytecode: compile() });
  const { contractAddress: contract } = await client.waitForTransactionReceipt({ hash });
  const numbers = await fillBlocks({ client, account, contract });
  const blocks = [];
  for (const number of numbers) blocks.push(await describeBlock(ask, number));
  const version = await ask('web3_clientVersion');
  const what = 'Made by go-ethereum in developer mode; see vectors/README.md.';
  return { what, version, ...(await describeState(ask, contract)), blocks };
}

const datadir = mkdtempSync(join(tmpdir(), 'geth-'));
const { child, url } = await startGeth(datadir);
try {
  const description = await describeChain(url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'geth.json'), `${JSON.stringify(description, null, 1)}\n`);
  console.log(
    `vectors/eth/geth.json: ${description.version}, ${description.blocks.map(({ number }) => number)}`,
  );
} finally {
  child.removeAllListeners('exit');
  child.kill();
  await new Promise((resolve) => child.once('close', resolve));
  rmSync(datadir, { recursive: true, force: true });
}
