/** ABI work: encoding calls, decoding results, events and reverts. */
import {
  type Abi,
  type ContractEventName,
  decodeErrorResult,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
} from 'viem';
import type { RevertReason } from './error.ts';
import type { ChainLog } from './shapes.ts';

/** Of a contract at an address. */
export interface ContractAt<Interface extends Abi = Abi> {
  readonly address: Hex;
  readonly abi: Interface;
}

export interface DecodedEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly log: ChainLog;
}

/** Bytes of a call. @throws where function or arguments do not fit the ABI. */
export const encodeCall = (abi: Abi, functionName: string, args: readonly unknown[] = []): Hex =>
  encodeFunctionData({ abi, functionName, args });

export const decodeResult = (abi: Abi, functionName: string, data: Hex): unknown =>
  decodeFunctionResult({ abi, functionName, data });

/** Events of the ABI that the contract logged, in order; logs of others, or that do not fit, are passed over. */
export function decodeEvents(contract: ContractAt, logs: readonly ChainLog[]): DecodedEvent[] {
  const own = logs.filter(({ address }) => address === contract.address.toLowerCase());
  return own.flatMap((log) => {
    // parseEventLogs reads topics and data alone, and copies the rest.
    const given = [{ ...log, topics: [...log.topics] }] as unknown as Parameters<
      typeof parseEventLogs
    >[0]['logs'];
    const decoded = parseEventLogs<Abi, true, ContractEventName<Abi>>({
      abi: contract.abi,
      logs: given,
      strict: true,
    });
    return decoded.map(({ eventName, args }) => ({ name: eventName ?? '', args: namedArgs(args), log }));
  });
}

const namedArgs = (args: unknown): Readonly<Record<string, unknown>> =>
  Array.isArray(args)
    ? Object.fromEntries(args.entries())
    : ((args ?? {}) as Readonly<Record<string, unknown>>);

/** `Error(string)` and `Panic(uint256)` are known without an ABI; what is not known keeps its bytes as the one argument. */
export function decodeRevert(data: Hex | null, abi: Abi = []): RevertReason {
  if (data === null || data === '0x') return { name: 'none', args: [] };
  try {
    const { errorName, args } = decodeErrorResult({ abi, data });
    return { name: errorName, args: (args ?? []) as readonly unknown[] };
  } catch {
    return { name: 'unknown', args: [data] };
  }
}
