/** The face of the package: reading contracts, sending transactions, following them. */
import type { Abi, Hex } from 'viem';
import { createAccount } from './account.ts';
import { AccountOutbox } from './account-outbox.ts';
import type {
  ChainClient,
  ChainClientDependencies,
  ChainClientOptions,
  ChainClock,
  ReceiptStatus,
} from './api.ts';
import { decodeResult, decodeRevert, encodeCall } from './contracts.ts';
import {
  ChainClientError,
  type ChainClientErrorCode,
  isChainClientError,
  type RevertReason,
} from './error.ts';
import { Inclusion, type Seen } from './inclusion.ts';
import { assertIntent, type Intent, type IntentStatus } from './intent.ts';
import { asClientError, ChainRpc, RpcFault } from './json-rpc.ts';
import type { FinalRecord, InFlight } from './outbox.ts';
import { isRevert, newest, Sender } from './sender.ts';
import type { ChainReceipt } from './shapes.ts';

const GWEI = 1_000_000_000n;

const DEFAULTS = {
  confirmations: 6,
  minFeePerGas: GWEI,
  maxFeePerGasCap: 500n * GWEI,
  maxGas: 2n ** 63n,
  maxInFlight: 16,
  replaceAfterMs: 60_000,
  pollMs: 1000,
  timeoutMs: 120_000,
} as const satisfies Omit<ChainClientOptions, 'chainId' | 'secretKey'>;

/** Worth another try before the intent has a nonce, and after. */
const TRANSIENT: readonly ChainClientErrorCode[] = ['rpc_unreachable', 'chain_behind', 'too_many_in_flight'];
const TRANSIENT_IN_FLIGHT: readonly ChainClientErrorCode[] = [
  ...TRANSIENT,
  'rpc_refused',
  'rpc_malformed',
  'underpriced',
];

type Settings = Required<Omit<ChainClientOptions, 'secretKey'>>;

class Client implements ChainClient {
  readonly address: Hex;
  readonly #settings: Settings;
  readonly #rpc: ChainRpc;
  readonly #clock: ChainClock;
  readonly #outbox: AccountOutbox;
  readonly #inclusion: Inclusion;
  readonly #sender: Sender;
  #isRightChain = false;
  /** Claims of this process take turns, so that they do not lose to each other. */
  #claims: Promise<unknown> = Promise.resolve();

  constructor(
    { secretKey, ...options }: ChainClientOptions,
    { call, outbox, clock }: ChainClientDependencies,
  ) {
    this.#settings = { ...DEFAULTS, ...definedOf(options) };
    assertSettings(this.#settings);
    const account = createAccount(secretKey, options.chainId);
    this.address = account.address;
    this.#rpc = new ChainRpc(call);
    this.#clock = clock;
    this.#outbox = new AccountOutbox(outbox, { chainId: options.chainId, address: account.address });
    const { confirmations } = this.#settings;
    this.#inclusion = new Inclusion(this.#rpc, { address: account.address, confirmations });
    const nowMs = () => clock.nowMs();
    const parts = { rpc: this.#rpc, account, outbox: this.#outbox, inclusion: this.#inclusion, nowMs };
    this.#sender = new Sender(this.#settings, parts);
  }

  chainId = (): Promise<number> => this.#guarded(() => this.#checkedChainId());

  read: ChainClient['read'] = (contract, functionName, args) =>
    this.#guarded(async () => {
      const data = encodeCall(contract.abi, functionName, args as readonly unknown[]);
      try {
        const result = await this.#rpc.call({ from: this.address, to: contract.address, data }, 'latest');
        return decoded(contract.abi, functionName, result) as never;
      } catch (error) {
        if (!(error instanceof RpcFault) || !isRevert(error)) throw error;
        throw new ChainClientError('call_reverted', { reason: decodeRevert(error.data, contract.abi) });
      }
    });

