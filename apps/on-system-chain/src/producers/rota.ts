/**
 * Whose turn it is, by the file of producers and by what headers of the chain say: the slot of each block (its timestamp), who made it
 * (its coinbase), and the hash of the block before it. No clock, no order of arrival: all nodes with the same file and chain say the same.
 *
 * The first block of a slot decides who won it. Scores are those at the beginning of the epoch; misses within it count from the next one
 * on, the cool-down of winners at once.
 */
import { fromHex } from '@lucid/chain-wire';
import {
  type EntityId,
  type EntityScore,
  epochOf,
  leaderOf,
  producerOrder,
  rank,
  type SlotOutcome,
  type SlotSchedule,
  slotsPerEpoch,
  tally,
  windowSlots,
} from '@lucid/work-credits';
import type { ProducersBook } from './producers-file.ts';

/** The first block of a slot. */
export interface FirstBlock {
  readonly slot: number;
  /** Lower-case, with 0x. */
  readonly producer: string;
  readonly parentHash: string;
}

export interface AddressTurn {
  /** Null: the server. */
  readonly entityId: EntityId | null;
  readonly address: string;
  /** Unix milliseconds; it ends where the next one's begins. */
  readonly fromMs: number;
}

export interface Standing {
  readonly entityId: EntityId;
  readonly address: string;
  readonly score: EntityScore | null;
  /** From 1, of those that are eligible, whether they rest or not. */
  readonly rank: number | null;
  /** The first slot in which it may be chosen again; null where it does not rest. */
  readonly restsUntilSlot: number | null;
}

export interface SlotView {
  readonly slot: number;
  readonly epoch: number;
  readonly schedule: SlotSchedule;
  /** At least one. */
  readonly turns: readonly AddressTurn[];
  readonly standings: readonly Standing[];
}

interface State {
  /** All slots before it are closed. */
  nextSlot: number;
  /** Of `scores`. */
  epoch: number;
  scores: readonly EntityScore[];
  /** Of closed slots, as far as a window reaches. */
  outcomes: SlotOutcome[];
}

type Slot = Pick<SlotView, 'slot' | 'schedule' | 'turns'>;

export class Rota {
  readonly #book: ProducersBook;
  readonly #state: State;
  #view: SlotView | null = null;
  #asked: { readonly slot: number; readonly previousHash: string; readonly view: SlotView } | null = null;

  constructor(book: ProducersBook) {
    this.#book = book;
    this.#state = { nextSlot: book.fromSlot, epoch: -1, scores: [], outcomes: [] };
  }

  /** Closes the slots up to that of the block, which are handed over in their order. */
  take(first: FirstBlock): void {
    const state = this.#state;
    if (first.slot < state.nextSlot) return;
    this.#closeUntil(state, first.slot, first.parentHash);
    const slot = this.#slotOf(state, first.slot, first.parentHash);
    this.#view = this.#viewOf(state, slot, first.parentHash);
    const at = slot.turns.findIndex(({ address }) => address === first.producer);
    this.#close(state, {
      slot: first.slot,
      winner: slot.turns[at]?.entityId ?? null,
      missed: entitiesOf(slot.turns.slice(0, Math.max(at, 0))),
    });
    this.#asked = null;
  }

  /** A slot that has no block yet, behind the one with this hash; or the newest that was taken. */
  at(slot: number, previousHash: string): SlotView {
    if (this.#view?.slot === slot) return this.#view;
    const asked = this.#asked;
    if (asked?.slot === slot && asked.previousHash === previousHash) return asked.view;
    const state = { ...this.#state, outcomes: [...this.#state.outcomes] };
    this.#closeUntil(state, slot, previousHash);
    const view = this.#viewOf(state, this.#slotOf(state, slot, previousHash), previousHash);
    this.#asked = { slot, previousHash, view };
    return view;
  }

  /** Slots without a block: whose turn was, missed it. */
  #closeUntil(state: State, slot: number, previousHash: string): void {
    while (state.nextSlot < slot) {
      const { turns } = this.#slotOf(state, state.nextSlot, previousHash);
      this.#close(state, { slot: state.nextSlot, winner: null, missed: entitiesOf(turns) });
    }
  }

  #close(state: State, outcome: SlotOutcome): void {
    state.outcomes.push(outcome);
    state.nextSlot = outcome.slot + 1;
  }

  #slotOf(state: State, slot: number, previousHash: string): Slot {
    const { parameters, addressOf, server, fromSlot } = this.#book;
    const isBefore = slot < fromSlot;
    if (!isBefore) this.#enterEpoch(state, slot);
    const winnersInCooldown = new Set(this.#resting(state, slot).keys());
    const scores = isBefore ? [] : state.scores;
    const schedule = leaderOf(
      { nextSlot: slot, parameters, scores, winnersInCooldown },
      fromHex(previousHash),
    );
    const turns = producerOrder(slot, { mode: 'leaders', schedule }, parameters).map(
      ({ producer, fromMs }) => {
        const entityId = producer === 'server' ? null : producer;
        return { entityId, address: (entityId && addressOf.get(entityId)) ?? server, fromMs };
      },
    );
    return { slot, schedule, turns };
  }

  #enterEpoch(state: State, slot: number): void {
    const { parameters, claims } = this.#book;
    const epoch = epochOf(slot, parameters);
    if (epoch === state.epoch) return;
    const nextSlot = epoch * slotsPerEpoch(parameters);
    const oldest = nextSlot - Math.max(windowSlots(parameters), parameters.cooldownSlots);
    state.outcomes = state.outcomes.filter((each) => each.slot >= oldest);
    state.scores = tally({ claims, outcomes: state.outcomes, nextSlot, parameters }).scores;
    state.epoch = epoch;
  }

  /** The first slot in which each winner of the last slots may be chosen again. */
  #resting({ outcomes }: State, slot: number): Map<EntityId, number> {
    const { cooldownSlots } = this.#book.parameters;
    const recent = outcomes.slice(-cooldownSlots).filter((each) => each.slot >= slot - cooldownSlots);
    return new Map(
      recent.flatMap(({ winner, slot: won }) => (winner === null ? [] : [[winner, won + cooldownSlots + 1]])),
    );
  }

  #viewOf(state: State, slot: Slot, previousHash: string): SlotView {
    const { addressOf, parameters } = this.#book;
    const ranked = rank(state.scores, fromHex(previousHash)).map(({ entityId }) => entityId);
    const resting = this.#resting(state, slot.slot);
    const standings = [...addressOf].map(([entityId, address]) => ({
      ...{ entityId, address },
      score: state.scores.find((each) => each.entityId === entityId) ?? null,
      rank: ranked.includes(entityId) ? ranked.indexOf(entityId) + 1 : null,
      restsUntilSlot: resting.get(entityId) ?? null,
    }));
    return { ...slot, epoch: epochOf(slot.slot, parameters), standings };
  }
}

const entitiesOf = (turns: readonly AddressTurn[]): EntityId[] =>
  turns.flatMap(({ entityId }) => (entityId === null ? [] : [entityId]));
