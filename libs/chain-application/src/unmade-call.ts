/**
 * Calls and creations that the EVM does not begin, since the balance or the depth forbids it: geth tells a frame of them, ethereumjs emits nothing.
 * They show as an instruction that is followed by another step, or by the end without fault, of the same frame.
 */

import type { InterpreterStep } from '@ethereumjs/evm';
import { toQuantity } from '@lucid/chain-wire';
import type { CallFrame } from './query-types.ts';
import { bytesToHex, type Hex } from './values.ts';

const maxDepth = 1024;

export type UnmadeCall = Omit<CallFrame, 'calls' | 'logs'> & { readonly error: string };

const callStipend = 2_300n;

/** Which words of the stack, from the top, hold the value, and the place and size of the input. */
const operands: Readonly<Record<string, { value?: number; offset: number; size: number }>> = {
  CALL: { value: 2, offset: 3, size: 4 },
  CALLCODE: { value: 2, offset: 3, size: 4 },
  DELEGATECALL: { offset: 2, size: 3 },
  STATICCALL: { offset: 2, size: 3 },
  CREATE: { value: 0, offset: 1, size: 2 },
  CREATE2: { value: 0, offset: 1, size: 2 },
};

function inputOf(step: InterpreterStep, offset: bigint, size: bigint): Hex {
  const input = Buffer.alloc(Number(size));
  input.set(step.memory.subarray(Number(offset), Number(offset + size)));
  return bytesToHex(input);
}

/** Geth's frame of this step's call, were it not begun; undefined where the step is none, or fails by itself. */
export function unmadeCallOf(step: InterpreterStep, frameValue: Hex | undefined): UnmadeCall | undefined {
  const { name } = step.opcode;
  const places = operands[name];
  if (places === undefined) return undefined;
  const word = (fromTop: number): bigint => step.stack.at(-1 - fromTop) ?? 0n;
  const value = places.value === undefined ? 0n : word(places.value);
  const left = step.gasLeft - (step.opcode.dynamicFee ?? BigInt(step.opcode.fee));
  if (left < 0n) return undefined;
  const most = left - left / 64n;
  const isCreation = name.startsWith('CREATE');
  const asked = isCreation || word(0) > most ? most : word(0);
  const to: Hex = `0x${BigInt.asUintN(160, word(1)).toString(16).padStart(40, '0')}`;
  const told = name === 'DELEGATECALL' ? frameValue : toQuantity(value);
  return {
    type: name,
    from: bytesToHex(step.address.bytes),
    ...(isCreation ? {} : { to }),
    ...(name === 'STATICCALL' || told === undefined ? {} : { value: told }),
    gas: toQuantity(asked + (!isCreation && value > 0n ? callStipend : 0n)),
    gasUsed: '0x0',
    input: inputOf(step, word(places.offset), word(places.size)),
    error: step.depth >= maxDepth ? 'max call depth exceeded' : 'insufficient balance for transfer',
  };
}
