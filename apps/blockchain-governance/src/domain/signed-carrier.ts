/** Carries what its sender has signed and pays for: the same bytes again until a block has them, or can have them no more. */
import type { ContractReader, Hex, Refusal } from '@lucid/chain-client';
import { problem } from '../problem.ts';
import type { RelayDocument } from '../store/relay-store.ts';
import { type Carrier, failed, type RelayStep, stepOfReceipt } from './relay-step.ts';

const refusals: Readonly<Partial<Record<Refusal, string>>> = {
  'nonce-used': 'Its nonce is used already.',
  'replacement-underpriced':
    'Another transaction with its nonce waits, and this one does not offer enough more.',
  underpriced: 'It offers too little for its gas.',
  'insufficient-funds': 'Its sender cannot pay for it.',
  permanent: 'Its gas or its size is beyond what the chain takes.',
};
const wordsOf = (refusal: Refusal): string =>
  refusals[refusal] ?? 'The chain gives no reason that is known here.';

const nothing: RelayStep = { change: {} };

export class SignedCarrier implements Carrier {
  readonly #reader: ContractReader;

  constructor(reader: ContractReader) {
    this.#reader = reader;
  }

  async advance({ relayId, by, nonce, raw }: RelayDocument): Promise<RelayStep> {
    const reader = this.#reader;
    const hash = relayId as Hex;
    const receipt = await reader.receiptOf(hash);
    if (receipt) return stepOfReceipt(receipt);
    if (await reader.isKnown(hash)) return nothing;
    const isUsed = (await reader.nonceOf(by as Hex, 'latest')) > (nonce ?? 0);
    const refusal = isUsed ? 'nonce-used' : await reader.sendRaw(raw as Hex);
    if (refusal === null) return nothing;
    // It may have come into a block meanwhile.
    const late = refusal === 'nonce-used' ? await reader.receiptOf(hash) : null;
    if (late) return stepOfReceipt(late);
    const words = wordsOf(refusal);
    return failed(words, problem('transaction_refused', { detail: words }));
  }
}
