/** Does the chain of this node go on? */
import { onSystemChainContract } from '@lucid/contracts';
import { plainReason } from '../cli/plain-reason.ts';
import type { Lucid } from '../host/lucid.ts';
import type { States } from './doctor-host.ts';
import { type Check, fail, ok } from './doctor-machine.ts';

/** By the code of what keeps it from going on. */
const chainAdvice: Readonly<Record<string, string>> = {
  chains_differ:
    'Its blocks (ledger/chain) and its state (chain/vm) do not belong together: restore the data folder from one backup.',
};

export async function checkChain(lucid: Lucid, states: States): Promise<Check> {
  try {
    const { height, network } = await lucid.clientOf(onSystemChainContract).getStatus();
    return ok('chain', `block ${height} of ${network} (all of it is checked by: lucid chain check)`);
  } catch {
    const state = states['on-system-chain'];
    const why =
      state instanceof Error
        ? plainReason(state)
        : (state?.dependencies.chain?.error ?? 'it does not answer');
    return fail('chain', `it does not go on: ${why}`, chainAdvice[why] ?? 'See LUCID_LOG=info lucid doctor');
  }
}
