/**
 * Makes the next block of a proposal (ABCI FinalizeBlock): judges each transaction on the state at its turn, executes what may be
 * executed and leaves out the rest, by rules that depend on the proposal and the state alone.
 */
import { type Block, type BlockHeader, createBlock, createBlockHeader } from '@ethereumjs/block';
import { Address } from '@ethereumjs/util';
import { decodeRlp, encodeRlp, type RlpItem } from '@lucid/eth-proof';
import type {
  BlockLimits,
  BlockProposal,
  ExecutedBlock,
  LeftOutTransaction,
  Refused,
} from './application.ts';
import { mergeBloom } from './bloom.ts';
import { keccak256 } from './crypto.ts';
import {
  type ParsedTransaction,
  parseTransaction,
  senderOf,
  TransactionFault,
} from './decode-transaction.ts';
import { ChainError } from './error.ts';
import { expectedBaseFee } from './header-rules.ts';
import { isSuspectSender, judgeForm, judgeTurn, mayNotSend, refusalOf, refuse } from './judge-transaction.ts';
import type { Machine } from './machine.ts';
import { describeResult, type ResultDetails } from './receipt.ts';
import { type ReadyTransaction, runTransaction } from './run-transaction.ts';
import { listRoot } from './trie.ts';
import { bytesToHex, hexToBytes, keyToBytes } from './values.ts';

const defaultExtraData = new TextEncoder().encode('lucid');
/** How many transactions are executed before others in this process get their turn. */
const transactionsBetweenYields = 32;
const gasBetweenYields = 2_000_000n;

export interface ExecutionContext {
  readonly machine: Machine;
  readonly parent: Block;
  readonly chainId: bigint;
  readonly limits: BlockLimits;
  /** Sender that is known by the hash of the transaction. */
  readonly knownSender: (hash: Uint8Array) => Uint8Array | undefined;
  readonly yieldTurn: () => Promise<void>;
}

const invalid = (what: string): ChainError => new ChainError('block_invalid', what);

function assertProposal(proposal: BlockProposal, { parent, machine }: ExecutionContext): void {
  const { timestampSec, extraData = defaultExtraData } = proposal;
  if (!Number.isSafeInteger(timestampSec) || BigInt(timestampSec) <= parent.header.timestamp)
    throw invalid(`timestamp ${timestampSec} is not after the parent's ${parent.header.timestamp}`);
  if (extraData.length > 32) throw invalid(`extra-data too long: ${extraData.length} > 32`);
  if (!/^0x[0-9a-fA-F]{40}$/.test(proposal.proposer)) throw invalid('the proposer is no address');
  if (proposal.senders !== undefined && proposal.senders.length !== proposal.transactions.length)
    throw invalid('there are not as many senders as transactions');
  if (machine.rules.consensusType() !== 'pos') throw invalid('blocks before the merge can only be imported');
  if (machine.rules.isActivatedEIP(7685)) throw invalid('blocks of Prague and later can only be imported');
}

/** Header of the block before anything is executed: what the transactions see. */
function openHeader(proposal: BlockProposal, context: ExecutionContext): BlockHeader {
  const { parent, machine } = context;
  const { rules } = machine;
  const blobs = rules.isActivatedEIP(4844)
    ? {
        excessBlobGas: parent.common.isActivatedEIP(4844) ? parent.header.calcNextExcessBlobGas(rules) : 0n,
        blobGasUsed: 0n,
        parentBeaconBlockRoot: new Uint8Array(32),
      }
    : {};
  return createBlockHeader(
    {
      parentHash: parent.hash(),
      coinbase: new Address(hexToBytes(proposal.proposer)),
      number: parent.header.number + 1n,
      gasLimit: parent.header.gasLimit,
      timestamp: BigInt(proposal.timestampSec),
      extraData: proposal.extraData ?? defaultExtraData,
      mixHash: keccak256(Buffer.concat([parent.header.mixHash, parent.hash()])),
      baseFeePerGas: expectedBaseFee(rules, parent.header),
      ...blobs,
    },
    { common: rules },
  );
}

