/** Host 3: services under test, on port 0 of the loopback, on sockets in a temporary folder, or without a server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../log.ts';
import { startAllInOne } from './all-in-one.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';

export type TestTransport = 'tcp' | 'sockets' | 'local';
export const testTransports: readonly TestTransport[] = ['tcp', 'sockets', 'local'];

export type TestStackOptions = Omit<StackOptions, 'environment' | 'log'> &
  Partial<Pick<StackOptions, 'environment' | 'log'>> & { readonly transport?: TestTransport };

export interface TestStack extends Stack {
  /** Log lines so far, parsed. */
  readonly logLines: readonly Record<string, unknown>[];
}

/** Answers are checked against their contract, unlike in the other hosts. `idle()` waits for work to drain. */
export async function startTestStack(options: TestStackOptions): Promise<TestStack> {
  const { transport = 'tcp' } = options;
  const logLines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void logLines.push(JSON.parse(line)) };
  const log = options.log ?? createLog({ level: 'debug', destination });
  const given = { checkAnswers: true, environment: {}, graceMs: 2_000, ...options, log };
  if (transport === 'tcp') {
    const stack = await startStack({ ...given, placeOf: () => ({ host: '127.0.0.1', port: 0 }) });
    return { ...stack, logLines };
  }
  if (transport === 'local') return { ...(await startAllInOne({ ...given, transport })), logLines };
  const socketDir = await mkdtemp(join(tmpdir(), 'lucid-'));
  const remove = () => rm(socketDir, { recursive: true, force: true });
  try {
    const stack = await startAllInOne({ ...given, transport, socketDir });
    return { ...stack, logLines, close: () => stack.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
