/** Generated requests of `eth_simulateV1`: blocks of calls one behind the other. */
import { toHex } from 'viem';
import type { Seeded } from '../stack/seeded.ts';
import type { TransactionGenerator } from './generate-transactions.ts';
import type { Answer } from './reference-chains.ts';

const GWEI = 1_000_000_000;

export function simulationOf(generator: TransactionGenerator, { below }: Seeded): readonly unknown[] {
  const call = () => {
    const { from, to, data, value, gas } = generator.question();
    const fees =
      below(3) === 0 ? { maxFeePerGas: toHex(3 * GWEI), maxPriorityFeePerGas: toHex(below(9)) } : {};
    return { from, ...(to ? { to } : {}), input: data, value: toHex(value), gas: toHex(gas), ...fees };
  };
  const block = () => ({
    ...(below(3) === 0 ? { blockOverrides: { baseFeePerGas: toHex(below(GWEI)) } } : {}),
    calls: Array.from({ length: 1 + below(5) }, call),
  });
  const options = {
    blockStateCalls: Array.from({ length: 1 + below(3) }, block),
    traceTransfers: below(2) === 0,
    returnFullTransactions: below(2) === 0,
  };
  return [options, 'latest'];
}

interface SimulatedCall {
  readonly status: string;
  readonly logs: readonly { readonly address: string; readonly topics: unknown; readonly data: string }[];
}
type SimulatedBlock = { readonly calls: readonly SimulatedCall[] };

const ether = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee';
const blocksOf = ({ result }: Answer) => (result ?? []) as readonly SimulatedBlock[];

/** Without the logs of values that were given, which geth 1.17.2 also has, and counts, for CALLCODE (its later versions do not). */
export const withoutTransfers = (answer: Answer): Answer => ({
  ...answer,
  ...(answer.result === undefined
    ? {}
    : {
        result: blocksOf(answer).map((block) => ({
          ...block,
          calls: block.calls.map((call) => ({
            ...call,
            logs: call.logs
              .filter(({ address }) => address !== ether)
              .map((log) => ({ ...log, logIndex: undefined })),
          })),
        })),
      }),
});

/** Values that were given: from, to, how much. */
export const transfersOf = (answer: Answer): string[] =>
  blocksOf(answer).flatMap(({ calls }, block) =>
    calls.flatMap(({ logs }, call) =>
      logs
        .filter(({ address }) => address === ether)
        .map(({ topics, data }) => JSON.stringify([block, call, topics, data])),
    ),
  );

/** How many calls succeeded, and how many failed. */
export function callsOf(answer: Answer): { succeeded: number; failed: number } {
  const calls = blocksOf(answer).flatMap(({ calls: each }) => each);
  const succeeded = calls.filter(({ status }) => status === '0x1').length;
  return { succeeded, failed: calls.length - succeeded };
}
