/** eth_estimateGas as geth finds it (eth/gasestimator): a binary search that begins with what one execution took. */
import type { CallRequest, CallResult, GasEstimate } from './application.ts';
import { executeCall } from './call.ts';
import type { CallMachine } from './call-machine.ts';
import { applyOverrides, type PreparedCall } from './call-request.ts';

const transferGas = 21_000n;
const callStipend = 2_300n;

const refused = (message: string): GasEstimate => ({
  ok: false,
  failure: { reason: 'refused', message, code: -32_000, gasUsed: 0n },
});

/** The most that may be tried, or why nothing may. */
async function highestGas(
  machine: CallMachine,
  call: PreparedCall,
  gasCap: bigint,
): Promise<bigint | GasEstimate> {
  const asked = call.transaction.gas ?? 0n;
  let high = asked >= transferGas ? asked : call.block.header.gasLimit;
  if (call.fees.feeCap > 0n) {
    const balance = (await machine.state.fields(call.from.bytes))?.balance ?? 0n;
    if (call.value >= balance && call.value > 0n) return refused('insufficient funds for transfer');
    const allowance = (balance - call.value) / call.fees.feeCap;
    if (high > allowance) high = allowance;
  }
  return high > gasCap ? gasCap : high;
}

async function isPlainTransfer(machine: CallMachine, call: PreparedCall): Promise<boolean> {
  return call.data.length === 0 && call.to !== undefined && (await machine.state.getCodeSize(call.to)) === 0;
}

const ranOutOfGas = (result: CallResult): boolean =>
  !result.ok && (result.failure.reason === 'refused' || result.failure.message === 'out of gas');

/** geth ends the search when the bounds are within 1.5 %. */
const closeEnough = (low: bigint, high: bigint): boolean => (high - low) * 1000n < high * 15n;

async function search(
  machine: CallMachine,
  call: PreparedCall,
  start: { low: bigint; high: bigint; peak: bigint },
) {
  let { low, high } = start;
  const attempt = async (gas: bigint): Promise<void> => {
    if ((await executeCall(machine, call, gas)).result.ok) high = gas;
    else low = gas;
  };
  const optimistic = ((start.peak + callStipend) * 64n) / 63n;
  if (optimistic < high) await attempt(optimistic);
  while (low + 1n < high && !closeEnough(low, high)) {
    const middle = (low + high) / 2n;
    // Most calls need little more than they use: the low half is looked at first.
    await attempt(middle > low * 2n ? low * 2n : middle);
  }
  return high;
}

export async function estimateGas(
  machine: CallMachine,
  call: PreparedCall,
  request: CallRequest,
  gasCap: bigint,
): Promise<GasEstimate> {
  await applyOverrides(machine, request);
  const high = await highestGas(machine, call, gasCap);
  if (typeof high !== 'bigint') return high;
  if ((await isPlainTransfer(machine, call)) && high >= transferGas) {
    if ((await executeCall(machine, call, transferGas)).result.ok) return { ok: true, gas: transferGas };
  }
  const { result, peakGas } = await executeCall(machine, call, high);
  if (!result.ok) {
    if (result.failure.reason === 'refused' && /insufficient funds|max fee/.test(result.failure.message))
      return refused(`failed with ${high} gas: ${result.failure.message}`);
    return ranOutOfGas(result)
      ? refused(`gas required exceeds allowance (${high})`)
      : { ok: false, failure: result.failure };
  }
  return { ok: true, gas: await search(machine, call, { low: result.gasUsed - 1n, high, peak: peakGas }) };
}
