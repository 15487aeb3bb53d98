import { sessionEncryptorContract, sessionOrchestratorContract } from '@lucid/contracts';
import { exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { formatBytes, formatTime } from '../cli/output.ts';
import { resolveSessionId } from './session-id.ts';

export async function show({ lucid, output }: CommandContext, text: string): Promise<number> {
  const sessionId = await resolveSessionId(lucid, text);
  const session = await lucid.clientOf(sessionOrchestratorContract).getSession({ params: { sessionId } });
  const recipients = await lucid
    .clientOf(sessionEncryptorContract)
    .getRecipients({ params: { sessionId } })
    .then(
      ({ wraps }) => wraps.map(({ recipient, label }) => ({ recipient, label })),
      () => [],
    );
  output.json({ ...session, recipients });
  const rows: [string, string | undefined][] = [
    ['session', session.sessionId],
    ['title', session.title],
    ['state', session.closed === 'interrupted' ? `${session.state}, interrupted` : session.state],
    ['reason', session.reason],
    ['step', session.step],
    ['owner', session.owner],
    ['created', formatTime(session.createdAtUs)],
    ['started', session.startedAtUs === undefined ? undefined : formatTime(session.startedAtUs)],
    ['ended', session.endedAtUs === undefined ? undefined : formatTime(session.endedAtUs)],
    ['tracks', session.tracks.map((each) => `${each.track} ${each.kind} ${each.mediaType}`).join(', ')],
    [
      'size',
      session.plainBytes === undefined
        ? undefined
        : `${formatBytes(session.plainBytes)} in ${session.chunks ?? 0} chunks`,
    ],
    ['root', session.merkleRoot],
    ['manifest', session.manifestHash],
    ['anchored', session.anchored ? 'yes' : 'no'],
    ['evidence', session.bundle],
    ...recipients.map(({ recipient, label }): [string, string] => [
      'recipient',
      `${recipient} ${label ?? ''}`.trimEnd(),
    ]),
  ];
  for (const [name, value] of rows) if (value !== undefined) output.line(`${name.padEnd(10)} ${value}`);
  return exitCodes.ok;
}
