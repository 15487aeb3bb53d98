/** `export` and `verify` of a session of a stack. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Output } from '../cli/output.ts';
import { findFinished } from '../commands/export-services.ts';
import { type VerifyOptions, verify } from '../commands/verify.ts';
import { takeOut } from './stack-lucid.ts';
import { connectToStack, type StackServices, toStackError } from './stack-services.ts';

async function withStack<T>(
  env: NodeJS.ProcessEnv,
  work: (services: StackServices) => Promise<T>,
): Promise<T> {
  const services = connectToStack(env);
  try {
    return await work(services);
  } catch (error) {
    throw toStackError(error);
  } finally {
    await services.close();
  }
}

/** Judged by the stack's public keys, where no others are named. */
export const verifyStack = (process: NodeJS.Process, text: string, options: VerifyOptions): Promise<number> =>
  withStack(process.env, async (services) => {
    const session = await findFinished(services, text);
    const { sessionId, anchored } = session;
    const folder = mkdtempSync(join(tmpdir(), 'lucid-verify-'));
    const path = join(folder, `${sessionId}.lucid`);
    try {
      await takeOut(services, session, { path, output: new Output(process, options) });
      const own = (key: string | undefined) => (key === undefined ? [] : [key]);
      const { recorderKey, ledgerKey } = options;
      return await verify(process, path, {
        ...options,
        recorderKey: recorderKey.length > 0 ? recorderKey : own(services.recorderKey),
        ledgerKey: ledgerKey.length > 0 || !anchored ? ledgerKey : own(services.ledgerKey),
        requireAnchor: options.requireAnchor || anchored,
        expectedSession: sessionId,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
