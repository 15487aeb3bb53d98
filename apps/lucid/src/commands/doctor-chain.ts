/** Does the chain of this node go on? */
import { onSystemChainContract } from '@lucid/contracts';
import { ConfigError } from '@lucid/service-kit';
import { countText } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { anchoringOf } from '../host/anchoring.ts';
import type { Lucid } from '../host/lucid.ts';
import type { States } from './doctor-host.ts';
import { type Check, fail, ok, warn } from './doctor-machine.ts';
import type { Session } from './session-flow.ts';

/** By the code of what keeps it from going on. */
const chainAdvice: Readonly<Record<string, string>> = {
  chains_differ:
    'Its blocks (ledger/chain) and its state (chain/vm) do not belong together: restore the data folder from one backup.',
};

/** What is wrong with a chain that cannot be opened, and what helps. */
export function chainFault(error: unknown): { readonly why: string; readonly advice: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof ConfigError && message.includes('VM_GENESIS_FILE'))
    return {
      why: 'chain/genesis.json is not what it began with',
      advice: 'Restore that file from a backup.',
    };
  const why = plainReason(error);
  return code === 'kv_corrupt'
    ? {
        why,
        advice:
          'Where it is the state that is damaged, remove the folder chain/vm: it is made anew from the blocks. Else restore the data folder from a backup.',
      }
    : { why, advice: 'See LUCID_LOG=info lucid doctor' };
}

export async function checkChain(lucid: Lucid, states: States): Promise<Check> {
  try {
    const { height, network } = await lucid.clientOf(onSystemChainContract).getStatus();
    return ok('chain', `block ${height} of ${network} (all of it is checked by: lucid chain check)`);
  } catch {
    const state = states['on-system-chain'];
    if (state instanceof Error) {
      const { why, advice } = chainFault(state);
      return fail('chain', `it cannot be opened: ${why}`, advice);
    }
    const code = state?.dependencies.chain?.error ?? 'it does not answer';
    return fail(
      'chain',
      `it does not go on: ${code}`,
      chainAdvice[code] ?? 'See LUCID_LOG=info lucid doctor',
    );
  }
}

/** Sessions that wait for their anchor, and why. */
export async function checkAnchors(lucid: Lucid, sessions: readonly Session[]): Promise<Check[]> {
  const waiting = sessions.filter(({ state, step }) => state === 'processing' && step === 'anchor');
  const [first] = waiting;
  if (first === undefined) return [];
  const reason = (await anchoringOf(lucid, first.sessionId))?.reason;
  return [
    warn(
      'anchors',
      `${countText(waiting.length, 'session')} wait to be anchored${reason === undefined ? '' : `: ${reason}`}`,
      reason?.includes('out of funds')
        ? 'keys/chain.key is not the key that this chain began with: restore that one from a backup.'
        : 'They are anchored when the chain goes on; look again later.',
    ),
  ];
}
