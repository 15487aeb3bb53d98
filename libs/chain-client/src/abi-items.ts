/** Finding and encoding what an ABI has, where it is not known before the program runs. */
import {
  type Abi,
  type AbiFunction,
  type AbiParameter,
  concatHex,
  decodeAbiParameters,
  encodeAbiParameters,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  keccak256,
  stringToHex,
  toFunctionSignature,
} from 'viem';
import { AbiValueError } from './abi-values.ts';
import type { RevertReason } from './error.ts';

/** `function` by name, or by signature; where a name is overloaded, by the number of its arguments. @throws AbiValueError */
export function functionOf(abi: Abi, nameOrSignature: string, args: number): AbiFunction {
  const [name] = nameOrSignature.split('(');
  const all = abi.filter((each): each is AbiFunction => each.type === 'function' && each.name === name);
  const signed = nameOrSignature.includes('(')
    ? all.filter((each) => toFunctionSignature(each) === nameOrSignature)
    : all;
  const fitting = signed.length > 1 ? signed.filter(({ inputs }) => inputs.length === args) : signed;
  if (fitting.length === 1) return fitting[0]!;
  const signatures = all.map((each) => toFunctionSignature(each)).join(', ');
  if (all.length === 0) throw new AbiValueError('function', `a function of the contract, not ${name}`);
  throw new AbiValueError('function', `one of ${signatures}`);
}

export const constructorInputs = (abi: Abi): readonly AbiParameter[] =>
  abi.find((each) => each.type === 'constructor')?.inputs ?? [];

export const isPayable = (item: { readonly stateMutability?: string } | undefined): boolean =>
  item?.stateMutability === 'payable';

export const signatureOf = (item: AbiFunction): string => toFunctionSignature(item);

/** Values as the ABI's encoder takes them (`valuesFromJson`). */
export const encodeValues = (inputs: readonly AbiParameter[], values: readonly unknown[]): Hex =>
  inputs.length === 0 ? '0x' : encodeAbiParameters(inputs, values);

export const encodeFunction = (item: AbiFunction, values: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: [item], functionName: item.name, args: values });

/** What a function handed back. @throws where the bytes are none of it: there is no such contract. */
export const decodeValues = (outputs: readonly AbiParameter[], data: Hex): readonly unknown[] =>
  outputs.length === 0 ? [] : decodeAbiParameters(outputs, data);

export const joined = (...parts: readonly Hex[]): Hex => concatHex(parts);

/** Keccak-256. */
export const hashOfBytes = (data: Hex): Hex => keccak256(data);

/** Text that stands for a library's address in code that is not linked: of 40 characters. */
export const libraryPlaceholder = (source: string, library: string): string =>
  `__$${keccak256(stringToHex(`${source}:${library}`)).slice(2, 36)}$__`;

/** Where a transaction that makes a contract puts it; lower case. */
export const createdAddress = (from: Hex, nonce: number): Hex =>
  getContractAddress({ from, nonce: BigInt(nonce) }).toLowerCase() as Hex;

const MOST_CHARS = 500;

/** One line: `TooManyOpenProposals(0x…, 5)`, or the text of `Error`. */
export function reasonText({ name, args }: RevertReason): string {
  if (name === 'none') return 'without a reason';
  const said = args.map((each) =>
    JSON.stringify(each, (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
  );
  const text =
    name === 'unknown' ? `bytes ${args[0] ?? 'that are not known'}` : `${name}(${said.join(', ')})`;
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text;
}
