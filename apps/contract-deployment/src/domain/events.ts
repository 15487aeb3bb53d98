import {
  type Abi,
  type AbiEvent,
  type AbiParameter,
  type DecodedEvent,
  valueToJson,
} from '@lucid/chain-client';

interface EventJson {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Decoded events as JSON: whole numbers in decimal. */
export const eventsOf = (abi: Abi, events: readonly DecodedEvent[]): EventJson[] =>
  events.map(({ name, args }) => ({ name, args: argsOf(inputsOf(abi, name, args), args) }));

function inputsOf(abi: Abi, name: string, args: Readonly<Record<string, unknown>>): readonly AbiParameter[] {
  const events = abi.filter((each): each is AbiEvent => each.type === 'event' && each.name === name);
  return events.find(({ inputs }) => inputs.length === Object.keys(args).length)?.inputs ?? [];
}

const argsOf = (
  inputs: readonly AbiParameter[],
  args: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    inputs.flatMap((input, at) => {
      const key = input.name && input.name in args ? input.name : String(at);
      return args[key] === undefined ? [] : [[key, jsonOf(input, args[key])]];
    }),
  );

/** An indexed value of variable size is in the log as its hash. */
const jsonOf = (input: AbiParameter, value: unknown): unknown =>
  (input as { indexed?: boolean }).indexed === true && isHash(value) ? value : valueToJson(input, value);

const isHash = (value: unknown): boolean => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value);