interface Progress {
  gasUsed: bigint;
  sizeBytes: number;
  readonly bloom: Uint8Array;
  readonly included: ReadyTransaction[];
  readonly details: ResultDetails[];
  readonly leftOut: LeftOutTransaction[];
}

/** The transaction with hash and sender, or why it is none. */
function makeReady(
  raw: Uint8Array,
  hash: Uint8Array,
  sender: Uint8Array | undefined,
  context: ExecutionContext,
): ReadyTransaction | Refused {
  try {
    const parsed = parseTransaction(raw);
    return { parsed, hash, sender: sender ?? context.knownSender(hash) ?? senderOf(parsed) };
  } catch (error) {
    if (error instanceof TransactionFault) return refusalOf(error);
    throw error;
  }
}

function judgeRoom(
  parsed: ParsedTransaction,
  block: Block,
  progress: Progress,
  limits: BlockLimits,
): Refused | null {
  const full =
    progress.included.length >= limits.maxTransactions ||
    progress.sizeBytes + parsed.raw.length > limits.maxTransactionsSizeBytes ||
    progress.gasUsed + parsed.gasLimit > block.header.gasLimit;
  return full ? refuse('block_full', 'gas limit reached: the block has no room for the transaction') : null;
}

async function judgeOnState(
  ready: ReadyTransaction,
  block: Block,
  context: ExecutionContext,
): Promise<Refused | null> {
  const { state, rules } = context.machine;
  const account = await state.fields(ready.sender);
  if (isSuspectSender(account)) {
    const code = await state.getCode(new Address(ready.sender));
    const delegated = rules.isActivatedEIP(7702) && code.length === 23 && code[0] === 0xef && code[1] === 1;
    if (!delegated) return mayNotSend(ready.sender, code.length);
  }
  return judgeTurn(ready.parsed, ready.sender, account, block.header.baseFeePerGas);
}

async function execute(ready: ReadyTransaction, block: Block, context: ExecutionContext, progress: Progress) {
  const { parsed } = ready;
  const { rules } = context.machine;
  const { chainId, limits } = context;
  const refused =
    judgeForm(parsed, { rules, limits, chainId, blockGasLimit: block.header.gasLimit }) ??
    judgeRoom(parsed, block, progress, limits) ??
    (await judgeOnState(ready, block, context));
  if (refused !== null) return refused;
  try {
    return await runTransaction(context.machine, block, ready, progress.gasUsed);
  } catch (error) {
    // A store that fails is no fault of the transaction; what ethereumjs refuses is.
    if (error instanceof Error && !('code' in error))
      return refuse('malformed', 'the transaction cannot be executed');
    throw error;
  }
}

async function executeAll(
  proposal: BlockProposal,
  block: Block,
  context: ExecutionContext,
): Promise<Progress> {
  const progress: Progress = {
    gasUsed: 0n,
    sizeBytes: 0,
    bloom: new Uint8Array(256),
    included: [],
    details: [],
    leftOut: [],
  };
  let yieldAtGas = gasBetweenYields;
  for (const [index, raw] of proposal.transactions.entries()) {
    const hash = keccak256(raw);
    const given = proposal.senders?.[index];
    const ready = makeReady(raw, hash, given === undefined ? undefined : hexToBytes(given), context);
    const outcome = 'ok' in ready ? ready : await execute(ready, block, context, progress);
    if ('ok' in outcome) {
      progress.leftOut.push({ index, hash: bytesToHex(hash), refusal: outcome });
    } else {
      progress.gasUsed += outcome.gasUsed;
      progress.sizeBytes += raw.length;
      progress.included.push(ready as ReadyTransaction);
      progress.details.push(outcome.details);
      if (outcome.details.receipt.logs.length > 0) mergeBloom(progress.bloom, outcome.details.receipt.bloom);
    }
    if (
      index % transactionsBetweenYields === transactionsBetweenYields - 1 ||
      progress.gasUsed > yieldAtGas
    ) {
      yieldAtGas = progress.gasUsed + gasBetweenYields;
      await context.yieldTurn();
    }
  }
  return progress;
}

