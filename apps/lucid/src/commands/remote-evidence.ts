/** `list`, `show`, `export` and `verify` of a host on the other side of its gateway. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OutputOf, sessionApiContract } from '@lucid/contracts';
import { sizeText } from '@lucid/verifier';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { formatRows, formatTable, formatTime, type Output } from '../cli/output.ts';
import type { RemoteHost } from '../remote/remote-host.ts';
import { resolveRemoteSession } from '../remote/remote-session.ts';
import { type RemoteContext, type RemoteOptions, runRemote } from '../remote/run-remote.ts';
import type { ExportOptions } from './export.ts';
import { OutputClosedError, type OutputTarget, openOutput, withOutput } from './export-target.ts';
import { judgeListing } from './list.ts';
import { assertHolds } from './open.ts';
import { pages } from './pages.ts';
import type { VerifyOptions } from './verify.ts';

type UserSession = OutputOf<(typeof sessionApiContract)['operations']['getSession']>;

const rowOf = (session: UserSession): string[] => [
  session.sessionId.slice(0, 16),
  formatTime(session.createdAtUs),
  session.closed === 'interrupted' ? session.closed : session.state,
  session.plainBytes === undefined ? '-' : sizeText(session.plainBytes),
  session.anchored ? 'yes' : 'no',
  session.you.join(','),
  session.title ?? '',
];

export function listRemote(
  process: NodeJS.Process,
  options: RemoteOptions & { readonly state?: string; readonly limit: number },
): Promise<number> {
  const { state, limit } = judgeListing(options);
  const isAsked = ({ closed }: UserSession) => state !== 'interrupted' || closed === 'interrupted';
  return runRemote(process, options, async ({ host, output }) => {
    const client = await host.clientOf(sessionApiContract);
    const sessions: UserSession[] = [];
    const ask = (from: { readonly after?: string }) =>
      client.listSessions({
        query: {
          limit: Math.min(1000, limit - sessions.length),
          ...(state && state !== 'interrupted' ? { state } : {}),
          ...from,
        },
      });
    for await (const page of pages(ask)) {
      sessions.push(...page.sessions.filter(isAsked));
      if (sessions.length >= limit) break;
    }
    output.json({ host: host.origin, sessions });
    if (sessions.length === 0) output.line('no sessions that you may see');
    else
      for (const line of formatTable([
        ['session', 'created', 'state', 'size', 'anchored', 'you', 'title'],
        ...sessions.map(rowOf),
      ]))
        output.line(line);
    return exitCodes.ok;
  });
}

/** Rows of what is known about a session. */
export function tellSession({ host, output }: RemoteContext, session: UserSession): number {
  output.json({ host: host.origin, ...session });
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['session', session.sessionId],
    ['title', session.title],
    ['state', session.closed === 'interrupted' ? `${session.state}, interrupted` : session.state],
    ['reason', session.reason],
    ['owner', session.owner],
    ['you', session.you.join(', ')],
    ['host', session.parties?.host],
    ['user', session.parties?.user],
    ['policy', session.policyHash],
    ['consents', session.policyHash ? session.consents.join(', ') || 'none yet' : undefined],
    ['created', formatTime(session.createdAtUs)],
    ['started', session.startedAtUs === undefined ? undefined : formatTime(session.startedAtUs)],
    ['ended', session.endedAtUs === undefined ? undefined : formatTime(session.endedAtUs)],
    ['size', session.plainBytes === undefined ? undefined : sizeText(session.plainBytes)],
    ['root', session.merkleRoot],
    ['manifest', session.manifestHash],
    ['anchored', session.anchored ? 'yes' : 'no'],
  ];
  for (const line of formatRows(rows, 9)) output.line(line);
  return exitCodes.ok;
}

export const showRemote = (process: NodeJS.Process, text: string, options: RemoteOptions): Promise<number> =>
  runRemote(process, options, async (context) => {
    const sessionId = await resolveRemoteSession(context.host, text);
    const client = await context.host.clientOf(sessionApiContract);
    return tellSession(context, await client.getSession({ params: { sessionId } }));
  });

/** Bytes written. */
async function download(
  host: RemoteHost,
  sessionId: string,
  { target, output }: { readonly target: OutputTarget; readonly output: Output },
): Promise<number> {
  const client = await host.clientOf(sessionApiContract);
  const { bytes, sizeBytes } = await client.downloadBundle({ params: { sessionId }, query: {} });
  const progress = output.progress('downloading', sizeBytes ?? null);
  let doneBytes = 0;
  try {
    for await (const part of bytes) {
      await target.write(part);
      doneBytes += part.length;
      progress.update(doneBytes);
    }
  } catch (cause) {
    if (cause instanceof CliError || cause instanceof OutputClosedError) throw cause;
    throw new CliError(
      'host_unreachable',
      `${host.origin} broke off in the middle of the evidence; try again.`,
      { cause },
    );
  } finally {
    progress.end();
  }
  if (sizeBytes !== undefined && doneBytes !== sizeBytes)
    throw new CliError(
      'host_unreachable',
      `${host.origin} gave ${doneBytes} of ${sizeBytes} bytes; try again.`,
    );
  return doneBytes;
}

export const exportRemote = (
  process: NodeJS.Process,
  text: string,
  options: ExportOptions & RemoteOptions,
): Promise<number> =>
  runRemote(process, options, async ({ host, output }) => {
    const sessionId = await resolveRemoteSession(host, text);
    const target = openOutput(options.out ?? `./${sessionId.slice(0, 16)}.lucid`, options);
    if (target.draft === null) {
      target.discard();
      throw new CliError(
        'usage',
        `-o ${options.out}: what comes from a host is checked before it appears; name a file.`,
      );
    }
    const { draft } = target;
    const bytes = await withOutput(target, async () => {
      const sizeBytes = await download(host, sessionId, { target, output });
      const told = {
        name: `what ${host.origin} gave of session ${sessionId}`,
        advice: 'Nothing was written.',
      };
      await assertHolds({ path: draft, home: null, expected: { sessionId }, byId: false }, output, {
        readRecords: true,
        told,
      });
      return sizeBytes;
    });
    output.json({ host: host.origin, sessionId, file: target.name, bytes });
    output.line(`exported  ${target.name}  (${sizeText(bytes)})`);
    output.line(`anybody verifies it offline with: lucid verify ${target.name}`);
    return exitCodes.ok;
  });

/** Downloads the evidence and judges it here: nothing that the host says of it is believed. */
export const verifyRemote = (
  process: NodeJS.Process,
  text: string,
  options: VerifyOptions & RemoteOptions,
): Promise<number> =>
  runRemote(process, options, async ({ host, output }) => {
    const sessionId = await resolveRemoteSession(host, text);
    const folder = mkdtempSync(join(tmpdir(), 'lucid-verify-'));
    const path = join(folder, `${sessionId}.lucid`);
    try {
      const target = openOutput(path, { force: false });
      await withOutput(target, () => download(host, sessionId, { target, output }));
      const { verify } = await import('./verify.ts');
      return await verify(process, path, { ...options, expectedSession: sessionId });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
