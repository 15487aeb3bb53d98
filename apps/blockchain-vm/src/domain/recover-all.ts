import { recoverSender } from '@lucid/chain-application/senders';
import { decodeTransactions } from '@lucid/chain-wire';

export const ADDRESS_BYTES = 20;

/** Senders of a list of transactions as it travels, 20 bytes each; zeros where a signature gives none. */
export function recoverAll(list: Uint8Array): Uint8Array {
  const transactions = decodeTransactions(list);
  const senders = new Uint8Array(ADDRESS_BYTES * transactions.length);
  for (const [index, raw] of transactions.entries()) {
    const sender = recoverSender(raw);
    if (sender !== null) senders.set(Buffer.from(sender.slice(2), 'hex'), index * ADDRESS_BYTES);
  }
  return senders;
}
