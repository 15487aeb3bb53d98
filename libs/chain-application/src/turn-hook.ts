/**
 * A word with every step of an EVM that may be dear: jumps (a loop must jump, and between two jumps lie at most 48 KB of code), hashes,
 * reads of storage, calls. Here an execution can be ended, or others in the process have their turn.
 */
import type { Common } from '@ethereumjs/common';
import type { EVM, ExecResult } from '@ethereumjs/evm';

/**
 * What they cost this machine, a jump being 1: KECCAK256 (whose gas bounds it), SLOAD, JUMP, JUMPI, CALL, CALLCODE, DELEGATECALL, STATICCALL.
 * Gas tells less: a call that touches nothing new costs 100 of it, and as much time as 3,000 of hashing.
 */
const COSTS: ReadonlyMap<number, number> = new Map([
  [0x20, 1],
  [0x54, 20],
  [0x56, 1],
  [0x57, 1],
  ...[0xf1, 0xf2, 0xf4, 0xfa].map((code): [number, number] => [code, 100]),
]);
const COST_BETWEEN_YIELDS = 4096;
/** Some 15 ms of hashing, or of reading storage. */
const GAS_BETWEEN_YIELDS = 250_000n;

type RunState = NonNullable<ExecResult['runState']>;
type Handler = (runState: RunState, common: Common) => Promise<void> | void;
interface OpcodeEntry {
  opcodeInfo: { isAsync: boolean };
  opHandler: Handler;
}

const opcodesOf = (evm: EVM): OpcodeEntry[] => (evm as unknown as { _opcodeMap: OpcodeEntry[] })._opcodeMap;

function replaceHandler(opcodes: OpcodeEntry[], code: number, wrap: (handler: Handler) => Handler): void {
  const entry = opcodes[code];
  // Not in every fork.
  if (entry === undefined) return;
  const hooked = wrap(entry.opHandler);
  const info = Object.create(Object.getPrototypeOf(entry.opcodeInfo));
  opcodes[code] = {
    ...entry,
    opHandler: hooked,
    opcodeInfo: Object.assign(info, entry.opcodeInfo, { isAsync: true }),
  };
}

function hookOpcode(
  opcodes: OpcodeEntry[],
  code: number,
  before: (gasLeft: bigint) => Promise<void> | undefined,
): void {
  replaceHandler(opcodes, code, (handler) => async (runState, common) => {
    const pause = before(runState.interpreter.getGasLeft());
    if (pause !== undefined) await pause;
    await handler(runState, common);
  });
}

/** Has the instruction run by `around`, which calls `run` once. */
export function hookAround(
  evm: EVM,
  code: number,
  around: (runState: RunState, run: () => Promise<void>) => Promise<void>,
): void {
  replaceHandler(
    opcodesOf(evm),
    code,
    (handler) => (runState, common) => around(runState, async () => handler(runState, common)),
  );
}

/**
 * Lets others have their turn every few thousand steps, and whenever much gas was spent since. `onCost` is called before each of the dear
 * steps; what it throws ends the execution.
 */
export function hookTurns(
  evm: EVM,
  yieldTurn: () => Promise<void>,
  onCost: (cost: number) => void = () => {},
): void {
  const opcodes = opcodesOf(evm);
  let spent = 0;
  let gasThen = 0n;
  for (const [code, cost] of COSTS)
    hookOpcode(opcodes, code, (gasLeft) => {
      onCost(cost);
      spent += cost;
      // A call that returned, or another execution, begins with more.
      if (gasLeft > gasThen) gasThen = gasLeft;
      if (spent < COST_BETWEEN_YIELDS && gasThen - gasLeft < GAS_BETWEEN_YIELDS) return undefined;
      spent = 0;
      gasThen = gasLeft;
      return yieldTurn();
    });
}
