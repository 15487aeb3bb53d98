/** What the suite needs of a chain: a reference EVM in this process, or a node behind a URL. */
import { keccak256, toHex } from 'viem';
import type { Hex } from '../../src/index.ts';

export interface Log {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

export interface Receipt {
  readonly ok: boolean;
  readonly gasUsed: bigint;
  readonly created?: Hex | undefined;
  readonly logs: readonly Log[];
}

export interface Sent {
  readonly from: Hex;
  /** Absent: creates a contract. */
  readonly to?: Hex | undefined;
  readonly data?: Hex;
  readonly value?: bigint;
}

export interface TestChain {
  readonly name: string;
  /** Whether `advanceTo` jumps; else it waits for the clock on the wall. */
  readonly travels: boolean;
  /** Accounts with money and keys. */
  readonly accounts: readonly Hex[];
  /** Sends a transaction and waits for its block; one that reverts has `ok` false. */
  send(sent: Sent): Promise<Receipt>;
  /** The answer, on the newest block; throws `Reverted`. */
  call(sent: Sent): Promise<Hex>;
  codeOf(address: Hex): Promise<Hex>;
  /** Nonce of an account's next transaction. */
  nonceOf(address: Hex): Promise<bigint>;
  /** Puts runtime code where genesis would hold it; where a node cannot, elsewhere. Gives the address. */
  place(address: Hex, code: Hex): Promise<Hex>;
  /** Seconds since 1970 of the newest block. */
  now(): Promise<number>;
  /** Goes on until a block is not older than that second. */
  advanceTo(second: number): Promise<void>;
  close(): Promise<void>;
}

/** Below the limit of our own chain. */
export const GAS_LIMIT = 8_000_000n;
export const ACCOUNTS = 8;

export class Reverted extends Error {
  readonly data: Hex;
  constructor(data: Hex) {
    super(`reverted with ${data}`);
    this.data = data;
  }
}

/** Keys that anybody knows; never worth anything outside of a test. */
export const testKey = (index: number): Hex => keccak256(toHex(`lucid test account ${index}`));

/** Creation code that leaves `code` as it is: PUSH4 size, DUP1, PUSH1 14, PUSH0, CODECOPY, PUSH0, RETURN. */
export function creationOf(code: Hex): Hex {
  const size = ((code.length - 2) / 2).toString(16).padStart(8, '0');
  return `0x63${size}80600c5f395ff3${code.slice(2)}`;
}
