/**
 * The sliding window of work: sums that grow by what comes in and shrink by what goes out, so a slot costs what its own proofs cost,
 * however long the window is.
 *
 * The state depends on the set of proofs, not on their order: a repetition adds nothing, and a node that says two different things about
 * one slot and type has said nothing (neither counts, in whatever order they come).
 */
import { creditsOf } from './credits.ts';
import { assertParameters, RULES, type WorkCreditParameters } from './parameters.ts';
import {
  type ClosedSlot,
  closeSlot,
  type EntityId,
  entityOf,
  isSameWord,
  type OpenSlot,
  type Share,
  type Stint,
  type Word,
} from './slot-bucket.ts';
import { assertSlot, windowSlots } from './slots.ts';
import type { TaskClaim, TaskType } from './task-proof.ts';

/** How a slot ended. */
export interface SlotOutcome {
  readonly slot: number;
  /** The entity that published and is paid; null where the server did, or nobody. */
  readonly winner: EntityId | null;
  /** Those whose turn came and passed, in order. */
  readonly missed: readonly EntityId[];
}

export type Added =
  | 'added'
  /** The same again: nothing changes. */
  | 'repeated'
  /** It contradicts an earlier one: neither counts. */
  | 'voided'
  /** Its slot is not open: before the window, closed, or still to come. */
  | 'not-open';

export interface WorkWindowOptions {
  readonly parameters: WorkCreditParameters;
  /** The slot to be scheduled: the window holds the slots before it. */
  readonly nextSlot: number;
  /** Newest slots of the window that take proofs. Default: the slot before `nextSlot` and `maxDelaySlots` more. */
  readonly openSlots?: number;
}

export interface SlotActivity {
  /** S: sessions that nodes say they relayed in the slot. */
  readonly sessions: number;
  /** B. */
  readonly bytes: number;
  /** N: nodes with a proof that counts. */
  readonly activeNodes: number;
}

const stintKey = (nodeId: string, entityId: EntityId): string => `${nodeId} ${entityId}`;

export class WorkWindow {
  readonly parameters: WorkCreditParameters;
  readonly #length: number;
  readonly #openSlots: number;
  #nextSlot: number;
  /** Entries visited since the beginning: for benches and tests of growth. */
  visits = 0;

  readonly #stints = new Map<string, Stint>();
  readonly #open = new Map<number, OpenSlot>();
  readonly #closed = new Map<number, ClosedSlot>();
  readonly #outcomes = new Map<number, SlotOutcome>();
  readonly #misses = new Map<EntityId, number>();

  /** @throws RangeError where a parameter or the slot is none. */
  constructor({ parameters, nextSlot, openSlots = RULES.maxDelaySlots + 1 }: WorkWindowOptions) {
    assertParameters(parameters);
    assertSlot(nextSlot, 'nextSlot');
    this.parameters = parameters;
    this.#length = windowSlots(parameters);
    this.#openSlots = Math.min(openSlots, this.#length);
    this.#nextSlot = nextSlot;
  }

  get nextSlot(): number {
    return this.#nextSlot;
  }

  /** Sums of every node in the window; live objects, read only. */
  stints(): Iterable<Readonly<Stint>> {
    return this.#stints.values();
  }

  missesOf(entityId: EntityId): number {
    return this.#misses.get(entityId) ?? 0;
  }

  isOpen(slot: number): boolean {
    return slot < this.#nextSlot && slot >= this.#nextSlot - this.#openSlots;
  }

  /** Takes a claim that was judged (`judgeTaskProof`). */
  add(claim: TaskClaim): Added {
    if (!this.isOpen(claim.slot)) return 'not-open';
    this.visits++;
    const words = this.#wordsOf(claim);
    const said = words.get(claim.type);
    if (said === undefined) {
      words.set(claim.type, { claim, voided: false });
      this.#count(claim, 1);
      return 'added';
    }
    if (said.voided) return 'voided';
    if (isSameWord(said.claim, claim)) return 'repeated';
    said.voided = true;
    this.#count(said.claim, -1);
    return 'voided';
  }

  /** Notes how a slot ended, once; false where it is known or out of the window. */
  record(outcome: SlotOutcome): boolean {
    const { slot } = outcome;
    const inside = slot < this.#nextSlot && slot >= this.#nextSlot - this.#length;
    if (!inside || this.#outcomes.has(slot)) return false;
    this.#outcomes.set(slot, outcome);
    for (const entityId of new Set(outcome.missed)) this.#misses.set(entityId, this.missesOf(entityId) + 1);
    return true;
  }

