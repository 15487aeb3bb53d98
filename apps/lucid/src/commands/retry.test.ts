import type { CommandContext } from '../cli/command-context.ts';
import { Output } from '../cli/output.ts';
import { retry } from './retry.ts';

const sessionId = 'ab'.repeat(32);

/** An orchestrator that answers `getSession` with these, the last one for ever. */
function contextOf(sessions: readonly object[], abort = new AbortController().signal) {
  const answers = [...sessions];
  const written: string[] = [];
  const orchestrator = {
    retryDeadLetter: async () => answers[0],
    getSession: async () => (answers.length > 1 ? answers.shift() : answers[0]),
  };
  const stdout = { write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  const output = new Output({ stdout, stderr: stdout, env: {} }, { json: true, quiet: true });
  const lucid = { clientOf: () => orchestrator };
  return { context: { lucid, output, abort } as unknown as CommandContext, written };
}

test('a deletion that was given up is followed to its end', async () => {
  const deleting = { sessionId, state: 'deleted', step: 'tombstone' };
  const deleted = { sessionId, state: 'deleted' };
  const { context, written } = contextOf([deleting, deleting, deleted]);
  expect(await retry(context, sessionId)).toBe(0);
  expect(JSON.parse(written.join(''))).toEqual(deleted);
});

test('what is given up again is told with its reason, and how to go on', async () => {
  const trying = { sessionId, state: 'processing', step: 'anchor' };
  const given = { ...trying, state: 'failed', deadSinceUs: 1, reason: 'the ledger is another' };
  const { context } = contextOf([trying, given]);
  await expect(retry(context, sessionId)).rejects.toMatchObject({
    code: 'session_failed',
    message: expect.stringMatching(/given up again: the ledger is another\..*lucid retry abab/),
  });
});

test('a signal ends the waiting, and what is left is told', async () => {
  const trying = { sessionId, state: 'processing', step: 'anchor', reason: 'the ledger does not answer' };
  const { context } = contextOf([trying], AbortSignal.abort('SIGINT'));
  await expect(retry(context, sessionId)).rejects.toMatchObject({
    code: 'session_failed',
    message: expect.stringMatching(/not finished yet \(the ledger does not answer\).*lucid show abab/),
  });
});
