import { isatty } from 'node:tty';
import { exitCodes } from './cli/cli-error.ts';
import { plainReason } from './cli/plain-reason.ts';
import { runCli } from './cli/program.ts';

const terminals = [0, 1, 2].filter((fd) => isatty(fd));

// Whoever reads the output may go away first (`lucid list | head`): no failure of the command. A result that cannot be written is one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`lucid: standard output cannot be written: ${plainReason(error)}\n`);
  process.exitCode ||= exitCodes.failed;
});
process.stderr.on('error', () => {});

const code = await runCli(process);
process.exitCode = code || process.exitCode || exitCodes.ok;

// A terminal that hung up cannot be given its settings back, and Node 20 aborts on that (node::ResetStdio). To end by the signal
// is what programs do then.
if (terminals.some((fd) => !isatty(fd))) process.kill(process.pid, 'SIGHUP');
