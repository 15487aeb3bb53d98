/** What revert data says to people, in geth's words (accounts/abi): Solidity's `Error(string)` and `Panic(uint256)`. */

const ERROR_SELECTOR = 0x08c379a0;
const PANIC_SELECTOR = 0x4e487b71;

const panics: Readonly<Record<number, string>> = {
  0: 'generic panic',
  1: 'assert(false)',
  17: 'arithmetic underflow or overflow',
  18: 'division or modulo by zero',
  33: 'enum overflow',
  34: 'invalid encoded storage byte array accessed',
  49: 'out-of-bounds array access; popping on an empty array',
  50: 'out-of-bounds access of an array or bytesN',
  65: 'out of memory',
  81: 'uninitialized function',
};

/** Undefined where the data is neither. */
export function revertText(data: Uint8Array): string | undefined {
  const view = Buffer.from(data);
  if (view.length < 36) return undefined;
  const word = (at: number): bigint => BigInt(`0x${view.toString('hex', at, at + 32)}`);
  const selector = view.readUInt32BE(0);
  if (selector === PANIC_SELECTOR) {
    const code = word(4);
    return panics[Number(code)] ?? `unknown panic code: 0x${code.toString(16)}`;
  }
  if (selector !== ERROR_SELECTOR) return undefined;
  const size = (at: number): number => (view.length >= at + 32 ? Number(word(at)) : -1);
  const start = 4 + size(4);
  const length = Number.isSafeInteger(start) && start >= 4 ? size(start) : -1;
  if (length < 0 || start + 32 + length > view.length) return undefined;
  return view.toString('utf8', start + 32, start + 32 + length);
}
