// Executes a chain anew from its genesis, with nothing but the state machine, and says each block's hash and state root. Arguments: genesis.json, and
// a file with the blocks' RLP, one in hex a line.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { bytesToHex, hexToBytes, openChainApplication } from '@lucid/chain-application';
import { decodeHeader, decodeRlp, encodeRlp, type RlpItem } from '@lucid/eth-proof';
import { createMemoryKvStore } from '@lucid/kv-store';

const [genesisPath = '', blocksPath = ''] = process.argv.slice(2);
const app = await openChainApplication({
  genesis: readFileSync(genesisPath, 'utf8'),
  store: createMemoryKvStore(),
});
for (const line of readFileSync(blocksPath, 'utf8').trim().split('\n')) {
  const [header, transactions] = decodeRlp(hexToBytes(line as `0x${string}`)) as [RlpItem, RlpItem[]];
  const told = decodeHeader(encodeRlp(header));
  const { height, blockHash, stateRoot, leftOut } = await app.finalizeBlock({
    height: Number(told.number),
    timestampSec: Number(told.timestamp),
    proposer: bytesToHex(told.coinbase),
    // A typed one is a string of bytes, an untyped one a list.
    transactions: transactions.map((each) => (each instanceof Uint8Array ? each : encodeRlp(each))),
  });
  if (leftOut.length > 0) throw new Error(`block ${height}: a transaction cannot be executed`);
  await app.commit(blockHash);
  process.stdout.write(`${height} ${blockHash} ${stateRoot}\n`);
}
