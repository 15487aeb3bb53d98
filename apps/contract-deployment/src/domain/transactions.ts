/** Transactions that call contracts, and calls that only read. */
import {
  type Abi,
  decodeEvents,
  decodeRevert,
  decodeValues,
  type Hex,
  reasonText,
  valuesToJson,
} from '@lucid/chain-client';
import type { contractDeploymentContract, InputOf } from '@lucid/contracts';
import type { Clock, Log } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { SentStore, TransactionDocument } from '../store/sent-store.ts';
import type { Account } from './account.ts';
import { onChain } from './chain-failures.ts';
import type { ContractSource } from './contract-source.ts';
import { eventsOf } from './events.ts';
import { prepareCall } from './prepared.ts';
import { requestHashOf } from './request-hash.ts';
import { Sending } from './sending.ts';

type Operations = (typeof contractDeploymentContract)['operations'];
export type TransactionRequest = InputOf<Operations['putTransaction']>['body'];
export type ReadRequest = InputOf<Operations['readContract']>['body'];

interface Parts {
  readonly store: SentStore<TransactionDocument>;
  readonly source: ContractSource;
  readonly account: Account;
  readonly clock: Clock;
  readonly log: Log;
  readonly onOpen: () => void;
}

export class Transactions {
  readonly #parts: Parts;
  readonly sending: Sending<TransactionDocument>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.sending = new Sending({
      ...parts,
      prefix: 'transact',
      conflict: 'transaction_conflict',
      settled: () => ({}),
      ended: async ({ abi, to }, { logs }) => ({
        events: JSON.stringify(
          eventsOf(JSON.parse(abi) as Abi, decodeEvents({ abi: JSON.parse(abi) as Abi, address: to }, logs)),
        ),
      }),
    });
  }

  put(id: string, request: TransactionRequest): Promise<TransactionDocument> {
    const { contract, to, function: name, args = [], valueWei = '0x0', reservationId } = request;
    const requestHash = requestHashOf({ contract, to, function: name, args, valueWei });
    return this.sending.ask(id, {
      requestHash,
      reservationId,
      make: () => this.#begin(id, request, requestHash),
    });
  }

  async get(id: string): Promise<TransactionDocument> {
    const found = await this.#parts.store.get(id);
    if (!found) throw problem('transaction_unknown', { detail: `Nothing was sent as ${id}.` });
    return found.document;
  }

  async read({ contract: reference, to, function: name, args = [] }: ReadRequest) {
    const { account, source } = this.#parts;
    const { abi, identity } = await source.load(reference);
    const { data, item } = prepareCall(abi, { function: name, args });
    const blockHeight = Number(await onChain(account.view.height()));
    const answer = await onChain(account.view.call({ from: account.address, to: to as Hex, data }));
    if (!answer.ok)
      throw problem('execution_reverted', {
        detail: `It reverts: ${reasonText(decodeRevert(answer.data, abi))}.`,
      });
    try {
      return { values: valuesToJson(item.outputs, decodeValues(item.outputs, answer.data)), blockHeight };
    } catch (cause) {
      const detail = `What answers at ${to} is no ${identity.name}: its answer does not fit the ABI.`;
      throw problem('execution_reverted', { detail, cause });
    }
  }

  async #begin(id: string, request: TransactionRequest, requestHash: string): Promise<TransactionDocument> {
    const { contract: reference, to, function: name, args = [], valueWei = '0x0', gas, nonce } = request;
    const { abi, identity } = await this.#parts.source.load(reference);
    const prepared = prepareCall(abi, { function: name, args, value: BigInt(valueWei) });
    const nowMs = this.#parts.clock.nowMs();
    return {
      ...{ id, requestHash, status: 'pending', openSinceMs: nowMs, requestedAtMs: nowMs },
      ...{
        to: to as Hex,
        data: prepared.data,
        valueWei: valueWei as Hex,
        gas: gas as Hex | undefined,
        wishedNonce: nonce,
      },
      ...{
        abi: JSON.stringify(abi),
        name: identity.name,
        args: JSON.stringify(prepared.args),
        signature: prepared.signature,
      },
    };
  }
}
