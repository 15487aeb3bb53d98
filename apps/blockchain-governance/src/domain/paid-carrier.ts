/** Carries what this service pays for: each attempt is one intent of the chain client, so it has one nonce for ever. */
import {
  type ChainClient,
  type ChainReceipt,
  type ContractReader,
  type Hex,
  type Intent,
  type IntentStatus,
  isChainClientError,
  rawQuestion,
} from '@lucid/chain-client';
import type { Log } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { RelayDocument } from '../store/relay-store.ts';
import { judged } from './contracts.ts';
import { type Carrier, failed, type RelayStep, stepOfReceipt } from './relay-step.ts';

interface PaidCarrierOptions {
  readonly client: ChainClient;
  readonly reader: ContractReader;
  readonly log: Log;
}

export class PaidCarrier implements Carrier {
  readonly #options: PaidCarrierOptions;

  constructor(options: PaidCarrierOptions) {
    this.#options = options;
  }

  async advance(document: RelayDocument, isFirst: boolean): Promise<RelayStep> {
    const { client } = this.#options;
    const intent = intentOf(document);
    try {
      return await this.#stepOf(document, await follow(client, intent));
    } catch (error) {
      if (isChainClientError(error, 'too_many_in_flight')) await client.settle();
      // What was taken before waits until there are funds again.
      if (!isFirst || !isChainClientError(error, 'insufficient_funds') || (await isClaimed(client, intent)))
        throw error;
      return failed('the account that pays is out of funds', problem('relayer_funds', { cause: error }));
    }
  }

  async #stepOf(document: RelayDocument, status: IntentStatus): Promise<RelayStep> {
    switch (status.state) {
      case 'pending':
        return { change: { transactionHash: status.hash } };
      case 'included':
        return { change: { transactionHash: status.receipt.transactionHash } };
      case 'final':
        return stepOfReceipt(status.receipt, await this.#why(document, status.receipt));
      case 'refused':
        return failed('the chain does not take its transaction');
      case 'displaced':
        // Another user of the key took its nonce, so that transaction will never be in the chain: the next one may.
        this.#options.log.warn({ relay: document.relayId }, 'the account that pays is used elsewhere');
        return { change: { attempt: document.attempt + 1, transactionHash: null } };
    }
  }

  /** As it would be refused now. */
  async #why({ call }: RelayDocument, { status }: ChainReceipt): Promise<string | undefined> {
    if (status === 'success' || call === null) return undefined;
    const { client, reader } = this.#options;
    const asked = judged(rawQuestion({ from: client.address, to: call.to, data: call.data, abi: [] }));
    const [outcome] = await reader.tryAll<Hex>([asked]);
    return outcome?.ok === false ? outcome.reason.name : undefined;
  }
}

function intentOf({ relayId, attempt, call }: RelayDocument): Intent {
  if (call === null) throw new Error('what its sender pays for has no intent');
  return {
    intentId: `governance:${relayId}:${attempt}`,
    to: call.to,
    data: call.data,
    gas: BigInt(call.gas),
  };
}

async function follow(client: ChainClient, intent: Intent): Promise<IntentStatus> {
  try {
    return await client.statusOf(intent.intentId);
  } catch (error) {
    if (!isChainClientError(error, 'intent_unknown')) throw error;
    return client.submit(intent);
  }
}

async function isClaimed(client: ChainClient, { intentId }: Intent): Promise<boolean> {
  try {
    await client.statusOf(intentId);
    return true;
  } catch (error) {
    return !isChainClientError(error, 'intent_unknown');
  }
}
