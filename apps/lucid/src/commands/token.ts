/** `lucid token new|show|list|revoke`: API tokens, for programs and for auditors. */
import { TOKEN_SCOPES, type TokenScope } from '@lucid/access';
import { authenticationContract } from '@lucid/contracts';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { formatTable, formatTime } from '../cli/output.ts';
import { resolveRemoteSession } from '../remote/remote-session.ts';
import { type RemoteOptions, runRemote } from '../remote/run-remote.ts';

export interface NewTokenOptions extends RemoteOptions {
  readonly name: string;
  readonly scope: string;
  readonly session?: string;
  readonly days: number;
}

const DAY_SECONDS = 86_400;

function judge({ scope, days }: NewTokenOptions): TokenScope {
  if (!(TOKEN_SCOPES as readonly string[]).includes(scope))
    throw new CliError('usage', `--scope ${scope}: give one of ${TOKEN_SCOPES.join(', ')}`);
  if (!(days > 0 && days <= 365)) throw new CliError('usage', '--days must be above 0 and at most 365');
  return scope as TokenScope;
}

export function newToken(process: NodeJS.Process, options: NewTokenOptions): Promise<number> {
  const scope = judge(options);
  return runRemote(process, options, async ({ host, output }) => {
    const sessionId =
      options.session === undefined ? undefined : await resolveRemoteSession(host, options.session);
    const made = await (await host.clientOf(authenticationContract)).createApiToken({
      body: {
        name: options.name,
        scope,
        ...(sessionId ? { sessionId } : {}),
        expiresInSeconds: Math.max(60, Math.round(options.days * DAY_SECONDS)),
      },
    });
    output.json({ host: host.origin, ...made });
    output.line(made.token);
    output.note(
      `Shown this once; good until ${formatTime(made.expiresAt * 1_000_000)}. Who has it uses it so: LUCID_TOKEN=… lucid --host ${host.origin} ${sessionId ? `verify ${sessionId.slice(0, 16)}` : 'list'}`,
    );
    return exitCodes.ok;
  });
}

/** Of the login, renewed where it ends soon. */
export const showToken = (process: NodeJS.Process, options: RemoteOptions): Promise<number> =>
  runRemote(process, { ...options, ofLogin: true }, async ({ host, output }) => {
    const accessToken = await host.accessToken();
    output.json({ host: host.origin, accessToken });
    output.line(accessToken);
    return exitCodes.ok;
  });

export const listTokens = (process: NodeJS.Process, options: RemoteOptions): Promise<number> =>
  runRemote(process, options, async ({ host, output }) => {
    const { tokens } = await (await host.clientOf(authenticationContract)).listApiTokens({});
    output.json({ host: host.origin, tokens });
    if (tokens.length === 0) output.line('no tokens');
    else
      for (const line of formatTable([
        ['token', 'name', 'scope', 'session', 'until'],
        ...tokens.map(({ tokenId, name, scope, sessionId, expiresAt }) => [
          tokenId,
          name,
          scope,
          sessionId?.slice(0, 16) ?? 'any',
          formatTime(expiresAt * 1_000_000),
        ]),
      ]))
        output.line(line);
    return exitCodes.ok;
  });

export const revokeToken = (
  process: NodeJS.Process,
  tokenId: string,
  options: RemoteOptions,
): Promise<number> =>
  runRemote(process, options, async ({ host, output }) => {
    await (await host.clientOf(authenticationContract)).revokeApiToken({ params: { tokenId } });
    output.json({ host: host.origin, revoked: tokenId });
    output.line(`token ${tokenId} is revoked`);
    return exitCodes.ok;
  });
