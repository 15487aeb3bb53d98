/**
 * `lucid-anchor/2`: the session was registered by a transaction of a chain. That its block's header is in the ledger's log is judged apart
 * (ledger-place.ts); here, that the header's block holds the transaction, that it succeeded, and that the contract's event is of this session.
 */

import { base64ToBytes, bytesToHex, equalBytes, hexToBytes } from '@lucid/bytes';
import {
  type BlockHeader,
  blockHash,
  decodeHeader,
  decodeReceipt,
  decodeTransaction,
  EthProofError,
  indexToTrieKey,
  type Log,
  type Receipt,
  verifyTrieProof,
} from '@lucid/eth-proof';
import { leafHash, verifyInclusion } from '@lucid/merkle';
import {
  ANCHOR_CONTRACT,
  type BatchPlace,
  type ChainAnchor,
  parseRegistrationEvent,
  parseSessionLeaf,
  type Registration,
  type RegistrationEvent,
} from '@lucid/session-format';
import type { FaultCode, FaultList } from './fault.ts';
import { compareRegistration } from './registration.ts';
import type { BlockSummary, VerifyOptions } from './verdict.ts';

export interface ChainAnchorInput {
  /** What must have been registered; null where that is not known. */
  readonly expected: Registration | null;
  readonly options: VerifyOptions;
  readonly faults: FaultList;
}

const hexOf = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;

/** What `read` gives, or null with a fault that says what is wrong where. */
function reading<T>(faults: FaultList, code: FaultCode, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EthProofError)) throw error;
    faults.addDetail(code, error.message);
    return null;
  }
}

function readHeader({ faults }: ChainAnchorInput, rlp: Uint8Array): BlockHeader | null {
  const header = reading(faults, 'anchor_malformed', () => decodeHeader(rlp));
  if (header === null) return null;
  const largest = BigInt(Number.MAX_SAFE_INTEGER);
  if (header.number <= largest && header.timestamp <= largest) return header;
  faults.add(
    'anchor_malformed',
    'a block number and a time below 2^53',
    `${header.number}, ${header.timestamp}`,
  );
  return null;
}

interface Proven {
  readonly faults: FaultList;
  readonly code: FaultCode;
  readonly root: Uint8Array;
  readonly index: number;
  readonly proof: readonly string[];
}

/** The value that the block holds at this index, or null with a fault. */
function readProven({ faults, code, root, index, proof }: Proven): Uint8Array | null {
  const nodes = proof.map(base64ToBytes);
  const value = reading(faults, code, () => ({
    found: verifyTrieProof({ root, key: indexToTrieKey(index), nodes }),
  }));
  if (value?.found === null) faults.add(code, `number ${index} of the block`, 'a proof that it has none');
  return value?.found ?? null;
}

/** The hash of the transaction, which the block holds and which is one for this chain. */
function checkTransaction(
  { faults }: ChainAnchorInput,
  anchor: ChainAnchor,
  header: BlockHeader,
): Uint8Array | null {
  const code = 'anchor_transaction_wrong';
  const { transactionIndex: index, transactionProof: proof, chainId } = anchor;
  const value = readProven({ faults, code, root: header.transactionsRoot, index, proof });
  const transaction = value && reading(faults, code, () => decodeTransaction(value));
  if (transaction === null) return null;
  if (transaction.chainId !== BigInt(chainId))
    faults.add(code, `a transaction for chain ${chainId}`, `one for ${transaction.chainId ?? 'any chain'}`);
  return transaction.hash;
}

function readReceipt({ faults }: ChainAnchorInput, anchor: ChainAnchor, header: BlockHeader): Receipt | null {
  const code = 'anchor_receipt_wrong';
  const { transactionIndex: index, receiptProof: proof } = anchor;
  const value = readProven({ faults, code, root: header.receiptsRoot, index, proof });
  return value && reading(faults, code, () => decodeReceipt(value));
}

