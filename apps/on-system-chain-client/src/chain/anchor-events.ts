/** What the anchor contract registered already, by its events, which the ledger keeps with the blocks. */
import { bytesToHex, hexToBytes } from '@lucid/bytes';
import { addresses, lucidAnchors } from '@lucid/chain-contracts';
import type { blockchainLedgerContract, OutputOf } from '@lucid/contracts';
import { type Client, isProblem } from '@lucid/service-kit';
import { parseRegistrationEvent, type RegistrationEvent } from '@lucid/session-format';
import { partsOf } from '../store/batch-store.ts';

type Ledger = Client<typeof blockchainLedgerContract>;
type ChainLog = OutputOf<(typeof blockchainLedgerContract)['operations']['findLogs']>['logs'][number];

export interface FoundEvent {
  readonly event: RegistrationEvent;
  /** 0x and hex. */
  readonly transactionHash: string;
}

/** Values of a topic that one search takes. */
const TOPICS_AT_ONCE = 1000;

const bytesOf = (text: string): Uint8Array => hexToBytes(text.slice(2));

function eventOf({ topics, data, transactionHash }: ChainLog): FoundEvent[] {
  const event = parseRegistrationEvent({ topics: topics.map(bytesOf), data: bytesOf(data) });
  return event === null ? [] : [{ event, transactionHash }];
}

export class AnchorEvents {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Of sessions registered by themselves. Ids in hex. */
  async ofSessions(sessionIds: readonly string[]): Promise<FoundEvent[]> {
    const found: FoundEvent[] = [];
    for (const part of partsOf(sessionIds, TOPICS_AT_ONCE))
      found.push(...(await this.#find(lucidAnchors.topics.SessionRegistered, part)));
    return found;
  }

  ofBatch(root: Uint8Array): Promise<FoundEvent[]> {
    return this.#find(lucidAnchors.topics.SessionsRegistered, [bytesToHex(root)]);
  }

  async #find(topic: string, values: readonly string[]): Promise<FoundEvent[]> {
    const range = await this.#range();
    if (range === null) return [];
    const { logs } = await this.#ledger.findLogs({
      body: {
        ...range,
        addresses: [addresses.lucidAnchors],
        topics: [[topic], values.map((value) => `0x${value}`)],
      },
    });
    return logs.flatMap(eventOf);
  }

  /** All blocks whose receipts are kept. */
  async #range(): Promise<{ fromHeight: number; toHeight: number } | null> {
    try {
      const { height, oldestBody } = await this.#ledger.getChainHead();
      return { fromHeight: oldestBody, toHeight: height };
    } catch (error) {
      if (isProblem(error, 'not_in_chain')) return null;
      throw error;
    }
  }
}
