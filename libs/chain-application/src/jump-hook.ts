/**
 * A word with every jump of an EVM. A loop must jump, and between two jumps lie at most 24 KB of code, so this is where an execution
 * can be ended, or others in the process have their turn.
 */
import type { Common } from '@ethereumjs/common';
import type { EVM } from '@ethereumjs/evm';

const jump = 0x56;
const conditionalJump = 0x57;
export const jumpsBetweenYields = 4096;

type Handler = (runState: never, common: Common) => Promise<void> | void;
interface OpcodeEntry {
  opcodeInfo: { isAsync: boolean };
  opHandler: Handler;
}

/** `onJump` is awaited before each JUMP and JUMPI; what it throws ends the execution. */
export function hookJumps(evm: EVM, onJump: () => Promise<void> | undefined): void {
  const opcodes = (evm as unknown as { _opcodeMap: OpcodeEntry[] })._opcodeMap;
  for (const code of [jump, conditionalJump]) {
    const entry = opcodes[code]!;
    const handler = entry.opHandler;
    const hooked: Handler = async (runState, common) => {
      const pause = onJump();
      if (pause !== undefined) await pause;
      await handler(runState, common);
    };
    const info = Object.create(Object.getPrototypeOf(entry.opcodeInfo));
    opcodes[code] = {
      ...entry,
      opHandler: hooked,
      opcodeInfo: Object.assign(info, entry.opcodeInfo, { isAsync: true }),
    };
  }
}

/** Lets others have their turn every few thousand jumps. */
export function yieldOnJumps(evm: EVM, yieldTurn: () => Promise<void>): void {
  let jumps = 0;
  hookJumps(evm, () => {
    jumps = (jumps + 1) % jumpsBetweenYields;
    return jumps === 0 ? yieldTurn() : undefined;
  });
}