function checkContract({ options, faults }: ChainAnchorInput, anchor: ChainAnchor, log: Log): void {
  const { anchorContracts = [ANCHOR_CONTRACT] } = options;
  if (!anchorContracts.includes(anchor.contract))
    faults.add('anchor_event_wrong', `the contract ${anchorContracts.join(' or ')}`, anchor.contract);
  if (!equalBytes(log.address, hexToBytes(anchor.contract)))
    faults.add('anchor_event_wrong', `an event of ${anchor.contract}`, `one of ${bytesToHex(log.address)}`);
}

/** The registration at the anchor's place, of the anchor's form. */
function readEvent(input: ChainAnchorInput, anchor: ChainAnchor, receipt: Receipt): RegistrationEvent | null {
  const { faults } = input;
  if (receipt.succeeded !== true) {
    const found = receipt.succeeded === null ? 'a receipt that does not say it' : 'one that was rolled back';
    faults.add('anchor_transaction_failed', 'a transaction that succeeded', found);
    return null;
  }
  const log = receipt.logs[anchor.logIndex];
  if (log === undefined) {
    faults.add(
      'anchor_event_wrong',
      `event ${anchor.logIndex} of the receipt`,
      `${receipt.logs.length} events`,
    );
    return null;
  }
  checkContract(input, anchor, log);
  const event = parseRegistrationEvent(log);
  const kind = anchor.batch === undefined ? 'session' : 'batch';
  if (event?.kind === kind) return event;
  const other = event === null ? 'another event' : `that of a ${event.kind}`;
  faults.add('anchor_event_wrong', `the registration of a ${kind}`, other);
  return null;
}

function compare({ expected, faults }: ChainAnchorInput, found: Registration): void {
  if (expected !== null) compareRegistration(faults, expected, found);
}

function checkLeaf(input: ChainAnchorInput, leaf: Uint8Array): void {
  const registration = parseSessionLeaf(leaf);
  if (registration !== null) compare(input, registration);
  else input.faults.addDetail('anchor_malformed', 'the leaf of its batch is not six fields');
}

function checkBatch(
  { faults }: ChainAnchorInput,
  { count, index, leaf, path }: BatchPlace,
  event: Extract<RegistrationEvent, { kind: 'batch' }>,
): void {
  if (event.count !== count)
    faults.add('anchor_batch_wrong', `a batch of ${event.count} sessions, as registered`, `${count}`);
  const included = verifyInclusion({
    leafHash: leafHash(base64ToBytes(leaf)),
    index,
    size: count,
    proof: path.map(hexToBytes),
    root: event.root,
  });
  if (!included)
    faults.add(
      'anchor_batch_wrong',
      `session ${index} of ${count} in the batch with root ${bytesToHex(event.root)}`,
      'a path that leads elsewhere',
    );
}

/** Null where the header cannot be read. */
export function checkChainAnchor(input: ChainAnchorInput, anchor: ChainAnchor): BlockSummary | null {
  const { batch } = anchor;
  const headerRlp = base64ToBytes(anchor.header);
  const header = readHeader(input, headerRlp);
  if (header === null) return null;
  const receipt = readReceipt(input, anchor, header);
  const event = receipt && readEvent(input, anchor, receipt);
  if (event?.kind === 'session') compare(input, event.registration);
  if (batch !== undefined) checkLeaf(input, base64ToBytes(batch.leaf));
  if (event?.kind === 'batch' && batch !== undefined) checkBatch(input, batch, event);
  const transactionHash = checkTransaction(input, anchor, header);
  return {
    chainId: anchor.chainId,
    number: Number(header.number),
    hash: hexOf(blockHash(headerRlp)),
    timeSec: Number(header.timestamp),
    contract: `0x${anchor.contract}`,
    transactionIndex: anchor.transactionIndex,
    transactionHash: transactionHash && hexOf(transactionHash),
    batch: batch === undefined ? null : { index: batch.index, count: batch.count },
  };
}
