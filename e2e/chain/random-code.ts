/**
 * Random EVM code that does something: statements over a stack whose depth is known, memory and storage within small bounds, calls and creations,
 * branches and loops, and any of the ways to end. What no two chains agree on (PREVRANDAO, BLOCKHASH) is left out.
 */
import type { Hex } from 'viem';
import type { Seeded } from '../stack/seeded.ts';

/** Operation codes by how many words they take; each gives one. */
const COMPUTES: readonly (readonly [pops: number, codes: readonly number[]])[] = [
  [1, [0x15, 0x19]],
  [2, [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x14]],
  [2, [0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d]],
  [3, [0x08, 0x09]],
];
/** ADDRESS, ORIGIN, CALLER, CALLVALUE, CALLDATASIZE, CODESIZE, GASPRICE, RETURNDATASIZE, COINBASE, TIMESTAMP, NUMBER, … GAS. */
const TELLS = [
  0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43, 0x45, 0x46, 0x47, 0x48, 0x58, 0x59, 0x5a,
];
const OP = {
  sha3: 0x20,
  balance: 0x31,
  callDataLoad: 0x35,
  callDataCopy: 0x37,
  codeCopy: 0x39,
  extCodeSize: 0x3b,
  extCodeCopy: 0x3c,
  returnDataCopy: 0x3e,
  extCodeHash: 0x3f,
  blobHash: 0x49,
  pop: 0x50,
  mload: 0x51,
  mstore: 0x52,
  mstore8: 0x53,
  sload: 0x54,
  sstore: 0x55,
  jumpi: 0x57,
  jumpdest: 0x5b,
  tload: 0x5c,
  tstore: 0x5d,
  mcopy: 0x5e,
  sub: 0x03,
  iszero: 0x15,
  dup1: 0x80,
  swap1: 0x90,
  log0: 0xa0,
  create: 0xf0,
  call: 0xf1,
  callCode: 0xf2,
  delegateCall: 0xf4,
  create2: 0xf5,
  staticCall: 0xfa,
} as const;
const ENDS = { stop: 0x00, return: 0xf3, revert: 0xfd, invalid: 0xfe, selfDestruct: 0xff } as const;

/** Init codes of what code makes: nothing, a contract that returns a word, one that refuses, one with a forbidden first byte. */
const SEEDS: readonly string[] = [
  '',
  '635f5ff35f525f5ffd',
  '60015f5360015ff3',
  '60ef5f5360015ff3',
  '5f5ffd',
  'fe',
];
const COUNTER_AT = 0x200;

class Writer {
  readonly bytes: number[] = [];
  readonly #random: Seeded;
  readonly #known: readonly Hex[];
  /** Words that are surely on the stack. */
  #depth = 0;

  constructor(random: Seeded, known: readonly Hex[]) {
    this.#random = random;
    this.#known = known;
  }

  op(...codes: number[]): void {
    this.bytes.push(...codes);
  }

  push(value: bigint): void {
    const hex = value === 0n ? '' : value.toString(16);
    const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
    this.op(0x5f + octets.length, ...octets);
    this.#depth += 1;
  }

