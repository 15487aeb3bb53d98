import { runCli } from './cli/program.ts';

// Whoever reads the output may go away first (`lucid list | head`); that is no failure of the command.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await runCli(process);
