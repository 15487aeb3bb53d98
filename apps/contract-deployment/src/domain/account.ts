/** The account that deploys: what it sends, one after the other, and what is reserved of it. */
import {
  type ChainClient,
  type ChainView,
  createChainClient,
  createChainView,
  createDocumentOutbox,
  createdAddress,
  type Hex,
  type JsonRpcCaller,
  outboxCollection,
} from '@lucid/chain-client';
import { accountKeyFaults } from '@lucid/chain-client/account-key';
import { deploymentLimits, type onSystemChainContract, type Reservation } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import { type Client, type Clock, ConfigError, KeyedQueue } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { Config } from '../config.ts';
import { problem } from '../problem.ts';
import { openReservationStore, type ReservationStore } from '../store/reservation-store.ts';
import { onChain } from './chain-failures.ts';

/** Signed bytes of all that is in flight are one document: `@lucid/chain-client`. */
const MAX_IN_FLIGHT = 4;

export interface AccountOptions {
  readonly config: Config;
  readonly chain: Client<typeof onSystemChainContract>;
  readonly documents: DocumentStore;
  readonly clock: Clock;
}

interface Parts {
  readonly client: ChainClient;
  readonly view: ChainView;
  readonly reservations: ReservationStore;
  readonly chainId: number;
  readonly clock: Clock;
}

export class Account {
  readonly client: ChainClient;
  readonly view: ChainView;
  readonly chainId: number;
  readonly #reservations: ReservationStore;
  readonly #clock: Clock;
  readonly #turns = new KeyedQueue();

  private constructor({ client, view, reservations, chainId, clock }: Parts) {
    this.client = client;
    this.view = view;
    this.chainId = chainId;
    this.#reservations = reservations;
    this.#clock = clock;
  }

  static async open({ config, chain, documents, clock }: AccountOptions): Promise<Account> {
    const call: JsonRpcCaller = (request) => chain.rpc({ body: request });
    const { CHAIN_ID: chainId, CHAIN_CONFIRMATIONS: confirmations, CHAIN_ACCOUNT_KEY: secretKey } = config;
    const faults = accountKeyFaults(secretKey);
    if (faults.length > 0) throw new ConfigError('contract-deployment', faults);
    const outbox = createDocumentOutbox(await documents.collection(outboxCollection));
    const maxGas = BigInt(deploymentLimits.transactionGas);
    const options = { chainId, secretKey, confirmations, maxGas, maxInFlight: MAX_IN_FLIGHT };
    const client = createChainClient(options, { call, outbox, clock });
    const reservations = await openReservationStore(documents);
    return new Account({ client, view: createChainView(chainId, call), reservations, chainId, clock });
  }

  get address(): Hex {
    return this.client.address;
  }

  createdBy = (nonce: number): Hex => createdAddress(this.address, nonce);

  /** Work that takes a nonce, or says which is next: one at a time. */
  inTurn = <T>(work: () => Promise<T>): Promise<T> => this.#turns.run(this.address, work);

  /** Who has the account for himself now; null where nobody does. */
  async reservedBy(): Promise<string | null> {
    const found = await this.#reservations.get(this.address);
    return found && found.document.expiresAtMs > this.#clock.nowMs() ? found.document.reservationId : null;
  }

  /** @throws ProblemError account_reserved, reservation_unknown */
  async assertMaySend(reservationId: string | undefined): Promise<void> {
    const holder = await this.reservedBy();
    if (holder === (reservationId ?? null)) return;
    if (holder === null)
      throw problem('reservation_unknown', {
        detail: 'The reservation was released or ran out. Reserve anew.',
      });
    throw problem('account_reserved', {
      detail: `It is reserved by ${holder}. Ask again when that is released.`,
    });
  }

  /** @throws ProblemError account_reserved, chain_unavailable, wrong_chain */
  reserve(
    reservationId: string,
    { count, ttlMs }: { count: number; ttlMs: number },
  ): Promise<Static<typeof Reservation>> {
    return this.inTurn(async () => {
      const holder = await this.reservedBy();
      if (holder !== null && holder !== reservationId) await this.assertMaySend(reservationId);
      const kept = holder === null ? null : await this.#reservations.get(this.address);
      const firstNonce = kept ? kept.document.firstNonce : await onChain(this.client.nextNonce());
      const reservation = {
        ...{ account: this.address, reservationId, firstNonce },
        count: Math.max(count, kept?.document.count ?? 0),
        expiresAtMs: this.#clock.nowMs() + ttlMs,
      };
      await this.#reservations.upsert(reservation);
      const addresses = Array.from({ length: reservation.count }, (_, at) => this.createdBy(firstNonce + at));
      return { ...reservation, addresses };
    });
  }

  release(reservationId: string): Promise<void> {
    return this.inTurn(async () => {
      const found = await this.#reservations.get(this.address);
      if (found?.document.reservationId === reservationId) await this.#reservations.remove(this.address);
    });
  }
}
