import { runCli } from './program.ts';

test('what nobody foresaw is told as it came, so that it names the file', async () => {
  const message = "ENOENT: no such file or directory, open '/the/file'";
  let told = '';
  const process = {
    argv: ['node', 'lucid', 'completion', 'bash'],
    env: {},
    stdout: {
      write() {
        throw Object.assign(new Error(message), { code: 'ENOENT', syscall: 'open' });
      },
    },
    stderr: {
      write(text: string) {
        told += text;
      },
    },
  } as unknown as NodeJS.Process;
  expect(await runCli(process)).toBe(1);
  expect(told).toBe(`lucid: something unexpected went wrong: ${message}\n`);
});