  #word(): bigint {
    const { below, pick } = this.#random;
    const all = 2n ** 256n - 1n;
    return pick([
      () => BigInt(below(4)),
      () => BigInt(below(65_536)),
      () => all - BigInt(below(3)),
      () => 2n ** 255n + BigInt(below(3)),
      () => 2n ** BigInt(below(256)),
      () =>
        BigInt(`0x${Array.from({ length: 32 }, () => below(256).toString(16).padStart(2, '0')).join('')}`),
    ])();
  }

  #small(limit = 0x120): void {
    this.push(BigInt(this.#random.below(limit)));
  }

  #address(): void {
    const { below, pick } = this.#random;
    if (below(8) === 0) this.push(BigInt(below(12)));
    else if (below(12) === 0) this.push(this.#word());
    else this.push(BigInt(pick(this.#known)));
  }

  /** A word that is there already, or a new one. */
  #operand(): void {
    const { below } = this.#random;
    if (this.#depth > 0 && below(3) > 0) {
      this.op(OP.dup1 + below(Math.min(this.#depth, 16)));
      this.#depth += 1;
    } else this.push(this.#word());
  }

  /** An operation that takes what was pushed, and gives `gives` words. */
  #take(code: number, pops: number, gives: number): void {
    this.op(code);
    this.#depth += gives - pops;
  }

  #compute(): void {
    const [pops, codes] = this.#random.pick(COMPUTES);
    for (let at = 0; at < pops; at++) this.#operand();
    this.#take(this.#random.pick(codes), pops, 1);
  }

  #tell(): void {
    const { below, pick } = this.#random;
    const kind = below(6);
    if (kind === 0) {
      this.#address();
      this.#take(pick([OP.balance, OP.extCodeSize, OP.extCodeHash]), 1, 1);
    } else if (kind === 1) {
      this.#small();
      this.#take(pick([OP.callDataLoad, OP.blobHash]), 1, 1);
    } else this.#take(pick(TELLS), 0, 1);
  }

  #memory(): void {
    const { below, pick } = this.#random;
    pick([
      () => {
        this.#operand();
        this.#small();
        this.#take(pick([OP.mstore, OP.mstore8]), 2, 0);
      },
      () => {
        this.#small();
        this.#take(OP.mload, 1, 1);
      },
      () => {
        this.#small(64);
        this.#small();
        this.#take(OP.sha3, 2, 1);
      },
      () => {
        for (let at = 0; at < 3; at++) this.#small(0x80);
        this.#take(pick([OP.mcopy, OP.callDataCopy, OP.codeCopy]), 3, 0);
      },
      () => {
        this.#small(0x80);
        this.#small(0x80);
        this.#small(0x80);
        this.#address();
        this.#take(OP.extCodeCopy, 4, 0);
      },
      () => {
        // Beyond what came back it is an end by exception.
        this.push(below(12) === 0 ? 33n : 0n);
        this.push(0n);
        this.#small();
        this.#take(OP.returnDataCopy, 3, 0);
      },
    ])();
  }

  #storage(): void {
    const { below, pick } = this.#random;
    const isTransient = below(4) === 0;
    if (below(3) === 0) {
      this.#small(6);
      this.#take(isTransient ? OP.tload : OP.sload, 1, 1);
      return;
    }
    if (below(3) === 0) this.push(pick([0n, 1n]));
    else this.#operand();
    this.#small(6);
    this.#take(isTransient ? OP.tstore : OP.sstore, 2, 0);
  }

  #log(): void {
    const topics = this.#random.below(5);
    for (let at = 0; at < topics; at++) this.#operand();
    this.#small(70);
    this.#small();
    this.#take(OP.log0 + topics, topics + 2, 0);
  }

  #call(): void {
    const { below, pick } = this.#random;
    const kind = pick([OP.call, OP.call, OP.callCode, OP.delegateCall, OP.staticCall]);
    const hasValue = kind === OP.call || kind === OP.callCode;
    for (let at = 0; at < 4; at++) this.#small(70);
    if (hasValue) this.push(below(3) === 0 ? BigInt(below(3)) : 0n);
    this.#address();
    if (below(2) === 0) this.#take(0x5a, 0, 1);
    else this.#small(60_000);
    this.#take(kind, hasValue ? 7 : 6, 1);
  }

  #create(): void {
    const { below, pick } = this.#random;
    const seed = pick(SEEDS);
    const sizeBytes = seed.length / 2;
    this.push(BigInt(`0x${seed.padEnd(64, '0')}`));
    this.push(0n);
    this.#take(OP.mstore, 2, 0);
    const isSalted = below(2) === 0;
    if (isSalted) this.#small(3);
    this.push(BigInt(sizeBytes));
    this.push(0n);
    this.push(BigInt(below(2)));
    this.#take(isSalted ? OP.create2 : OP.create, isSalted ? 4 : 3, 1);
  }

  /** Statements that are passed over where the condition holds. */
  #branch(levels: number): void {
    this.#operand();
    const place = this.#label();
    this.#take(OP.jumpi, 2, 0);
    const before = this.#depth;
    this.statements(1 + this.#random.below(3), levels - 1);
    this.#depth = before;
    this.#land(place);
  }

  #loop(levels: number): void {
    const counterAt = BigInt(COUNTER_AT + 32 * levels);
    this.#small(6);
    this.push(counterAt);
    this.#take(OP.mstore, 2, 0);
    const start = this.bytes.length;
    this.op(OP.jumpdest);
    const before = this.#depth;
    this.#depth = 0;
    this.statements(1 + this.#random.below(3), levels - 1);
    this.#depth = before;
    this.push(1n);
    this.push(counterAt);
    this.op(OP.mload, OP.sub, OP.dup1);
    this.push(counterAt);
    // Ends at 0 and at what is below it.
    this.op(OP.mstore, OP.dup1, 0x60, 0x08, 0x11, 0x02);
    this.op(0x61, start >> 8, start & 255, OP.jumpi);
    this.#depth = before;
  }

  #label(): number {
    this.op(0x61, 0, 0);
    this.#depth += 1;
    return this.bytes.length - 2;
  }

  #land(place: number): void {
    this.bytes[place] = this.bytes.length >> 8;
    this.bytes[place + 1] = this.bytes.length & 255;
    this.op(OP.jumpdest);
  }

  statements(count: number, levels: number): void {
    const { below } = this.#random;
    for (let at = 0; at < count; at++) {
      const kind = below(20);
      if (kind < 5) this.#compute();
      else if (kind < 7) this.#tell();
      else if (kind < 10) this.#memory();
      else if (kind < 13) this.#storage();
      else if (kind < 15) this.#log();
      else if (kind < 17) this.#call();
      else if (kind < 18) this.#create();
      else if (levels > 0 && kind < 19) this.#branch(levels);
      else if (levels > 0) this.#loop(levels);
      else if (this.#depth > 1) this.op(OP.swap1 + below(Math.min(this.#depth - 1, 16)));
    }
  }

  end(): void {
    const { below, pick } = this.#random;
    // What is on the stack shows in storage.
    if (this.#depth > 0) {
      this.push(7n);
      this.#take(OP.sstore, 2, 0);
    }
    const kind = pick([...Object.values(ENDS), ENDS.return, ENDS.return, ENDS.stop, ENDS.revert, -1, -2]);
    if (kind === ENDS.return || kind === ENDS.revert) {
      this.#small(100);
      this.#small();
      this.op(kind);
    } else if (kind === ENDS.selfDestruct) {
      this.#address();
      this.op(kind);
    } else if (kind === -1) {
      // Of no meaning, or too few on the stack, or a jump to no place.
      this.op(...pick([[0x0c], [0xef], [0x01, 0x01, 0x01, 0x01], [0x60, 0x01, 0x56]]));
    } else if (kind >= 0) this.op(kind);
    // Else it ends behind its last byte.
    if (below(10) === 0) this.op(0x7f);
  }
}

/** Runtime code; `known` are addresses that it may deal with. */
export function randomCode(random: Seeded, known: readonly Hex[]): Hex {
  const writer = new Writer(random, known);
  writer.statements(4 + random.below(24), 2);
  writer.end();
  return `0x${Buffer.from(writer.bytes).toString('hex')}`;
}

/** Init code that returns it. */
export function initCodeOf(code: Hex): Hex {
  const sizeBytes = (code.length - 2) / 2;
  // PUSH2 size, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: 10 bytes, then the code.
  return `0x61${sizeBytes.toString(16).padStart(4, '0')}80600a5f395ff3${code.slice(2)}`;
}
