/** Logs, filters and subscriptions. */
import type { ChainBlock } from '../../chain/chain-block.ts';
import type { Filters } from '../filters.ts';
import { findLogs, type LogFilter, logFilter, matches, rangeOf } from '../log-filter.ts';
import { type Methods, method, type RpcCaller } from '../method.ts';
import type { RpcNode } from '../node.ts';
import { anything, optional, parameter, readText, text } from '../parameters.ts';
import { codes, ParameterError, RpcError } from '../rpc-error.ts';
import { describeWaiting } from './block-methods.ts';
import { describeProgress } from './chain-methods.ts';

/** Of a filter or subscription. */
const id = parameter((value) => readText(value).toLowerCase());

export const logMethods = (node: RpcNode, filters: Filters): Methods => ({
  eth_getLogs: method([logFilter], async ([filter]) => findLogs(node, filter, await rangeOf(node, filter))),
  eth_newFilter: method([logFilter], ([filter]) => filters.addLogs(filter)),
  eth_newBlockFilter: method([], () => filters.addBlocks()),
  eth_newPendingTransactionFilter: method([optional(anything)], () => filters.addPendingTransactions()),
  eth_getFilterChanges: method([id], ([name]) => filters.changes(name)),
  eth_getFilterLogs: method([id], ([name]) => filters.logs(name)),
  eth_uninstallFilter: method([id], ([name]) => filters.remove(name)),
  eth_subscribe: method([text, optional(anything)], ([kind, options], caller) =>
    subscribe(node, caller, kind, options),
  ),
  eth_unsubscribe: method([id], ([name], caller) => {
    if (holderOf(caller).remove(name)) return true;
    throw new RpcError(codes.server, 'subscription not found');
  }),
});

function holderOf({ subscriptions }: RpcCaller) {
  if (subscriptions) return subscriptions;
  throw new RpcError(codes.methodNotFound, 'notifications not supported');
}

function subscribe(node: RpcNode, caller: RpcCaller, kind: string, options: unknown): string {
  const holder = holderOf(caller);
  switch (kind) {
    case 'newHeads':
      return holder.add((notify) => node.driver.blocks.listen((block) => notify(block.describeHead())));
    case 'logs':
      return holder.add(logsTo(node, logFilter.read(options ?? {})));
    case 'newPendingTransactions':
      if (options !== undefined && typeof options !== 'boolean')
        throw new ParameterError('invalid argument 1: true or false belongs here');
      return holder.add((notify) =>
        node.desk.arrivals.listen((each) => notify(options === true ? describeWaiting(each) : each.hash)),
      );
    case 'syncing':
      return holder.add((notify) => {
        notify(describeProgress(node));
        return () => {};
      });
    default:
      throw new RpcError(codes.methodNotFound, `no "${kind.slice(0, 80)}" subscription in eth namespace`);
  }
}

/** Logs of a block are read once, however many listen. */
const described = new WeakMap<ChainBlock, ReturnType<ChainBlock['describeLogs']>>();

function logsOf(block: ChainBlock): ReturnType<ChainBlock['describeLogs']> {
  const known = described.get(block) ?? block.describeLogs();
  described.set(block, known);
  return known;
}

const logsTo =
  (node: RpcNode, filter: LogFilter) =>
  (notify: (result: unknown) => void): (() => void) =>
    node.driver.blocks.listen((block) => {
      for (const log of logsOf(block)) if (matches(filter, log)) notify(log);
    });
