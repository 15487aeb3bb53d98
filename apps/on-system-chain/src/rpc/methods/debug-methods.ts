/** `debug_`: what was executed, step by step, and blocks as they are encoded. */

import { toHex } from '@lucid/chain-wire';
import type { blockchainVmContract, InputOf } from '@lucid/contracts';
import { callTransaction, readBlockOverrides, readStateOverrides } from '../call-parameters.ts';
import { type Methods, method } from '../method.ts';
import { andThen, blockOf, knownBlock, type Maybe, type RpcNode } from '../node.ts';
import { type BlockId, block, blockNumber, hash, optional, parameter, readObject } from '../parameters.ts';
import { codes, ParameterError, RpcError } from '../rpc-error.ts';
import { rawTransaction } from './block-methods.ts';
import { callRequest } from './call-methods.ts';

type TraceOptions = InputOf<(typeof blockchainVmContract)['operations']['traceTransaction']>['body'];

const flags = ['enableMemory', 'disableStack', 'disableStorage', 'enableReturnData'] as const;
const tracerFlags = ['onlyTopCall', 'withLog'] as const;

function readFlags(given: Readonly<Record<string, unknown>>, names: readonly string[]): TraceOptions {
  const entries = names
    .filter((name) => given[name] !== undefined)
    .map((name) => {
      if (typeof given[name] !== 'boolean') throw new ParameterError(`${name} is true or false`);
      return [name, given[name]];
    });
  return Object.fromEntries(entries);
}

/** geth's TraceConfig. What bounds geth's own work (`timeout`, `reexec`) is passed over. */
function readTraceOptions(value: unknown): TraceOptions {
  const given = readObject(value);
  const { tracer, tracerConfig, limit } = given;
  if (tracer !== undefined && tracer !== null && tracer !== 'callTracer' && tracer !== '')
    throw new ParameterError('the only tracer is callTracer, beside the steps that come without one');
  if (limit !== undefined && !(Number.isSafeInteger(limit) && (limit as number) >= 0))
    throw new ParameterError('limit is a whole number');
  return {
    ...readFlags(given, flags),
    ...(tracer === 'callTracer' ? { tracer: 'callTracer' as const } : {}),
    ...(tracerConfig && tracer ? readFlags(readObject(tracerConfig), tracerFlags) : {}),
    ...(limit === undefined ? {} : { limit: limit as number }),
  };
}

const traceOptions = optional(parameter(readTraceOptions));

/** Also what accounts and block shall be. */
const callTraceOptions = optional(
  parameter((value) => {
    const { stateOverrides, blockOverrides } = readObject(value);
    return {
      options: readTraceOptions(value),
      stateOverrides: stateOverrides ? readStateOverrides(stateOverrides) : undefined,
      blockOverrides: blockOverrides ? readBlockOverrides(blockOverrides) : undefined,
    };
  }),
);

export function debugMethods(node: RpcNode): Methods {
  const { vm } = node;
  const traceBlock = async (id: BlockId, options: TraceOptions = {}) => {
    const found = await blockOf(node, id);
    if (!found) throw new RpcError(codes.server, `block ${nameOf(id)} not found`);
    if (found.height === 0) throw new RpcError(codes.server, 'genesis is not traceable');
    return vm.traceBlock({ params: { height: found.height }, body: options });
  };
  const raw = <T>(id: BlockId, read: (found: Awaited<ReturnType<typeof knownBlock>>) => T): Maybe<T> =>
    andThen(knownBlock(node, id), read);
  return {
    debug_getRawHeader: method([block], ([id]) => raw(id, ({ headerRlp }) => toHex(headerRlp))),
    debug_getRawBlock: method([block], ([id]) => raw(id, ({ blockRlp }) => toHex(blockRlp))),
    debug_getRawReceipts: method([block], ([id]) =>
      raw(id, ({ receiptEnvelopes }) => receiptEnvelopes.map(toHex)),
    ),
    debug_getRawTransaction: method([hash], ([id]) => rawTransaction(node, id)),
    debug_traceTransaction: method([hash, traceOptions], ([transaction, options]) =>
      vm.traceTransaction({ params: { transaction }, body: options ?? {} }),
    ),
    debug_traceBlockByNumber: method([blockNumber, traceOptions], ([id, options]) => traceBlock(id, options)),
    debug_traceBlockByHash: method([hash, traceOptions], ([id, options]) =>
      traceBlock({ hash: id }, options),
    ),
    debug_traceCall: method(
      [callTransaction, optional(block), callTraceOptions],
      async ([transaction, id, given]) => {
        const { options = {}, stateOverrides, blockOverrides } = given ?? {};
        const request = await callRequest(node, transaction, id, { stateOverrides, blockOverrides });
        return vm.traceCall({ body: { ...request, options } });
      },
    ),
  };
}

const nameOf = (id: BlockId): string => (typeof id === 'object' ? id.hash : `#${String(id)}`);
