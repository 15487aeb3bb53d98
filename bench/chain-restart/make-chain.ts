/** Blocks of one transfer each on top of a genesis, one a second, into a file as `geth export` writes it: GENESIS KEY COUNT FILE. */
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { createCustomCommon, Mainnet } from '@ethereumjs/common';
import { createTx } from '@ethereumjs/tx';
import { bytesToHex, hexToBytes, privateToAddress } from '@ethereumjs/util';
import { type Hex, openChainApplication } from '@lucid/chain-application';
import { createMemoryKvStore } from '@lucid/kv-store';

const [genesisPath = '', keyPath = '', count = '', target = ''] = process.argv.slice(2);
const genesis = readFileSync(genesisPath, 'utf8');
const key = hexToBytes(`0x${readFileSync(keyPath, 'utf8').trim()}`);
const sender: Hex = bytesToHex(privateToAddress(key));
const common = createCustomCommon({ chainId: 1337 }, Mainnet, { hardfork: 'cancun' });
const fees = { gasPrice: 10n ** 10n, gasLimit: 21_000, value: 1n };

const startSec = Number(JSON.parse(genesis).timestamp);
const app = await openChainApplication({ genesis, store: createMemoryKvStore() });
const file = createWriteStream(target);
for (let height = 1; height <= Number(count); height++) {
  const to: Hex = `0x${(0x10000 + (height % 20_000)).toString(16).padStart(40, '0')}`;
  const transaction = createTx({ type: 0, nonce: height - 1, to, ...fees }, { common }).sign(key);
  const proposal = { height, timestampSec: startSec + height, proposer: sender };
  const block = await app.finalizeBlock({ ...proposal, transactions: [transaction.serialize()] });
  if (block.results[0]?.status !== 1) throw new Error(`block ${height} does not hold its transfer`);
  await app.commit(block.blockHash);
  if (!file.write(block.blockRlp)) await once(file, 'drain');
}
file.end();
await once(file, 'finish');
