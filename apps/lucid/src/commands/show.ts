import { sessionEncryptorContract, sessionOrchestratorContract } from '@lucid/contracts';
import { sizeText } from '@lucid/verifier';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { countText, formatRows, formatTime } from '../cli/output.ts';
import { type Anchoring, anchoringOf } from '../host/anchoring.ts';
import { located } from '../host/home.ts';
import { isFileTarget } from './file-target.ts';
import { retryCommand } from './retry.ts';
import { resolveSessionId } from './session-id.ts';

function anchorRows(anchored: boolean, anchoring: Anchoring | null): [string, string][] {
  const { transactionHash, blockHeight, status, reason } = anchoring ?? {};
  if (!anchored) {
    const why = [status, reason].filter((each) => each !== undefined).join(', ');
    return [['anchored', why === '' ? 'no' : `no: ${why}`]];
  }
  if (transactionHash === undefined || blockHeight === undefined)
    return [['anchored', 'yes, in the log of the ledger']];
  return [
    ['anchored', `yes, in block ${blockHeight} of the chain, by the transaction`],
    ['', transactionHash],
  ];
}

export async function show({ lucid, output }: CommandContext, text: string): Promise<number> {
  if (isFileTarget(text))
    throw new CliError('usage', `show wants a session id; what a file says is told by: lucid verify ${text}`);
  const sessionId = await resolveSessionId(lucid, text);
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  const session = located(lucid, await orchestrator.getSession({ params: { sessionId } }));
  const givenUp = session.deadSinceUs !== undefined;
  const recipients = await lucid
    .clientOf(sessionEncryptorContract)
    .getRecipients({ params: { sessionId } })
    .then(
      ({ wraps }) => wraps.map(({ recipient, label }) => ({ recipient, label })),
      () => [],
    );
  const anchoring = await anchoringOf(lucid, sessionId);
  const { transactionHash, blockHeight } = anchoring ?? {};
  output.json({ ...session, givenUp, recipients, transactionHash, blockHeight });
  const rows: [string, string | undefined][] = [
    ['session', session.sessionId],
    ['title', session.title],
    ['state', session.closed === 'interrupted' ? `${session.state}, interrupted` : session.state],
    ['reason', session.reason],
    ['step', session.step],
    ['given up', givenUp ? `mend the cause, then: ${retryCommand(sessionId, lucid)}` : undefined],
    ['owner', session.owner],
    ['created', formatTime(session.createdAtUs)],
    ['started', session.startedAtUs === undefined ? undefined : formatTime(session.startedAtUs)],
    ['ended', session.endedAtUs === undefined ? undefined : formatTime(session.endedAtUs)],
    ['tracks', session.tracks.map((each) => `${each.track} ${each.kind} ${each.mediaType}`).join(', ')],
    [
      'size',
      session.plainBytes === undefined
        ? undefined
        : `${sizeText(session.plainBytes)} in ${countText(session.chunks ?? 0, 'chunk')}`,
    ],
    ['root', session.merkleRoot],
    ['manifest', session.manifestHash],
    ...anchorRows(session.anchored, anchoring),
    ['evidence', session.bundle],
    ...recipients.map(({ recipient, label }): [string, string] => [
      'recipient',
      `${recipient} ${label ?? ''}`.trimEnd(),
    ]),
  ];
  for (const line of formatRows(rows, 10)) output.line(line);
  return exitCodes.ok;
}
