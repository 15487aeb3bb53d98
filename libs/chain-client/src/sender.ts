/**
 * Sending exactly once.
 *
 *     claim      sign with the next nonce, store, and only then
 *     broadcast  send the bytes; lost, known or used up is no failure, the chain says later what became of them
 *     advance    look: not in a block -> send again, or replace by bytes of the same nonce that offer more; final -> write it down
 *
 * An intent has one nonce for its life, and a nonce one intent, so whatever of its bytes arrive, however often, at most one is in the chain.
 * Any process that has outbox and key goes on where another fell.
 */
import { keccak256, toHex } from 'viem';
import type { ChainAccount } from './account.ts';
import type { AccountOutbox, AccountState } from './account-outbox.ts';
import { decodeRevert } from './contracts.ts';
import { ChainClientError } from './error.ts';
import { type FeeLimits, type Fees, replacementFees, suggestFees } from './fees.ts';
import type { Inclusion, Seen } from './inclusion.ts';
import { assertSameIntent, type Intent } from './intent.ts';
import { type ChainRpc, RpcFault } from './json-rpc.ts';
import type { Attempt, FinalRecord, InFlight } from './outbox.ts';
import { refusalOf } from './refusal.ts';
import type { ChainReceipt } from './shapes.ts';

export interface SenderOptions extends FeeLimits {
  readonly maxGas: bigint;
  readonly maxInFlight: number;
  readonly replaceAfterMs: number;
}

export interface SenderDependencies {
  readonly rpc: ChainRpc;
  readonly account: ChainAccount;
  readonly outbox: AccountOutbox;
  readonly inclusion: Inclusion;
  readonly nowMs: () => number;
}

export type Claimed = { readonly entry: InFlight } | { readonly final: FinalRecord };

const CLAIM_TRIES = 100;
/** Bytes signed for one intent. */
const MAX_ATTEMPTS = 12;
const EMPTY_GAS = 21_000n;

interface Prepared {
  readonly gas: bigint;
  readonly fees: Fees;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #parts: SenderDependencies;
  readonly #inclusion: Inclusion;

  constructor(options: SenderOptions, parts: SenderDependencies) {
    this.#options = options;
    this.#parts = parts;
    this.#inclusion = parts.inclusion;
  }

  /** Gives the intent its nonce, durably, unless it has one; nothing is sent. */
  async claim(intent: Intent): Promise<Claimed> {
    const { outbox } = this.#parts;
    let prepared: Prepared | undefined;
    for (let tries = 0; tries < CLAIM_TRIES; tries++) {
      const state = await outbox.load();
      const known = await this.#known(intent, state);
      if (known) return known;
      if (state.inFlight.length >= this.#options.maxInFlight)
        throw new ChainClientError('too_many_in_flight');
      const nonce = await this.nextNonce(state);
      if (intent.nonce !== undefined && intent.nonce !== nonce) throw new ChainClientError('nonce_taken');
      prepared ??= await this.#prepare(intent);
      const entry = await this.#signed(intent, nonce, prepared);
      const inFlight = [...state.inFlight, entry];
      if (await outbox.save({ nextNonce: nonce + 1, inFlight }, state.version)) return { entry };
    }
    throw new ChainClientError('outbox_failed');
  }

  /** Sends the newest bytes of an entry. Resolves where the node has them, or has others of the same nonce. */
  async broadcast(entry: InFlight, mayRaise = true): Promise<void> {
    const attempt = newest(entry);
    try {
      await this.#parts.rpc.sendRaw(attempt.raw);
    } catch (error) {
      if (!(error instanceof RpcFault)) throw error;
      await this.#refused(entry, error, mayRaise);
    }
  }

  /** Looks, and does what is due. */
  async advance(entry: InFlight): Promise<Seen> {
    const seen = await this.#inclusion.look(entry);
    if (seen.state === 'pending') await this.#keepAlive(entry);
    if (seen.state === 'displaced') await this.#finish(entry, 'displaced', null);
    if (seen.state === 'included' && seen.isFinal) {
      const { transactionHash } = seen.receipt;
      const outcome = entry.attempts.find(({ hash }) => hash === transactionHash)?.empty
        ? 'refused'
        : 'included';
      await this.#finish(entry, outcome, seen.receipt);
    }
    return seen;
  }

  async #known(intent: Intent, { inFlight }: AccountState): Promise<Claimed | null> {
    const entry = inFlight.find(({ intentId }) => intentId === intent.intentId);
    const final = entry ? null : await this.#parts.outbox.final(intent.intentId);
    const known = entry ?? final;
    if (known) assertSameIntent(intent, known);
    if (entry) return { entry };
    return final && { final };
  }

  /** All that may fail does so before there is a nonce, as far as that can be known. */
  async #prepare({ to, data, value = 0n, gas: given, abi }: Intent): Promise<Prepared> {
    const { rpc, account } = this.#parts;
    const from = account.address;
    let gas = given;
    try {
      gas ??= this.#withMargin(await rpc.estimateGas({ from, to, data, value }));
    } catch (error) {
      if (error instanceof RpcFault && refusalOf(error) === 'gas-too-high')
        throw new ChainClientError('gas_too_high', { rpcCode: error.code });
      if (error instanceof RpcFault && refusalOf(error) === 'insufficient-funds') {
        throw new ChainClientError('insufficient_funds', { rpcCode: error.code });
      }
      if (!(error instanceof RpcFault) || !isRevert(error)) throw error;
      throw new ChainClientError('call_reverted', { reason: decodeRevert(error.data, abi) });
    }
    if (gas > this.#options.maxGas) throw new ChainClientError('gas_too_high');
    const fees = await suggestFees(rpc, this.#options);
    if ((await rpc.balance(from)) < gas * fees.maxFeePerGas + value)
      throw new ChainClientError('insufficient_funds');
    return { gas, fees };
  }

  /** A quarter more, but no more than is taken. */
  #withMargin(gas: bigint): bigint {
    const { maxGas } = this.#options;
    const wished = (gas * 5n) / 4n;
    return gas <= maxGas && wished > maxGas ? maxGas : wished;
  }

