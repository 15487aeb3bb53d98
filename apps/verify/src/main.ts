import { verifyExitCodes } from '@lucid/verifier';
import { runVerify } from './run.ts';

const { stdout, stderr, env, argv } = process;
// Whoever reads the output may go away first (`| head`); that is no failure of the check.
stdout.on('error', () => {});

try {
  process.exitCode = await runVerify(argv.slice(2), {
    write: (text) => stdout.write(text),
    writeError: (text) => stderr.write(text),
    colour: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
  });
} catch (error) {
  stderr.write(`could not be checked  ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = verifyExitCodes.notChecked;
}