  submit = (intent: Intent): Promise<IntentStatus> =>
    this.#guarded(async () => {
      const claimed = await this.#claim(intent);
      if ('final' in claimed) return this.#finalStatus(claimed.final);
      await this.#sender.broadcast(claimed.entry);
      return pendingStatus(claimed.entry);
    });

  statusOf = (intentId: string): Promise<IntentStatus> =>
    this.#guarded(async () => {
      await this.#checkedChainId();
      const { inFlight } = await this.#outbox.load();
      const entry = inFlight.find((each) => each.intentId === intentId);
      if (entry) return this.#advanced(entry);
      const final = await this.#outbox.final(intentId);
      if (final === null) throw new ChainClientError('intent_unknown');
      return this.#finalStatus(final);
    });

  settle = (): Promise<number> =>
    this.#guarded(async () => {
      await this.#checkedChainId();
      const { inFlight } = await this.#outbox.load();
      for (const entry of inFlight) await this.#sender.advance(entry);
      return (await this.#outbox.load()).inFlight.length;
    });

  nextNonce = (): Promise<number> =>
    this.#guarded(async () => {
      await this.#checkedChainId();
      return this.#sender.nextNonce(await this.#outbox.load());
    });

  async nonceOf(intentId: string): Promise<number | null> {
    const { inFlight } = await this.#outbox.load();
    const known = inFlight.find((each) => each.intentId === intentId) ?? (await this.#outbox.final(intentId));
    return known?.nonce ?? null;
  }

  reasonOf = (intent: Intent, receipt: ChainReceipt): Promise<RevertReason> =>
    this.#guarded(() => this.#reasonOf(intent, receipt));

  receiptOf = (hash: Hex): Promise<ReceiptStatus | null> =>
    this.#guarded(async () => {
      const receipt = await this.#rpc.receipt(hash);
      if (receipt === null) return null;
      return { receipt, ...(await this.#inclusion.depthOf(receipt)) };
    });

  async send(intent: Intent): Promise<ChainReceipt> {
    const until = this.#clock.nowMs() + this.#settings.timeoutMs;
    const progress = { isClaimed: false };
    for (;;) {
      const last = await this.#look(intent, progress);
      if (last instanceof ChainClientError || last.state === 'pending' || last.state === 'included') {
        if (this.#clock.nowMs() >= until)
          throw last instanceof ChainClientError ? last : new ChainClientError('timed_out');
        await this.#clock.sleep(this.#settings.pollMs);
        continue;
      }
      if (last.state !== 'final') throw new ChainClientError(`transaction_${last.state}`);
      if (last.receipt.status === 'success') return last.receipt;
      throw new ChainClientError('transaction_reverted', {
        reason: await this.reasonOf(intent, last.receipt),
      });
    }
  }

  /** One step of `send`; an error that may pass is handed back. */
  async #look(intent: Intent, progress: { isClaimed: boolean }): Promise<IntentStatus | ChainClientError> {
    try {
      if (!progress.isClaimed) {
        const status = await this.#submitOrSettle(intent, progress);
        if (status.state !== 'pending') return status;
      }
      return await this.#statusBehindOthers(intent.intentId);
    } catch (error) {
      if (isChainClientError(error, ...(progress.isClaimed ? TRANSIENT_IN_FLIGHT : TRANSIENT))) return error;
      throw error;
    }
  }

  async #submitOrSettle(intent: Intent, progress: { isClaimed: boolean }): Promise<IntentStatus> {
    try {
      await this.#guarded(() => this.#claim(intent));
      progress.isClaimed = true;
      return await this.submit(intent);
    } catch (error) {
      if (isChainClientError(error, 'too_many_in_flight')) await this.settle();
      throw error;
    }
  }

  /** Those before it are looked at first: while one of them is missing, it waits. */
  #statusBehindOthers(intentId: string): Promise<IntentStatus> {
    return this.#guarded(async () => {
      const { inFlight } = await this.#outbox.load();
      const own = inFlight.find((each) => each.intentId === intentId);
      for (const entry of inFlight) if (own && entry.nonce < own.nonce) await this.#sender.advance(entry);
      return this.statusOf(intentId);
    });
  }

  async #claim(intent: Intent) {
    assertIntent(intent);
    await this.#checkedChainId();
    const before = this.#claims;
    const claim = before.then(() => this.#sender.claim(intent));
    this.#claims = claim.catch(() => undefined);
    return claim;
  }

  async #advanced(entry: InFlight): Promise<IntentStatus> {
    const seen = await this.#sender.advance(entry);
    return statusFrom(entry, seen);
  }

  async #finalStatus({ nonce, outcome, transactionHash }: FinalRecord): Promise<IntentStatus> {
    if (outcome !== 'included' || transactionHash === null) {
      return { state: outcome === 'refused' ? 'refused' : 'displaced', nonce };
    }
    const receipt = await this.#rpc.receipt(transactionHash);
    if (receipt === null) throw new ChainClientError('chain_behind');
    const { confirmations } = await this.#inclusion.depthOf(receipt);
    return { state: 'final', nonce, receipt, confirmations };
  }

  /** Runs it again on the state before its block: what stood before it in the block is missing there, so this may find nothing. */
  async #reasonOf(
    { to, data, value = 0n, abi }: Intent,
    { blockNumber }: ChainReceipt,
  ): Promise<RevertReason> {
    try {
      await this.#rpc.call({ from: this.address, to, data, value }, blockNumber > 0n ? blockNumber - 1n : 0n);
    } catch (error) {
      if (!(error instanceof RpcFault)) throw error;
      return decodeRevert(error.data, abi);
    }
    return { name: 'unknown', args: [] };
  }

  async #checkedChainId(): Promise<number> {
    const { chainId } = this.#settings;
    if (this.#isRightChain) return chainId;
    if ((await this.#rpc.chainId()) !== chainId) throw new ChainClientError('wrong_chain');
    this.#isRightChain = true;
    return chainId;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asClientError(error);
    }
  }
}

