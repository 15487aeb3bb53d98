/** Runs a GeneralStateTest of ethereum/tests: pre-state, one transaction, state root and hash of the logs afterwards. */
import { createBlock } from '@ethereumjs/block';
import { RLP } from '@ethereumjs/rlp';
import { Account, Address } from '@ethereumjs/util';
import { createMemoryKvStore } from '@lucid/kv-store';
import { createChainConfig } from '../src/chain-config.ts';
import { ChainState } from '../src/chain-state.ts';
import { keccak256 } from '../src/crypto.ts';
import { parseTransaction, senderOf } from '../src/decode-transaction.ts';
import { parseGenesis } from '../src/genesis.ts';
import { lucidGenesis } from '../src/index.ts';
import { judgeForm } from '../src/judge-transaction.ts';
import { createMachine } from '../src/machine.ts';
import { createPendingWrites, NodeStore } from '../src/node-store.ts';
import { runTransaction } from '../src/run-transaction.ts';
import { emptyRootKey } from '../src/trie.ts';
import { bytesToHex, hexToBytes, keyToBytes } from '../src/values.ts';

interface PreAccount {
  readonly balance: string;
  readonly nonce: string;
  readonly code: string;
  readonly storage: Readonly<Record<string, string>>;
}

export interface PostState {
  readonly hash: string;
  readonly logs: string;
  readonly txbytes: string;
  readonly expectException?: string;
}

export interface StateTest {
  readonly env: Readonly<Record<string, string>>;
  readonly pre: Readonly<Record<string, PreAccount>>;
  readonly post: Readonly<Record<string, readonly PostState[]>>;
}

const config = (() => {
  const genesis = lucidGenesis({ alloc: {}, timestampSec: 0 });
  const named = { ...genesis, config: { ...(genesis.config as object), chainId: 1 } };
  return createChainConfig(parseGenesis(named).gethConfig);
})();
const rules = config.rulesOf('cancun');
const limits = {
  maxTransactions: 1,
  maxTransactionsSizeBytes: 1e9,
  maxTransactionSizeBytes: 1e9,
  maxTransactionGas: 1n << 64n,
  minGasPriceWei: 0n,
};

const word = (hex: string): Uint8Array => hexToBytes(`0x${hex.slice(2).padStart(64, '0')}`);
const evenBytes = (hex: string): Uint8Array => hexToBytes(hex.length % 2 ? `0x0${hex.slice(2)}` : hex);

async function prepare(test: StateTest): Promise<ChainState> {
  const store = new NodeStore(createMemoryKvStore(), { cachedNodes: 10_000, cachedCodes: 100 });
  const state = new ChainState(store, emptyRootKey, createPendingWrites());
  for (const [name, account] of Object.entries(test.pre)) {
    const address = new Address(hexToBytes(name));
    await state.putAccount(address, new Account(BigInt(account.nonce), BigInt(account.balance)));
    if (account.code !== '0x') await state.putCode(address, evenBytes(account.code));
    for (const [slot, value] of Object.entries(account.storage))
      await state.putStorage(address, word(slot), word(value));
  }
  await state.flush();
  return state;
}

const blockOf = (env: StateTest['env']) =>
  createBlock(
    {
      header: {
        number: BigInt(env.currentNumber!),
        timestamp: BigInt(env.currentTimestamp!),
        gasLimit: BigInt(env.currentGasLimit!),
        coinbase: new Address(hexToBytes(env.currentCoinbase!)),
        mixHash: word(env.currentRandom ?? '0x00'),
        baseFeePerGas: BigInt(env.currentBaseFee ?? '0x0a'),
        excessBlobGas: BigInt(env.currentExcessBlobGas ?? '0x00'),
      },
      withdrawals: [],
    },
    { common: rules },
  );

export interface StateTestOutcome {
  readonly hash: string;
  readonly logs: string;
  readonly refused: string | null;
}

export async function runStateTest(test: StateTest, post: PostState): Promise<StateTestOutcome> {
  const state = await prepare(test);
  const machine = await createMachine(rules, state, async (height) =>
    keccak256(new TextEncoder().encode(String(height))),
  );
  const block = blockOf(test.env);
  let refused: string | null = null;
  let logs: unknown = [];
  try {
    const raw = hexToBytes(post.txbytes);
    const parsed = parseTransaction(raw);
    // Blob transactions are left to ethereumjs: our own blocks have none.
    const form =
      parsed.type === 3
        ? null
        : judgeForm(parsed, { rules, limits, chainId: 1n, blockGasLimit: block.header.gasLimit });
    if (form !== null) throw new Error(form.message);
    const outcome = await runTransaction(
      machine,
      block,
      { parsed, hash: keccak256(raw), sender: senderOf(parsed) },
      0n,
    );
    logs = outcome.details.receipt.logs;
  } catch (error) {
    refused = error instanceof Error ? error.message : String(error);
  }
  return {
    hash: bytesToHex(keyToBytes(await state.flush())),
    logs: bytesToHex(keccak256(RLP.encode(logs as never))),
    refused,
  };
}
