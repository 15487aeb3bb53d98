/** The keeper: queues what has passed and executes what its timelock lets go, when it is due. */
import { type Clock, isProblem, type Log, type Wakeup, type Worker } from '@lucid/service-kit';
import type { Keeping, KeepingStep } from '../domain/keeping.ts';
import type { OpenProposal, ProposalBook } from '../domain/proposal-book.ts';

interface KeeperWorkerOptions {
  readonly proposals: Pick<ProposalBook, 'open'>;
  readonly keeping: Pick<Keeping, 'take'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly wakeup: Wakeup;
  readonly log: Log;
  readonly pollMs: number;
  readonly idleMs: number;
}

const stepOf = ({ standing }: OpenProposal): KeepingStep | null => {
  if (standing.stage === 'succeeded') return 'queue';
  return standing.stage === 'ready' ? 'execute' : null;
};

/** When something will be due of a proposal, in seconds since 1970; null where nothing is foreseen. */
function dueSecOf({ created, standing }: OpenProposal): number | null {
  if (standing.stage === 'pending' || standing.stage === 'active') return created.votingEndsAtSec + 1;
  return standing.stage === 'queued' ? standing.etaSec : null;
}

/** The longest wait of a timer. */
const longestMs = 2 ** 31 - 1;

export function createKeeperWorker(options: KeeperWorkerOptions): Worker {
  const { proposals, keeping, clock, wakeup, log, pollMs, idleMs } = options;
  /** What stood in the way of each step, so that it is said once. */
  const told = new Map<string, string>();
  let round: Promise<unknown> = Promise.resolve();

  const take = async (step: KeepingStep, proposalId: string): Promise<void> => {
    const key = `${step} ${proposalId}`;
    try {
      await keeping.take(step, proposalId);
      if (!told.has(key)) log.info({ proposalId, step }, 'the keeper takes a proposal on');
      told.set(key, '');
    } catch (error) {
      const fault = isProblem(error) ? error.code : 'failed';
      if (told.get(key) !== fault)
        log.warn({ err: error, proposalId, step }, 'the keeper cannot go on with a proposal');
      told.set(key, fault);
    }
  };

  /** Does what is due; gives how long nothing is. */
  const pass = async (signal: AbortSignal): Promise<number> => {
    try {
      const open = await proposals.open();
      for (const key of told.keys())
        if (!open.some((each) => key.endsWith(each.created.proposalId))) told.delete(key);
      let waitMs = longestMs;
      for (const proposal of open) {
        if (signal.aborted) return 0;
        const step = stepOf(proposal);
        if (step !== null) await take(step, proposal.created.proposalId);
        const dueSec = dueSecOf(proposal);
        if (step !== null) waitMs = Math.min(waitMs, idleMs);
        else if (dueSec !== null) waitMs = Math.min(waitMs, dueSec * 1000 - clock.nowMs());
      }
      return Math.max(waitMs, pollMs);
    } catch (error) {
      if (!isProblem(error, 'governance_absent'))
        log[isProblem(error, 'chain_unavailable') ? 'info' : 'warn'](
          { err: error },
          'the keeper cannot see the proposals',
        );
      return idleMs;
    }
  };

  return {
    name: 'keeper',
    async run(signal) {
      while (!signal.aborted) {
        const passing = pass(signal);
        round = passing;
        await wakeup.wait(await passing, signal);
      }
    },
    idle: async () => void (await round),
  };
}
