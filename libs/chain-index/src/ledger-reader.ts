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
import type { ChainLog, Watch } from './chain-log.ts';

export type Ledger = Client<typeof blockchainLedgerContract>;

const hexOf = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;

/** A legacy transaction is a list, a typed one the bytes of a string (EIP-2718). */
const envelopeOf = (item: RlpItem): Uint8Array => (item instanceof Uint8Array ? item : encodeRlp(item));

async function logsOfBlock(ledger: Ledger, height: number): Promise<ChainLog[]> {
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

/** What is kept of the events of the range, or of its beginning where it has too many; `to` says how far. */
export async function readEvents<E extends object>(
  ledger: Ledger,
  watch: Watch<E>,
  { from, to }: EventRange,
): Promise<{ to: number; events: E[] }> {
  const read = (logs: readonly ChainLog[]): E[] => logs.flatMap((log) => watch.read(log));
  try {
    const body = { fromHeight: from, toHeight: to, addresses: [...watch.addresses] };
    const { logs } = await ledger.findLogs({ body });
    return { to, events: read(logs) };
  } catch (error) {
    if (!isProblem(error, 'too_many_logs')) throw error;
    if (to > from) return readEvents(ledger, watch, { from, to: from + Math.floor((to - from) / 2) });
    const watched = (await logsOfBlock(ledger, from)).filter(({ address }) =>
      watch.addresses.includes(address),
    );
    return { to, events: read(watched) };
  }
}

export const readBlockHash = async (ledger: Ledger, height: number): Promise<string> =>
  hexOf(blockHash(await ledger.getHeader({ params: { height } })));
