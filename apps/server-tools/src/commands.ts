/** One-shot commands in the image: `node /app/main.mjs mongo dump`. */
import {
  type DiagnosticCheck,
  diagnosticChecks,
  type Job,
  jobErrors,
  serverToolsContract,
} from '@lucid/contracts';
import { type Client, commandsOf, ProblemError, UsageError } from '@lucid/service-kit';
import type { Static } from 'typebox';

type JobDocument = Static<typeof Job>;
type ServerTools = Client<typeof serverToolsContract>;

const command = commandsOf(serverToolsContract);
/** A long poll; the job goes on beside it. */
const WAIT_MS = 20_000;

/** The job with its end. @throws ProblemError with the code and the sentence of what made it fail */
async function ended(client: ServerTools, begun: JobDocument): Promise<JobDocument> {
  let job = begun;
  while (job.state === 'running') {
    const { jobId } = job;
    job = await client.getJob({ params: { jobId }, query: { waitMs: WAIT_MS } }, { deadlineMs: 2 * WAIT_MS });
  }
  const { failure, state } = job;
  if (failure) throw problemOf(failure);
  if (state !== 'done') throw new Error(`the job was ${state}`);
  return job;
}

/** The title stands beside the detail already. */
function problemOf({ code, message }: NonNullable<JobDocument['failure']>): ProblemError {
  const { title } = jobErrors[code];
  const detail = message.startsWith(title) ? message.slice(title.length).trim() : message;
  return new ProblemError(code, detail === '' ? {} : { detail });
}

const whole = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--${name} must be a whole number from 1`);
  return Number(text);
};

const isCheck = (name: string): name is DiagnosticCheck =>
  (diagnosticChecks as readonly string[]).includes(name);

function diagnose(client: ServerTools, check: DiagnosticCheck, service: string | undefined) {
  const query = service === undefined ? {} : { service };
  if (check === 'dns') return client.diagnoseDns({ query });
  if (check === 'tcp') return client.diagnoseTcp({ query });
  if (check === 'http') return client.diagnoseHttp({ query });
  if (service !== undefined) throw new UsageError(`diag ${check} takes no service`);
  if (check === 'tor') return client.diagnoseTor();
  return check === 'disk' ? client.diagnoseDisk() : client.diagnoseClock();
}

export const commands = {
  diag: command({
    usage: `[${diagnosticChecks.join('|')}] [SERVICE]`,
    summary: 'checks the installation, or one thing of it; exits with 3 where something failed',
    positionals: [0, 2],
    run: ({ positionals: [check, service] }, { client }) => {
      if (check === undefined) return client.diagnose();
      if (!isCheck(check)) throw new UsageError(`there is no check ${JSON.stringify(check)}`);
      return diagnose(client, check, service);
    },
    succeeded: ({ outcome }) => outcome !== 'failed',
  }),
  'mongo stats': command({
    summary: 'tells collections, documents and sizes',
    run: (_given, { client }) => client.getStats(),
  }),
  'mongo dump': command({
    summary: 'writes a backup',
    run: async (_given, { client }) => (await ended(client, await client.startDump())).dumped,
  }),
  'mongo verify': command({
    usage: 'BACKUP',
    summary: 'reads a backup again; exits with 3 where it is damaged',
    positionals: 1,
    run: async ({ positionals: [backup = ''] }, { client }) =>
      (await ended(client, await client.startVerify({ body: { backup } }))).verified,
    succeeded: (verified) => verified?.ok === true,
  }),
  'mongo restore': command({
    usage: 'BACKUP [--replace]',
    summary: 'puts a backup in the place of the database; with --replace what is there goes',
    options: { replace: { type: 'boolean' } },
    positionals: 1,
    run: async ({ positionals: [backup = ''], values }, { client }) => {
      const body = { backup, replace: values.replace ?? false };
      return (await ended(client, await client.startRestore({ body }))).restored;
    },
  }),
  'mongo list': command({
    summary: 'lists backups, newest first',
    run: (_given, { client }) => client.listBackups(),
  }),
  'mongo show': command({
    usage: 'BACKUP',
    summary: 'shows the manifest of a backup',
    positionals: 1,
    run: ({ positionals: [backup = ''] }, { client }) => client.getBackup({ params: { backup } }),
  }),
  'mongo prune': command({
    usage: '[--keep COUNT] [--days DAYS]',
    summary: 'removes backups beyond those to be kept, never the last good one',
    options: { keep: { type: 'string' }, days: { type: 'string' } },
    run: async ({ values }, { client }) => {
      const keep = whole('keep', values.keep);
      const days = whole('days', values.days);
      const body = { ...(keep === undefined ? {} : { keep }), ...(days === undefined ? {} : { days }) };
      return (await ended(client, await client.startPrune({ body }))).pruned;
    },
  }),
  'mongo jobs': command({
    summary: 'lists the newest jobs',
    run: (_given, { client }) => client.listJobs(),
  }),
  'mongo cancel': command({
    usage: 'JOB',
    summary: 'ends a job of the service that runs',
    positionals: 1,
    run: ({ positionals: [jobId = ''] }, { client }) => client.cancelJob({ params: { jobId } }),
  }),
};
