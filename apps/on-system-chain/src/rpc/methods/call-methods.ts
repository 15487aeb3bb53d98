/** What is executed and forgotten: calls, estimates, access lists. */

import { fromHex } from '@lucid/chain-wire';
import type { CallRequest, ExecutionFailure } from '@lucid/contracts';
import type { Static } from 'typebox';
import { CallCache } from '../call-cache.ts';
import { blockOverrides, callTransaction, stateOverrides } from '../call-parameters.ts';
import { type Methods, method } from '../method.ts';
import { headOf, type RpcNode, stateAt } from '../node.ts';
import { type BlockId, block, data, optional } from '../parameters.ts';
import { codes, RpcError } from '../rpc-error.ts';

type Request = Static<typeof CallRequest>;

export function executionError({ reason, message, data }: Static<typeof ExecutionFailure>): RpcError {
  return new RpcError(reason === 'reverted' ? codes.reverted : codes.server, message, { data });
}

const taken = [callTransaction, optional(block), optional(stateOverrides), optional(blockOverrides)] as const;

export async function callRequest(
  node: RpcNode,
  transaction: Request['transaction'],
  id: BlockId | undefined,
  overrides: Pick<Request, 'stateOverrides' | 'blockOverrides'>,
): Promise<Request> {
  const { stateOverrides, blockOverrides } = overrides;
  return {
    transaction,
    ...(await stateAt(node, id)),
    ...(stateOverrides && { stateOverrides }),
    ...(blockOverrides && { blockOverrides }),
  };
}

export function callMethods(node: RpcNode): Methods {
  const cache = new CallCache(node.vm);
  return {
    eth_call: method(taken, async ([transaction, id, stateOverrides, blockOverrides]) => {
      const body = await callRequest(node, transaction, id, { stateOverrides, blockOverrides });
      const result = await (body.block === undefined
        ? cache.call(body, headOf(node).hash)
        : node.vm.call({ body }));
      if (!result.ok) throw executionError(result.failure);
      return result.data;
    }),
    eth_estimateGas: method(taken, async ([transaction, id, stateOverrides, blockOverrides]) => {
      const body = await callRequest(node, transaction, id, { stateOverrides, blockOverrides });
      const result = await node.vm.estimateGas({ body });
      if (!result.ok) throw executionError(result.failure);
      return result.gas;
    }),
    eth_createAccessList: method(
      [callTransaction, optional(block), optional(stateOverrides)],
      async ([transaction, id, stateOverrides]) => {
        const body = await callRequest(node, transaction, id, { stateOverrides });
        return node.vm.createAccessList({ body });
      },
    ),
    eth_sendRawTransaction: method([data], ([raw]) => node.desk.submit(fromHex(raw))),
  };
}
