import { bytesToHex, type ExecutionFailure, type Hex } from '@lucid/chain-application';
import { toQuantity } from '@lucid/chain-wire';
import type { blockchainVmContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { VmContext } from '../context.ts';
import { callRequest, traceOptions } from '../domain/requests.ts';
import { describeSimulation, simulationRequest } from '../domain/simulations.ts';
import { onChainInTurn } from './problems.ts';

type ExecutionOperation =
  | 'call'
  | 'estimateGas'
  | 'createAccessList'
  | 'deploy'
  | 'traceTransaction'
  | 'traceBlock'
  | 'traceCall'
  | 'simulate';

const failed = ({ reason, message, data }: ExecutionFailure) => ({
  ok: false as const,
  failure: { reason, message, ...(data === undefined ? {} : { data: bytesToHex(data) }) },
});

const accessListOf = (list: readonly { address: Hex; storageKeys: readonly Hex[] }[]) =>
  list.map(({ address, storageKeys }) => ({ address, storageKeys: [...storageKeys] }));

export const executionHandlers: Pick<Handlers<typeof blockchainVmContract, VmContext>, ExecutionOperation> = {
  call: ({ body }, call, context) =>
    onChainInTurn(context, call, async (chain) => {
      const result = await chain.call(callRequest(body));
      if (!result.ok) return failed(result.failure);
      return { ok: true as const, data: bytesToHex(result.data), gasUsed: toQuantity(result.gasUsed) };
    }),
  estimateGas: ({ body }, call, context) =>
    onChainInTurn(context, call, async (chain) => {
      const estimate = await chain.estimateGas(callRequest(body));
      return estimate.ok ? { ok: true as const, gas: toQuantity(estimate.gas) } : failed(estimate.failure);
    }),
  createAccessList: ({ body }, call, context) =>
    onChainInTurn(context, call, async (chain) => {
      const { accessList, gasUsed, error } = await chain.createAccessList(callRequest(body));
      return {
        accessList: accessListOf(accessList),
        gasUsed: toQuantity(gasUsed),
        ...(error === undefined ? {} : { error }),
      };
    }),
  deploy: ({ body }, call, context) =>
    onChainInTurn(context, call, async (chain) => {
      const request = callRequest(body);
      const { to: _nobody, ...transaction } = request.transaction;
      const result = await chain.call({ ...request, transaction });
      if (!result.ok) return failed(result.failure);
      return {
        ok: true as const,
        address: result.contractAddress as Hex,
        code: bytesToHex(result.data),
        gasUsed: toQuantity(result.gasUsed),
      };
    }),
  traceTransaction: ({ params, body }, call, context) =>
    onChainInTurn(context, call, (chain) =>
      chain.traceTransaction(params.transaction as Hex, traceOptions(body)),
    ),
  traceBlock: ({ params, body }, call, context) =>
    onChainInTurn(context, call, async (chain) => [
      ...(await chain.traceBlock(params.height, traceOptions(body))),
    ]),
  traceCall: ({ body: { options = {}, ...request } }, call, context) =>
    onChainInTurn(context, call, (chain) => chain.traceCall(callRequest(request), traceOptions(options))),
  simulate: ({ body }, call, context) =>
    onChainInTurn(context, call, async (chain) =>
      describeSimulation(await chain.simulate(simulationRequest(body))),
    ),
};
