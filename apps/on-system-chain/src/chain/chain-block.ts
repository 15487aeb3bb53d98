/**
 * A block of the chain with its receipts and senders, as the ledger keeps it. Everything is read from the bytes when it is
 * asked for; JSON that was asked for once stays with the block, since a receipt is asked for again and again.
 */
import type { KeptBlock } from '@lucid/chain-wire';
import { bytesToQuantity, toHex, toQuantity } from '@lucid/chain-wire';
import { describeHeader, type Header, readHeader } from '../formats/header.ts';
import { contractAddressOf, hashOf } from '../formats/keccak.ts';
import {
  describeLogs,
  describeReceipt,
  type LogPlace,
  type ReadReceipt,
  readReceipts,
} from '../formats/receipt.ts';
import { envelopeOf, RlpFault, splitList, stringOf } from '../formats/rlp-slices.ts';
import {
  blobCountOf,
  describeTransaction,
  effectivePriceOf,
  nonceOf,
  readTransaction,
  receiverOf,
} from '../formats/transaction.ts';
import { blobBaseFee } from './fees.ts';

const gasOfBlob = 131_072n;

/** A JSON text takes two bytes of memory for each byte of the block that it shows in hex, and names besides. */
const textFactor = 1.1;

export class ChainBlock {
  readonly header: Header;
  readonly hash: string;
  readonly headerRlp: Uint8Array;
  /** RLP [header, [transaction, …], [ommer, …], [withdrawal, …]?]. */
  readonly blockRlp: Uint8Array;
  /** As they were signed (EIP-2718). */
  readonly transactions: readonly Uint8Array[];
  readonly receiptEnvelopes: readonly Uint8Array[];
  readonly #senders: readonly Uint8Array[];
  readonly #receiptTexts: (string | undefined)[] = [];
  readonly #hashes: (string | undefined)[];
  #receipts: ReadReceipt[] | undefined;
  readonly #receiptBytes: number;
  #textBytes = 0;

  /**
   * @param hashes of the transactions, where they are known already.
   * @throws RlpFault
   */
  constructor({ block, receipts, senders }: KeptBlock, hashes?: readonly string[]) {
    const [header, transactions] = splitList(block);
    if (!header || !transactions) throw new RlpFault('a block has a header and transactions');
    this.blockRlp = block;
    this.headerRlp = header;
    this.header = readHeader(header);
    this.hash = hashOf(header);
    this.transactions = splitList(transactions).map(envelopeOf);
    this.receiptEnvelopes = receipts;
    this.#receiptBytes = receipts.reduce((sum, { length }) => sum + length, 0);
    this.#senders = senders;
    this.#hashes = hashes ? [...hashes] : [];
    if (receipts.length !== this.transactions.length || senders.length !== this.transactions.length)
      throw new RlpFault('receipts or senders are missing');
  }

  /** A block that was tried out: only its members and transactions can be told. @throws RlpFault */
  static withoutReceipts(block: Uint8Array, senders: readonly Uint8Array[]): ChainBlock {
    return new ChainBlock({ block, senders, receipts: senders.map(() => new Uint8Array()) });
  }

  get height(): number {
    return this.header.height;
  }

  /** Of memory, about. */
  get sizeBytes(): number {
    return (this.blockRlp.length + this.#receiptBytes) * 2 + this.#textBytes + 2048;
  }

  hashAt(index: number): string {
    this.#hashes[index] ??= hashOf(this.transactions[index] as Uint8Array);
    return this.#hashes[index];
  }

  /** Of the transactions. */
  get hashes(): readonly string[] {
    return this.transactions.map((_each, index) => this.hashAt(index));
  }

  senderOf(index: number): string {
    return toHex(this.#senders[index] as Uint8Array);
  }

  nonceOf(index: number): number {
    return Number(nonceOf(readTransaction(this.transactions[index] as Uint8Array)));
  }

  get receipts(): readonly ReadReceipt[] {
    this.#receipts ??= readReceipts(this.receiptEnvelopes);
    return this.#receipts;
  }

  #placeOf(index: number): LogPlace {
    return {
      blockHash: this.hash,
      blockNumber: toQuantity(this.height),
      blockTimestamp: toQuantity(this.header.timestampSec),
      transactionHash: this.hashAt(index),
      transactionIndex: toQuantity(index),
    };
  }

  /** Transaction object of execution-apis. */
  describeTransaction(index: number) {
    const place = this.#placeOf(index);
    return describeTransaction(this.transactions[index] as Uint8Array, {
      hash: place.transactionHash,
      sender: this.senderOf(index),
      place,
      baseFee: this.header.baseFee,
    });
  }

  /** JSON of the receipt object of execution-apis. */
  receiptText(index: number): string {
    const known = this.#receiptTexts[index];
    if (known !== undefined) return known;
    const text = JSON.stringify(this.#describeReceipt(index));
    this.#receiptTexts[index] = text;
    this.#textBytes += text.length * textFactor;
    return text;
  }

  #describeReceipt(index: number) {
    const transaction = readTransaction(this.transactions[index] as Uint8Array);
    const sender = this.#senders[index] as Uint8Array;
    const to = receiverOf(transaction);
    const blobs = blobCountOf(transaction);
    return describeReceipt(this.receipts[index] as ReadReceipt, {
      place: this.#placeOf(index),
      sender: toHex(sender),
      to,
      contractAddress:
        to === null
          ? contractAddressOf(sender, stringOf(transaction.members[transaction.shape.nonce]))
          : null,
      effectiveGasPrice: effectivePriceOf(transaction, this.header.baseFee),
      blobs:
        blobs === 0
          ? undefined
          : { gasUsed: BigInt(blobs) * gasOfBlob, gasPrice: blobBaseFee(this.header) ?? 1n },
    });
  }

  /** Log objects of the whole block. */
  describeLogs() {
    return this.receipts.flatMap((receipt, index) => describeLogs(receipt, this.#placeOf(index)));
  }

  /** Header object of `newHeads`. */
  describeHead() {
    return { hash: this.hash, ...describeHeader(this.headerRlp) };
  }

  get uncleHashes(): string[] {
    const [, , ommers] = splitList(this.blockRlp);
    return splitList(ommers as Uint8Array).map(hashOf);
  }

  /** Block object of execution-apis. */
  describe(withTransactions: boolean) {
    const [, , , withdrawals] = splitList(this.blockRlp);
    return {
      ...this.describeHead(),
      size: toQuantity(this.blockRlp.length),
      transactions: withTransactions
        ? this.transactions.map((_each, index) => this.describeTransaction(index))
        : this.hashes,
      uncles: this.uncleHashes,
      ...(withdrawals ? { withdrawals: splitList(withdrawals).map(describeWithdrawal) } : {}),
    };
  }
}

function describeWithdrawal(item: Uint8Array) {
  const [index, validator, address, amount] = splitList(item).map(stringOf);
  const quantity = (bytes: Uint8Array | undefined) => bytesToQuantity(bytes ?? new Uint8Array());
  return {
    index: quantity(index),
    validatorIndex: quantity(validator),
    address: toHex(address ?? new Uint8Array()),
    amount: quantity(amount),
  };
}
