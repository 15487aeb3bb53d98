/** Logs of a simulated call in the order in which they are made, and, where wanted, one for each value that is given (ERC-7528). */
import { type EVM, EVMError, type EVMResult, type Message } from '@ethereumjs/evm';
import type { RawLog } from './receipt.ts';
import type { SimulatedLog } from './simulation-types.ts';
import { hookAround } from './turn-hook.ts';
import { bytesToHex, type Hex } from './values.ts';

/** keccak256 of `Transfer(address,address,uint256)`. */
const transferTopic: Hex = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const etherAddress: Hex = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee';

/** CREATE, CALL, CREATE2, and which word of the stack, from the top, is the value. */
const givers = [
  [0xf0, 0],
  [0xf1, 2],
  [0xf5, 0],
] as const;
const selfDestruct = 0xff;
const logCodes = [0xa0, 0xa1, 0xa2, 0xa3, 0xa4];

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;
const wordOf = (address: Uint8Array): Hex => `0x${bytesToHex(address).slice(2).padStart(64, '0')}`;

interface Frame {
  readonly logs: SimulatedLog[];
  /** Of a creation that takes value: its address is known at the end. */
  readonly given: { index: number; from: Uint8Array; value: bigint } | undefined;
}

/** DELEGATECALL moves nothing; CALLCODE gives to itself. */
const givesValue = (message: Message): boolean =>
  message.value > 0n &&
  !message.delegatecall &&
  (message.to === undefined || message.codeAddress.equals(message.to) || !message.caller.equals(message.to));

export class SimulationLogs {
  readonly #withTransfers: boolean;
  #open: Frame[] = [];
  #logs: SimulatedLog[] = [];
  #count = 0;
  #entered = 0;

  constructor(withTransfers: boolean) {
    this.#withTransfers = withTransfers;
  }

  /** Numbers begin anew. */
  beginBlock(): void {
    this.#count = 0;
  }

  beginCall(): void {
    this.#open = [];
    this.#logs = [];
  }

  get logs(): readonly SimulatedLog[] {
    return this.#logs;
  }

  attach(evm: EVM): void {
    evm.events.on('beforeMessage', (message) => this.#enter(message));
    evm.events.on('afterMessage', (result) => this.#leave(result));
    for (const code of logCodes)
      hookAround(evm, code, async ({ interpreter }, run) => {
        await run();
        const made = interpreter._result.logs.at(-1) as RawLog | undefined;
        if (made !== undefined) this.#add(made);
      });
    if (!this.#withTransfers) return;
    for (const [code, valueAt] of givers)
      hookAround(evm, code, async ({ stack }, run) => {
        const value = stack.peek(valueAt + 1)[valueAt] ?? 0n;
        const entered = this.#entered;
        await run();
        // geth counts the log of a call that the balance or the depth forbids; the library begins none.
        if (value > 0n && entered === this.#entered) this.#count += 1;
      });
    hookAround(evm, selfDestruct, async ({ interpreter, stack }, run) => {
      const from = interpreter.getAddress();
      const to = BigInt.asUintN(160, stack.peek(1)[0] ?? 0n);
      const value = (await evm.stateManager.getAccount(from))?.balance ?? 0n;
      await run().catch((error: unknown) => {
        // That it is done the library tells as the end of the frame.
        if (value > 0n && (error as EVMError).error === EVMError.errorMessages.STOP)
          this.#addTransfer(from.bytes, word(to), value);
        throw error;
      });
    });
  }

  #push(log: Omit<SimulatedLog, 'index'>): void {
    this.#open.at(-1)?.logs.push({ index: this.#count++, ...log });
  }

  #add([address, topics, data]: RawLog): void {
    this.#push({
      address: bytesToHex(address),
      topics: topics.map(bytesToHex),
      data: bytesToHex(data),
    });
  }

  #addTransfer(from: Uint8Array, to: Hex, value: bigint): void {
    this.#push({ address: etherAddress, topics: [transferTopic, wordOf(from), to], data: word(value) });
  }

  #enter(message: Message): void {
    this.#entered += 1;
    const gives = this.#withTransfers && givesValue(message);
    const from = message.caller.bytes;
    const isCreation = message.to === undefined;
    const given = gives && isCreation ? { index: this.#count++, from, value: message.value } : undefined;
    this.#open.push({ logs: [], given });
    if (gives && message.to !== undefined) this.#addTransfer(from, wordOf(message.to.bytes), message.value);
  }

  #leave({ createdAddress, execResult }: EVMResult): void {
    const frame = this.#open.pop();
    if (frame === undefined || execResult.exceptionError !== undefined) return;
    const { given } = frame;
    const kept = this.#open.at(-1)?.logs ?? this.#logs;
    if (given !== undefined && createdAddress !== undefined)
      kept.push({
        index: given.index,
        address: etherAddress,
        topics: [transferTopic, wordOf(given.from), wordOf(createdAddress.bytes)],
        data: word(given.value),
      });
    for (const log of frame.logs) kept.push(log);
  }
}
