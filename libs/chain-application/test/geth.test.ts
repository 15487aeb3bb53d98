/** Held to go-ethereum: a chain that geth imported, its answers about it, and its genesis hashes (vectors/chain, see vectors/README.md). */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import { ownVector } from '../../../vectors/locate.ts';
import {
  bytesToHex,
  type CallFrame,
  type CallRequest,
  type ChainApplication,
  ChainError,
  type ExecutionFailure,
  type Hex,
  hexToBytes,
  openChainApplication,
  type StructLogTrace,
  type TraceOptions,
} from '../src/index.ts';

interface Answer {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string };
}

interface Vector {
  readonly proposer: Hex;
  readonly genesis: unknown;
  readonly blocks: readonly { timestampSec: number; transactions: readonly Hex[]; hash: Hex }[];
  readonly answers: readonly Answer[];
  readonly geneses: readonly { name: string; genesis: unknown; hash: Hex; stateRoot: Hex }[];
}

const vector = JSON.parse(ownVector('chain/geth.json')) as Vector;
const quantity = (value: bigint): Hex => `0x${value.toString(16)}`;

test.each(vector.geneses.map((each) => [each.name, each] as const))('genesis of %s', async (_, each) => {
  const app = await openChainApplication({ genesis: each.genesis, store: createMemoryKvStore() });
  expect(app.info()).toMatchObject({ blockHash: each.hash, stateRoot: each.stateRoot, height: 0 });
});

interface RpcCall {
  readonly from?: Hex;
  readonly to?: Hex;
  readonly data?: Hex;
  readonly value?: Hex;
  readonly gas?: Hex;
}

const requestOf = (call: RpcCall, height: string): CallRequest => ({
  height: Number(height),
  transaction: {
    from: call.from,
    to: call.to,
    ...(call.data === undefined ? {} : { data: hexToBytes(call.data) }),
    ...(call.value === undefined ? {} : { value: BigInt(call.value) }),
    ...(call.gas === undefined ? {} : { gas: BigInt(call.gas) }),
  },
});

const failed = (failure: ExecutionFailure): Pick<Answer, 'error'> => ({
  error: {
    code: failure.code,
    message: failure.message,
    ...(failure.data === undefined ? {} : { data: bytesToHex(failure.data) }),
  },
});

const optionsOf = (rpc: { tracer?: 'callTracer'; tracerConfig?: TraceOptions }): TraceOptions => {
  const { tracerConfig, ...rest } = rpc;
  return { ...rest, ...tracerConfig };
};

const noHash = `0x${'0'.repeat(64)}`;

const refusalOf = (error: unknown): Pick<Answer, 'result' | 'error'> => {
  if (!(error instanceof ChainError) || error.code !== 'request_invalid') throw error;
  return { error: { code: -32_000, message: String(error.detail) } };
};

type Ask = (
  app: ChainApplication,
  params: readonly [never, never, never],
) => Promise<Pick<Answer, 'result' | 'error'>>;

const methods: Readonly<Record<string, Ask>> = {
  eth_getProof: async (app, [address, slots, height]) => {
    const proof = await app.proof(address, (slots as string[]).map(BigInt), { height: Number(height) });
    return {
      result: {
        address: proof.address,
        accountProof: proof.accountProof,
        balance: quantity(proof.balance),
        // geth tells zeros of an account that does not exist.
        codeHash: proof.exists ? proof.codeHash : noHash,
        nonce: quantity(proof.nonce),
        storageHash: proof.exists ? proof.storageRoot : noHash,
        storageProof: proof.storageProof.map(({ slot, value, proof: nodes }) => ({
          key: `0x${slot.toString(16).padStart(64, '0')}`,
          value: quantity(value),
          proof: nodes,
        })),
      },
    };
  },
  eth_call: async (app, [call, height]) => {
    const result = await app.call(requestOf(call, height));
    return result.ok ? { result: bytesToHex(result.data) } : failed(result.failure);
  },
  eth_estimateGas: async (app, [call, height]) => {
    const result = await app.estimateGas(requestOf(call, height));
    return result.ok ? { result: quantity(result.gas) } : failed(result.failure);
  },
  eth_createAccessList: async (app, [call, height]) => {
    const { accessList, gasUsed, error } = await app.createAccessList(requestOf(call, height));
    return { result: { accessList, gasUsed: quantity(gasUsed), ...(error === undefined ? {} : { error }) } };
  },
  debug_traceCall: async (app, [call, height, options]) => ({
    result: await app.traceCall(requestOf(call, height), optionsOf(options)),
  }),
  debug_traceTransaction: async (app, [hash, options]) => ({
    result: await app.traceTransaction(hash, optionsOf(options)),
  }),
};

/** What later rules of execution-apis write otherwise than geth 1.17: 0x before words of memory and storage. */
function asGethWrites(result: unknown): unknown {
  const trace = result as StructLogTrace | CallFrame;
  if (typeof trace !== 'object' || !('structLogs' in trace)) return result;
  const bare = (text: string): string => text.slice(2);
  return {
    ...trace,
    structLogs: trace.structLogs.map(({ storage, memory, ...log }) => ({
      ...log,
      ...(storage === undefined
        ? {}
        : {
            storage: Object.fromEntries(
              Object.entries(storage).map(([key, value]) => [bare(key), bare(value)]),
            ),
          }),
      ...(memory === undefined ? {} : { memory: memory.map(bare) }),
    })),
  };
}

describe('a chain that geth imported', () => {
  let app: ChainApplication;

  beforeAll(async () => {
    app = await openChainApplication({ genesis: vector.genesis, store: createMemoryKvStore() });
    for (const [index, block] of vector.blocks.entries()) {
      const executed = await app.finalizeBlock({
        height: index + 1,
        timestampSec: block.timestampSec,
        proposer: vector.proposer,
        transactions: block.transactions.map(hexToBytes),
      });
      // The hash covers state, receipts, bloom, gas: geth computed them all anew.
      expect(executed.blockHash).toBe(block.hash);
      await app.commit(block.hash);
    }
  });

  test.each(vector.answers.map((answer, index) => [`${index} ${answer.method}`, answer] as const))(
    '%s',
    async (_, answer) => {
      const told = await methods[answer.method]!(app, answer.params as [never, never, never]).catch(
        refusalOf,
      );
      if (answer.error === undefined)
        expect({ result: asGethWrites(told.result) }).toEqual({ result: answer.result });
      else if (answer.method === 'eth_createAccessList') expect(told.error?.code).toBe(answer.error.code);
      else expect(told.error).toEqual(answer.error);
    },
  );
});