/** Body in RLP: typed transactions are strings, legacy ones lists. */
function encodeBlock(
  header: BlockHeader,
  included: readonly ReadyTransaction[],
  withdrawals: boolean,
): Uint8Array {
  const transactions = included.map(({ parsed }) => (parsed.type === 0 ? decodeRlp(parsed.raw) : parsed.raw));
  const body: RlpItem[] = [header.raw() as RlpItem, transactions, []];
  if (withdrawals) body.push([]);
  return encodeRlp(body);
}

export interface MadeBlock {
  readonly executed: ExecutedBlock;
  readonly block: Block;
}

/** Leaves the state changed; whoever gives the block up sets the state back. */
export async function makeBlock(proposal: BlockProposal, context: ExecutionContext): Promise<MadeBlock> {
  assertProposal(proposal, context);
  const { machine } = context;
  const withdrawals = machine.rules.isActivatedEIP(4895);
  const opened = openHeader(proposal, context);
  const open = createBlock(
    { header: opened, ...(withdrawals ? { withdrawals: [] } : {}) },
    { common: machine.rules },
  );
  await storeBeaconRoot(machine, opened);
  const progress = await executeAll(proposal, open, context);
  const results = progress.details.map(describeResult);
  const stateRoot = keyToBytes(await machine.state.flush());
  const transactionsTrie = keyToBytes(listRoot(progress.included.map(({ parsed }) => parsed.raw)));
  const receiptTrie = keyToBytes(listRoot(results.map(({ receiptRlp }) => receiptRlp)));
  const sealed = {
    stateRoot,
    transactionsTrie,
    receiptTrie,
    logsBloom: progress.bloom,
    gasUsed: progress.gasUsed,
  };
  const header = createBlockHeader({ ...opened, ...sealed }, { common: machine.rules });
  const block = createBlock(
    { header, ...(withdrawals ? { withdrawals: [] } : {}) },
    { common: machine.rules },
  );
  const blockHash = header.hash();
  return {
    block,
    executed: {
      height: Number(header.number),
      blockHash: bytesToHex(blockHash),
      stateRoot: bytesToHex(stateRoot),
      timestampSec: proposal.timestampSec,
      blockRlp: encodeBlock(header, progress.included, withdrawals),
      headerRlp: header.serialize(),
      parentHash: bytesToHex(header.parentHash),
      gasUsed: progress.gasUsed,
      baseFeePerGas: header.baseFeePerGas,
      receiptsRoot: bytesToHex(receiptTrie),
      transactionsRoot: bytesToHex(transactionsTrie),
      logsBloom: progress.bloom,
      results,
      leftOut: progress.leftOut,
    },
  };
}

const beaconRoots = new Address(hexToBytes('0x000f3df6d732807ef1319fb7b8bb8522d0beac02'));
const beaconRootsLength = 8191n;

/** EIP-4788: where its contract is deployed, it keeps the time and the root, which is zero on a chain without beacon. */
export async function storeBeaconRoot(machine: Machine, header: BlockHeader): Promise<void> {
  if (!machine.rules.isActivatedEIP(4788)) return;
  if ((await machine.state.getCodeSize(beaconRoots)) === 0) return;
  const word = (value: bigint): Uint8Array => hexToBytes(`0x${value.toString(16).padStart(64, '0')}`);
  const slot = header.timestamp % beaconRootsLength;
  await machine.state.putStorage(beaconRoots, word(slot), word(header.timestamp));
  await machine.state.putStorage(beaconRoots, word(slot + beaconRootsLength), header.parentBeaconBlockRoot!);
}
