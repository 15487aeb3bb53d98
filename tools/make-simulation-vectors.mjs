// Writes vectors/chain/simulations.json: what go-ethereum answered to eth_simulateV1 over the chain of vectors/chain/geth.json, whose blocks
// libs/chain-application makes anew. GETH=path/to/geth node tools/make-simulation-vectors.mjs (1.17.2 made the committed file)
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { depositContract, environmentRequests, forkRequests } from './simulation-environments.mjs';
import { refusedRequests, validatedRequests } from './simulation-refusals.mjs';
import { callRequests } from './simulation-requests.mjs';
import { loadWorkspace, root, runGeth, withGeth } from './vector-sources.mjs';

const bytesOf = (hex) => Buffer.from(hex.slice(2), 'hex');
const hexOf = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;

async function makeBlocks({ openChainApplication, createMemoryKvStore }, { genesis, proposer, blocks }) {
  const app = await openChainApplication({ genesis, store: createMemoryKvStore() });
  const made = [];
  for (const [index, { timestampSec, transactions, hash }] of blocks.entries()) {
    const executed = await app.finalizeBlock({
      height: index + 1,
      timestampSec,
      proposer,
      transactions: transactions.map(bytesOf),
    });
    if (executed.blockHash !== hash) throw new Error(`block ${index + 1} is ${executed.blockHash}`);
    await app.commit(hash);
    made.push({ rlp: hexOf(executed.blockRlp) });
  }
  return made;
}

const told = async (ask, method, requests) => {
  const answers = [];
  for (const params of requests) answers.push({ method, params, ...(await ask(method, params)) });
  return answers;
};

/** On the chain as it is. */
async function presentAnswers(ask, senders) {
  const nonces = [];
  for (const sender of senders.slice(0, 2)) {
    const { result } = await ask('eth_getTransactionCount', [sender, 'latest']);
    nonces.push(Number(result));
  }
  const [from, to] = senders;
  const requests = [
    ...callRequests(senders),
    ...environmentRequests(senders),
    ...validatedRequests(senders, nonces),
    ...refusedRequests(senders),
  ].map((options) => [options, 'latest']);
  requests.push(
    [{ blockStateCalls: [{ calls: [{ from, to }] }, {}] }, '0x3'],
    [{ blockStateCalls: [{ calls: [{ from, input: '0x6002405f5260205ff3' }] }] }, '0x3'],
    [{ blockStateCalls: [{}] }, '0xff'],
  );
  return [...(await told(ask, 'eth_simulateV1', requests)), ...(await told(ask, 'eth_config', [[]]))];
}

/** The same chain, which shall have later forks. */
function withLaterForks(genesis) {
  const [pragueTime, osakaTime, bpo1Time] = [1_800_000_000, 1_810_000_000, 1_820_000_000];
  const prague = { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 };
  const blobSchedule = {
    ...genesis.config.blobSchedule,
    ...{ prague, osaka: prague, bpo1: { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193 } },
  };
  return {
    ...genesis,
    config: {
      ...genesis.config,
      ...{ pragueTime, osakaTime, bpo1Time, blobSchedule },
      depositContractAddress: depositContract,
    },
  };
}

const vector = JSON.parse(readFileSync(join(root, 'vectors/chain/geth.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'simulation-vectors-'));
try {
  const blocks = await makeBlocks(await loadWorkspace(), vector);
  const senders = Object.entries(vector.genesis.alloc)
    .filter(([, { balance, code }]) => code === undefined && BigInt(balance) === 10n ** 21n)
    .map(([sender]) => sender);
  const answers = await withGeth(join(folder, 'present'), vector.genesis, blocks, (ask) =>
    presentAnswers(ask, senders),
  );
  const later = withLaterForks(vector.genesis);
  const laterAnswers = await withGeth(join(folder, 'later'), later, blocks, async (ask) => [
    ...(await told(ask, 'eth_config', [[]])),
    ...(await told(
      ask,
      'eth_simulateV1',
      forkRequests(senders).map((options) => [options, 'latest']),
    )),
  ]);
  const [version] = runGeth(['version']).match(/Version: .*/);
  const text = JSON.stringify({
    madeBy: `go-ethereum ${version}`,
    blocks: blocks.map(({ rlp }) => rlp),
    answers,
    later: { config: later.config, answers: laterAnswers },
  });
  // A bloom without logs is long: 0x0 stands for it.
  const short = text.replaceAll(`"0x${'0'.repeat(512)}"`, '"0x0"');
  writeFileSync(join(root, 'vectors/chain/simulations.json'), `${short}\n`);
  console.log(`${answers.length} and ${laterAnswers.length} answers, ${short.length} bytes`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