  /** Every nonce below the next one is in the chain or in flight; else later ones would wait for ever. */
  async nextNonce({ nextNonce, inFlight, version }: AccountState): Promise<number> {
    const { rpc, account } = this.#parts;
    const used = await rpc.transactionCount(account.address, 'latest');
    if (version === null) return Math.max(used, await rpc.transactionCount(account.address, 'pending'));
    const held = new Set(inFlight.map(({ nonce }) => nonce));
    for (let nonce = used; nonce < nextNonce; nonce++) {
      if (!held.has(nonce)) throw new ChainClientError('chain_behind');
    }
    return Math.max(used, nextNonce);
  }

  async #signed(intent: Intent, nonce: number, { gas, fees }: Prepared): Promise<InFlight> {
    const { intentId, to, data, value = 0n } = intent;
    const entry = { intentId, nonce, to, data, value: toHex(value), gas: toHex(gas), attempts: [] };
    return { ...entry, attempts: [await this.#sign(entry, fees, false)] };
  }

  async #sign(entry: InFlight, fees: Fees, empty: boolean): Promise<Attempt> {
    const { account, nowMs } = this.#parts;
    const { nonce, to, data, value, gas } = entry;
    const what = empty
      ? { to: account.address, data: '0x' as const, value: 0n, gas: EMPTY_GAS }
      : { to, data, value: BigInt(value), gas: BigInt(gas) };
    const { raw, hash } = await account.sign({ nonce, ...what, ...pick(fees) });
    const wei = {
      maxFeePerGas: toHex(fees.maxFeePerGas),
      maxPriorityFeePerGas: toHex(fees.maxPriorityFeePerGas),
    };
    return { hash, raw, ...wei, signedAtMs: nowMs(), empty };
  }

  async #refused(entry: InFlight, fault: RpcFault, mayRaise: boolean): Promise<void> {
    const { empty } = newest(entry);
    const rpcCode = fault.code;
    switch (refusalOf(fault)) {
      case 'already-known':
      case 'nonce-used':
      case 'replacement-underpriced':
        return;
      case 'insufficient-funds':
        throw new ChainClientError('insufficient_funds', { rpcCode });
      case 'underpriced':
        if (mayRaise) return this.#replace(entry, empty);
        throw new ChainClientError('underpriced', { rpcCode });
      case 'permanent':
        if (mayRaise && !empty) return this.#replace(entry, true);
        throw new ChainClientError('rpc_refused', { rpcCode });
      case 'gas-too-high':
      case 'other':
        throw new ChainClientError('rpc_refused', { rpcCode });
    }
  }

  /** New bytes of the same nonce that offer more; stored, then sent. Where another process was first, its bytes are sent. */
  async #replace(entry: InFlight, empty: boolean): Promise<void> {
    const { rpc, outbox } = this.#parts;
    const wished = await suggestFees(rpc, this.#options);
    const stored = await outbox.change(entry.intentId, async (current) => {
      if (current.attempts.length !== entry.attempts.length) return current;
      if (current.attempts.length >= MAX_ATTEMPTS) throw new ChainClientError('underpriced');
      const fees = replacementFees(feesOf(newest(current)), wished, this.#options);
      return { ...current, attempts: [...current.attempts, await this.#sign(current, fees, empty)] };
    });
    if (stored) await this.broadcast(stored, false);
  }

  async #keepAlive(entry: InFlight): Promise<void> {
    const { rpc, nowMs } = this.#parts;
    const attempt = newest(entry);
    if (!(await rpc.isKnown(attempt.hash))) return this.broadcast(entry);
    if (nowMs() - attempt.signedAtMs < this.#options.replaceAfterMs) return;
    const { baseFeePerGas, maxPriorityFeePerGas } = await suggestFees(rpc, this.#options);
    const offered = feesOf(attempt);
    const enough = offered.maxFeePerGas >= baseFeePerGas + offered.maxPriorityFeePerGas;
    if (!enough || offered.maxPriorityFeePerGas < maxPriorityFeePerGas)
      await this.#replace(entry, attempt.empty);
  }

  #finish(entry: InFlight, outcome: FinalRecord['outcome'], receipt: ChainReceipt | null): Promise<void> {
    const { outbox } = this.#parts;
    const { intentId, nonce, to, value, data } = entry;
    return outbox.finish({
      kind: 'final',
      key: outbox.finalKey(intentId),
      ...{ intentId, nonce, to, value, outcome },
      dataHash: keccak256(data),
      transactionHash: receipt?.transactionHash ?? null,
    });
  }
}

export const newest = ({ attempts }: InFlight): Attempt => attempts[attempts.length - 1]!;

const feesOf = ({ maxFeePerGas, maxPriorityFeePerGas }: Attempt): Fees => ({
  maxFeePerGas: BigInt(maxFeePerGas),
  maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas),
});

const pick = ({ maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees => ({ maxFeePerGas, maxPriorityFeePerGas });

/** Code 3 is execution-apis' "execution reverted"; others say it in words. */
export const isRevert = (fault: RpcFault): boolean =>
  fault.code === 3 || fault.data !== null || /revert/i.test(fault.message);