const definedOf = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;

const COUNTS = ['chainId', 'confirmations', 'maxInFlight'] as const;

function assertSettings(settings: Settings): void {
  for (const name of COUNTS) {
    if (!Number.isSafeInteger(settings[name]) || settings[name] < 1)
      throw new RangeError(`${name}: not an integer from 1`);
  }
  if (settings.minFeePerGas > settings.maxFeePerGasCap)
    throw new RangeError('minFeePerGas: above maxFeePerGasCap');
}

/** Bytes that are no result of the function: there is no such contract at the address. */
function decoded(abi: Abi, functionName: string, result: Hex): unknown {
  try {
    return decodeResult(abi, functionName, result);
  } catch (cause) {
    throw new ChainClientError('rpc_malformed', { cause });
  }
}

const pendingStatus = (entry: InFlight): IntentStatus => ({
  state: 'pending',
  nonce: entry.nonce,
  hash: newest(entry).hash,
});

function statusFrom(entry: InFlight, seen: Seen): IntentStatus {
  if (seen.state === 'pending') return pendingStatus(entry);
  const { nonce } = entry;
  if (seen.state === 'displaced') return { state: 'displaced', nonce };
  const { receipt, confirmations, isFinal } = seen;
  const isEmpty = entry.attempts.some(({ hash, empty }) => empty && hash === receipt.transactionHash);
  if (isEmpty) return isFinal ? { state: 'refused', nonce } : pendingStatus(entry);
  return { state: isFinal ? 'final' : 'included', nonce, receipt, confirmations };
}

/** @throws RangeError where an option is none; nothing is asked of the node yet. */
export const createChainClient = (
  options: ChainClientOptions,
  dependencies: ChainClientDependencies,
): ChainClient => new Client(options, dependencies);
