/** `lucid chain check`: recomputes everything, names what is damaged, which folder it lies in, and what helps. */
import { join } from 'node:path';
import { blockchainLedgerContract, blockchainVmContract } from '@lucid/contracts';
import { isProblem } from '@lucid/service-kit';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { countText } from '../cli/output.ts';
import type { Home } from '../host/home.ts';
import { readyChain } from './chain.ts';

interface Fault {
  readonly what: string;
  readonly where: string;
  readonly expected?: string;
  readonly found?: string;
}

/** A node that does not get ready is no reason to check nothing: why, is then what the check finds. */
async function woken(context: CommandContext): Promise<unknown> {
  try {
    await readyChain(context);
    return null;
  } catch (error) {
    if (error instanceof CliError && error.code === 'host_failed') return error;
    throw error;
  }
}

interface Found {
  readonly faults: readonly Fault[];
}

/** A store that cannot even be read through is a finding. */
async function found<T extends Found>(store: string, check: () => Promise<T>): Promise<T | Found> {
  try {
    return await check();
  } catch (error) {
    const codes = ['ledger_unavailable', 'ledger_damaged', 'ledger_rolled_back', 'chain_damaged'] as const;
    if (!isProblem(error, ...codes, 'state_damaged', 'vm_unavailable')) throw error;
    return { faults: [{ what: 'store', where: store, found: error.detail ?? error.message }] };
  }
}

/** One sentence: the folders that are damaged, and what is done with them. The state is made of the blocks; blocks and log of nothing. */
export function damageAdvice(
  home: Home,
  { blocks, state }: { readonly blocks: readonly Fault[]; readonly state: readonly Fault[] },
): string {
  const stateFolder = join(home.chain, 'vm');
  if (blocks.length === 0)
    return `The damage lies in ${stateFolder}: remove that folder while no lucid runs, and the next command makes it anew from the blocks.`;
  const isLog = ({ what }: Fault) => what === 'log entry';
  const folders = [
    ...(blocks.every(isLog) ? [] : [join(home.ledger, 'chain')]),
    ...(blocks.some(isLog) ? [join(home.ledger, 'log')] : []),
    ...(state.length === 0 ? [] : [stateFolder]),
  ];
  return `The damage lies in ${folders.join(' and ')}: restore the whole data folder ${home.root} from one backup while no lucid runs, since blocks and log are made from nothing else.`;
}

const faultText = ({ what, where, expected, found: is }: Fault): string => {
  const differs = expected === undefined ? '' : `, expected ${expected}`;
  return `damaged: ${what} ${where}${differs}${expected === undefined && is === undefined ? '' : `, found ${is ?? 'nothing'}`}`;
};

/** Status 1 where anything differs. Throws CliError where the chain cannot be opened. */
export async function checkChain(context: CommandContext): Promise<number> {
  const { lucid, output } = context;
  const notReady = await woken(context);
  const ledger = lucid.clientOf(blockchainLedgerContract);
  const vm = lucid.clientOf(blockchainVmContract);
  const blocks = await found(join(lucid.home.ledger, 'chain'), () => ledger.checkChain({ body: {} }));
  const state = await found(join(lucid.home.chain, 'vm'), () => vm.checkState());
  const faults = [...blocks.faults, ...state.faults];
  if (faults.length === 0 && notReady) throw notReady;
  const advice =
    faults.length === 0
      ? undefined
      : damageAdvice(lucid.home, { blocks: blocks.faults, state: state.faults });
  const checked = { blocks: 0, transactions: 0, accounts: 0, ...blocks, ...state, faults };
  output.json({ ...checked, ...(advice ? { advice } : {}) });
  for (const fault of faults) output.line(faultText(fault));
  const counts = [
    countText(checked.blocks, 'block'),
    countText(checked.transactions, 'transaction'),
    countText(checked.accounts, 'account'),
  ];
  output.line(
    `${counts.join(', ')} checked: ${faults.length === 0 ? 'all sound' : countText(faults.length, 'fault')}`,
  );
  if (advice) output.line(advice);
  return faults.length === 0 ? exitCodes.ok : exitCodes.failed;
}