  /** Winners that are not chosen for the next slot. */
  winnersInCooldown(): ReadonlySet<EntityId> {
    const winners = new Set<EntityId>();
    for (let back = 1; back <= this.parameters.cooldownSlots; back++) {
      const winner = this.#outcomes.get(this.#nextSlot - back)?.winner;
      if (winner) winners.add(winner);
    }
    return winners;
  }

  /** What an open slot's proofs say; null where the slot is not open. */
  activityOf(slot: number): SlotActivity | null {
    if (!this.isOpen(slot)) return null;
    const sum = { sessions: 0, bytes: 0, activeNodes: 0 };
    for (const words of this.#open.get(slot)?.values() ?? []) {
      const counting = [...words.values()].filter(({ voided }) => !voided);
      if (counting.length > 0) sum.activeNodes++;
      for (const { claim } of counting) {
        if (claim.type !== 'relay_bandwidth') continue;
        sum.sessions += claim.value.sessionsRelayed;
        sum.bytes += claim.value.bytesTransferred;
      }
    }
    return sum;
  }

  /** Moves on; slots that leave the window take their sums along. @throws RangeError where `nextSlot` lies behind. */
  advanceTo(nextSlot: number): void {
    assertSlot(nextSlot, 'nextSlot');
    const before = this.#nextSlot;
    if (nextSlot < before) throw new RangeError('nextSlot: behind the window');
    this.#nextSlot = nextSlot;
    for (const [slot, words] of [...this.#open]) if (!this.isOpen(slot)) this.#close(slot, words);
    const last = Math.min(before, nextSlot - this.#length) - 1;
    for (let slot = Math.max(0, before - this.#length); slot <= last; slot++) this.#expire(slot);
  }

  #wordsOf({ slot, nodeId }: TaskClaim): Map<TaskType, Word> {
    const open: OpenSlot = this.#open.get(slot) ?? new Map();
    this.#open.set(slot, open);
    const words = open.get(nodeId) ?? new Map<TaskType, Word>();
    open.set(nodeId, words);
    return words;
  }

  #stintOf(claim: TaskClaim): Stint {
    const entityId = entityOf(claim);
    const key = stintKey(claim.nodeId, entityId);
    const known = this.#stints.get(key);
    if (known) return known;
    const stint: Stint = { nodeId: claim.nodeId, entityId, credits: 0, uptimeSec: 0, references: 0 };
    this.#stints.set(key, stint);
    return stint;
  }

  #count(claim: TaskClaim, sign: 1 | -1): void {
    const stint = this.#stintOf(claim);
    const { credits, uptimeSec } = this.#worthOf(claim);
    this.#change(stint, sign * credits, sign * uptimeSec, sign);
  }

  #worthOf(claim: TaskClaim): { credits: number; uptimeSec: number } {
    const uptimeSec = claim.type === 'uptime_beacon' ? claim.value.uptimeSeconds : 0;
    return { credits: creditsOf(claim, this.parameters), uptimeSec };
  }

  #change(stint: Stint, credits: number, uptimeSec: number, references: number): void {
    stint.credits += credits;
    stint.uptimeSec += uptimeSec;
    stint.references += references;
    if (stint.references === 0) this.#stints.delete(stintKey(stint.nodeId, stint.entityId));
  }

  /** Words become shares; the sums stay as they are. */
  #close(slot: number, open: OpenSlot): void {
    const shares = new Map<Stint, Share>();
    for (const words of open.values()) {
      for (const { claim, voided } of words.values()) {
        this.visits++;
        if (!voided) this.#addShare(shares, claim);
      }
    }
    this.#open.delete(slot);
    if (shares.size > 0) this.#closed.set(slot, closeSlot([...shares.values()]));
  }

  #addShare(shares: Map<Stint, Share>, claim: TaskClaim): void {
    const stint = this.#stintOf(claim);
    const worth = this.#worthOf(claim);
    const share = shares.get(stint);
    if (share === undefined) {
      shares.set(stint, { stint, ...worth });
      return;
    }
    share.credits += worth.credits;
    share.uptimeSec += worth.uptimeSec;
    stint.references--;
  }

  #expire(slot: number): void {
    const closed = this.#closed.get(slot);
    for (const [at, stint] of closed?.stints.entries() ?? []) {
      this.visits++;
      this.#change(stint, -closed!.credits[at]!, -closed!.uptimeSec[at]!, -1);
    }
    this.#closed.delete(slot);
    for (const entityId of new Set(this.#outcomes.get(slot)?.missed)) {
      const left = this.missesOf(entityId) - 1;
      if (left > 0) this.#misses.set(entityId, left);
      else this.#misses.delete(entityId);
    }
    this.#outcomes.delete(slot);
  }
}
