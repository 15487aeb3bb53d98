/** One line from who runs the command: typed and seen on a terminal, or the next line of standard input. */
import { createInterface } from 'node:readline';

type Process = Pick<NodeJS.Process, 'stdin' | 'stderr'>;

/** Null where the input ends first. */
export function askLine({ stdin, stderr }: Process, prompt: string): Promise<string | null> {
  const lines = createInterface({ input: stdin, output: stderr, terminal: Boolean(stdin.isTTY) });
  return new Promise((resolve) => {
    let answer: string | null = null;
    lines.once('line', (line) => {
      answer = line.trim();
      lines.close();
    });
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => {
      stdin.pause();
      resolve(answer);
    });
    lines.setPrompt(prompt);
    lines.prompt();
  });
}

export async function askYes(process: Process, question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await askLine(process, `${question} [y/N] `)) ?? '');
}
