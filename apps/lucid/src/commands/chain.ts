/** `lucid chain …`: the chain of this node, for people. Programs speak JSON-RPC to the address that `lucid up` prints. */
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { onSystemChainContract } from '@lucid/contracts';
import { isProblem } from '@lucid/service-kit';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { countText, formatRows } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import type { EvidenceHost } from '../host/evidence-host.ts';
import { readFollowed } from '../host/following.ts';
import { readChainFile } from './chain-file.ts';
import { chainFault } from './doctor-chain.ts';

const READY_PATIENCE_MS = 15_000;
const READY_POLL_MS = 20;

/** One LUCID: more than any plan costs at the price that gas has here. */
export const ENOUGH_WEI = 10n ** 18n;
/** What helps an account that cannot pay. */
export const FUND_ADVICE = 'Give it some of what the account of this node has: lucid chain fund';

/** The chain's node, once it has found its newest block: a host that starts needs a moment for that. */
export async function readyChain({ lucid }: CommandContext) {
  if ('stack' in lucid)
    await (lucid as EvidenceHost).stack.wake().catch((error: unknown) => {
      if (error instanceof CliError) throw error;
      const { why, advice } = chainFault(error);
      throw new CliError(
        'data_folder_damaged',
        `the chain of this node cannot be opened: ${why}. ${advice}`,
        {
          cause: error,
        },
      );
    });
  const chain = lucid.clientOf(onSystemChainContract);
  const untilMs = performance.now() + READY_PATIENCE_MS;
  for (;;) {
    try {
      return { chain, status: await chain.getStatus() };
    } catch (error) {
      if (!isProblem(error, 'chain_unavailable')) throw error;
      if (performance.now() > untilMs)
        throw new CliError(
          'host_failed',
          'the chain of this node does not get ready: what it keeps may be damaged or missing. LUCID_LOG=1 before the command tells more; restore the data folder from a backup where it is.',
          { cause: error },
        );
      await delay(READY_POLL_MS);
    }
  }
}

/** Before anything is made for it. Throws CliError. */
export function assertReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new CliError('source_unreadable', `${path} cannot be read: ${plainReason(error)}.`, {
      cause: error,
    });
  }
}

/** Text of a genesis file. Throws CliError. */
export function readGenesisFile(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new CliError('source_unreadable', `${path} is no genesis.json: ${plainReason(error)}.`, {
      cause: error,
    });
  }
}

export async function chainStatus(context: CommandContext): Promise<number> {
  const { output } = context;
  const { status } = await readyChain(context);
  const followed = readFollowed(context.lucid.home);
  output.json({ ...status, ...(followed ? { follows: followed.peers } : {}) });
  const rows: [string, string][] = [
    ['network', `${status.network}, chain id ${status.chainId}`],
    ['block', `${status.height}  ${status.blockHash}`],
    ['made', new Date(status.timestampSec * 1000).toISOString()],
    ['state root', status.stateRoot],
    ['waiting', countText(status.pendingTransactions + status.queuedTransactions, 'transaction')],
    ['producer', status.producer ?? 'none: its blocks are made elsewhere'],
    ...(followed ? [['follows', followed.peers.join(' ')] as [string, string]] : []),
  ];
  for (const line of formatRows(rows, 10)) output.line(line);
  return exitCodes.ok;
}

function importFault(error: unknown, block: string): unknown {
  if (isProblem(error, 'chain_produces'))
    return new CliError(
      'chain_differs',
      'this node makes the blocks of its own chain, so it takes none of others. Name a new data folder with LUCID_HOME, and what the chain began with by --genesis.',
      { cause: error },
    );
  if (!isProblem(error, 'block_invalid', 'block_out_of_order')) return error;
  return new CliError('verification_failed', `${block} is refused: ${error.detail ?? error.message}`, {
    cause: error,
  });
}

/** What ended an import, with how far it came. */
function cutImport(error: unknown, { imported, head }: { imported: number; head: number }): unknown {
  if (!(error instanceof CliError) || error.code === 'chain_differs') return error;
  const done = `${countText(imported, 'block')} imported, the chain ends with block ${head}. What is here already is passed over when it is run again${error.code === 'session_failed' ? '' : ' with a file that is whole'}.`;
  return new CliError(error.code, `${error.message} ${done}`, { cause: error });
}

/** Blocks that the chain has already are passed over where they are the same. */
export async function importChain(context: CommandContext, path: string): Promise<number> {
  const { output, abort } = context;
  const {
    chain,
    status: { height: before },
  } = await readyChain(context);
  const startedMs = performance.now();
  let transactions = 0;
  let imported = 0;
  const takeAll = async () => {
    for await (const { height, block, offsetBytes } of readChainFile(path)) {
      if (abort.aborted) throw new CliError('session_failed', `stopped before block ${height}.`);
      if (height === 0) continue;
      const done = await chain.importBlock({ params: { height }, body: block }).catch((error: unknown) => {
        throw importFault(error, `block ${height} of ${path}, at byte ${offsetBytes},`);
      });
      if (height <= before) continue;
      imported += 1;
      transactions += done.transactions;
    }
  };
  await takeAll().catch((error: unknown) => {
    throw cutImport(error, { imported, head: before + imported });
  });
  const { height, blockHash, stateRoot } = await chain.getStatus();
  const seconds = (performance.now() - startedMs) / 1000;
  output.json({ imported, transactions, height, blockHash, stateRoot, seconds });
  output.line(
    `${countText(imported, 'block')} with ${countText(transactions, 'transaction')} imported in ${seconds.toFixed(1)} s`,
  );
  output.line(`head        ${height}  ${blockHash}`);
  output.line(`state root  ${stateRoot}`);
  return exitCodes.ok;
}

/** A file that is not there yet. Throws CliError. */
function openTarget(path: string): number {
  try {
    return openSync(path, 'wx', 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new CliError('target_exists', `${path} is there already; name another file.`, { cause: error });
    throw unwritable(path, error);
  }
}

const unwritable = (path: string, error: unknown): CliError =>
  new CliError('target_unwritable', `${path} cannot be written: ${plainReason(error)}.`, { cause: error });

/** A file that did not become whole is taken away. */
export async function exportChain(context: CommandContext, path: string): Promise<number> {
  const { output, abort } = context;
  const {
    chain,
    status: { height: head },
  } = await readyChain(context);
  const file = openTarget(path);
  let isWhole = false;
  try {
    for (let height = 0; height <= head; height += 1) {
      if (abort.aborted) throw new CliError('session_failed', `stopped before block ${height}.`);
      const block = await chain.exportBlock({ params: { height } });
      writeTo(file, path, block);
    }
    fsyncSync(file);
    isWhole = true;
  } finally {
    closeSync(file);
    if (!isWhole) rmSync(path, { force: true });
  }
  output.json({ path, blocks: head + 1 });
  output.line(`${countText(head + 1, 'block')} written to ${path}`);
  return exitCodes.ok;
}

/** All of it: one write to a disk that gets full may take a part, and say nothing. */
function writeTo(file: number, path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    throw unwritable(path, error);
  }
}
