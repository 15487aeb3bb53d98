import { verifyExitCodes } from '@lucid/verifier';
import { runVerify } from './run.ts';

const { stdout, stderr, env, argv } = process;
// Whoever reads the output may go away first (`| head`): no failure of the check. A verdict that cannot be written is told by the exit code.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exitCode = verifyExitCodes.notChecked;
});

try {
  const code = await runVerify(argv.slice(2), {
    write: (text) => stdout.write(text),
    writeError: (text) => stderr.write(text),
    colour: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
  });
  process.exitCode ||= code;
} catch (error) {
  stderr.write(`could not be checked  ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = verifyExitCodes.notChecked;
}
