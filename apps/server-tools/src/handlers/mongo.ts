import type { serverToolsContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';

type All = Handlers<typeof serverToolsContract, Context>;
type OfMongo = Exclude<keyof All, `diagnose${string}`>;

export const mongoHandlers: Pick<All, OfMongo> = {
  getStats: (_input, _call, { backups }) => backups.stats(),
  startDump: (_input, _call, { backups }) => backups.startDump(),
  startVerify: ({ body }, _call, { backups }) => backups.startVerify(body.backup),
  startRestore: ({ body }, _call, { backups }) =>
    backups.startRestore({ backup: body.backup, replace: body.replace ?? false }),
  startPrune: ({ body }, _call, { backups }) => backups.startPrune(body),
  listBackups: async (_input, _call, { backups, folder }) => ({
    folder: folder.root,
    backups: await backups.list(),
  }),
  getBackup: ({ params }, _call, { backups }) => backups.manifest(params.backup),
  listJobs: async (_input, _call, { jobs }) => ({ jobs: [...(await jobs.list())] }),
  getJob: ({ params, query }, { signal }, { jobs }) => jobs.wait(params.jobId, query.waitMs ?? 0, signal),
  cancelJob: ({ params }, _call, { jobs }) => jobs.cancel(params.jobId),
};
