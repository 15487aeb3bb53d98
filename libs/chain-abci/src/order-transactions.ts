/** Puts the transactions that a mempool gives into an order in which they can be executed. */
import type { ChainApplication, CheckedTransaction, Hex } from '@lucid/chain-application';

interface Waiting {
  readonly raw: Uint8Array;
  readonly checked: CheckedTransaction;
}

/** Transactions of one sender from its account's nonce on, without a gap. */
function withoutGaps(own: readonly Waiting[]): Uint8Array[] {
  let next = own[0]?.checked.accountNonce ?? 0n;
  const queue: Uint8Array[] = [];
  const byNonce = (a: Waiting, b: Waiting) => (a.checked.nonce < b.checked.nonce ? -1 : 1);
  for (const { raw, checked } of own.toSorted(byNonce)) {
    if (checked.nonce !== next) continue;
    queue.push(raw);
    next += 1n;
  }
  return queue;
}

/**
 * At the places at which a sender's transactions came are the sender's, in the order of their nonces. Left out, to wait on, are those
 * behind a gap and those that the committed state refuses.
 */
export async function orderTransactions(
  chain: ChainApplication,
  raws: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const waiting: Waiting[] = [];
  const bySender = new Map<Hex, Waiting[]>();
  for (const raw of raws) {
    const checked = await chain.checkTransaction(raw);
    if (!checked.ok) continue;
    const each = { raw, checked };
    waiting.push(each);
    const own = bySender.get(checked.sender);
    if (own === undefined) bySender.set(checked.sender, [each]);
    else own.push(each);
  }
  const queues = new Map([...bySender].map(([sender, own]) => [sender, withoutGaps(own).reverse()]));
  return waiting.flatMap(({ checked }) => {
    const raw = queues.get(checked.sender)?.pop();
    return raw === undefined ? [] : [raw];
  });
}
