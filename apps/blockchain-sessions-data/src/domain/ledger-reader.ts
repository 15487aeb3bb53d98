/** Events of a range of blocks, from the ledger: by its search, and by the block itself where one has more than a search gives. */
import { bytesToHex } from '@lucid/bytes';
import { decodeKeptBlock } from '@lucid/chain-wire';
import type { blockchainLedgerContract } from '@lucid/contracts';
import {
  blockHash,
  decodeHeader,
  decodeReceipt,
  decodeRlp,
  encodeRlp,
  keccak256,
  type RlpItem,
} from '@lucid/eth-proof';
import { type Client, isProblem } from '@lucid/service-kit';
import { type ChainEvent, type Log, readChainEvent, watchedContracts } from './chain-event.ts';

export type Ledger = Client<typeof blockchainLedgerContract>;

const hexOf = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;

/** A legacy transaction is a list, a typed one the bytes of a string (EIP-2718). */
const envelopeOf = (item: RlpItem): Uint8Array => (item instanceof Uint8Array ? item : encodeRlp(item));

async function logsOfBlock(ledger: Ledger, height: number): Promise<Log[]> {
  const kept = decodeKeptBlock(await ledger.getBlock({ params: { height } }));
  const [headerItem, transactions] = decodeRlp(kept.block, 'block') as readonly [RlpItem, readonly RlpItem[]];
  const header = encodeRlp(headerItem);
  const timestampSec = Number(decodeHeader(header).timestamp);
  const hash = hexOf(blockHash(header));
  let logIndex = 0;
  return kept.receipts.flatMap((receipt, transactionIndex) => {
    const transactionHash = hexOf(keccak256(envelopeOf(transactions[transactionIndex] as RlpItem)));
    return decodeReceipt(receipt).logs.map((log) => ({
      address: hexOf(log.address),
      topics: log.topics.map(hexOf),
      data: hexOf(log.data),
      height,
      blockHash: hash,
      timestampSec,
      transactionHash,
      transactionIndex,
      logIndex: logIndex++,
    }));
  });
}

export interface EventRange {
  readonly from: number;
  readonly to: number;
}

/** Events of the range, or of its beginning where it has too many; `to` says how far. */
export async function readEvents(
  ledger: Ledger,
  { from, to }: EventRange,
): Promise<{ to: number; events: ChainEvent[] }> {
  try {
    const body = { fromHeight: from, toHeight: to, addresses: [...watchedContracts] };
    const { logs } = await ledger.findLogs({ body });
    return { to, events: toEvents(logs) };
  } catch (error) {
    if (!isProblem(error, 'too_many_logs')) throw error;
    if (to > from) return readEvents(ledger, { from, to: from + Math.floor((to - from) / 2) });
    return { to, events: toEvents(await logsOfBlock(ledger, from)) };
  }
}

const toEvents = (logs: readonly Log[]): ChainEvent[] =>
  logs.map(readChainEvent).filter((each) => each !== null);

export const readBlockHash = async (ledger: Ledger, height: number): Promise<string> =>
  hexOf(blockHash(await ledger.getHeader({ params: { height } })));
