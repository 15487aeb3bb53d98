/** `lucid totp`: sets up an authenticator (RFC 6238), which administrators need. */
import { authenticationContract } from '@lucid/contracts';
import { askLine } from '../cli/ask-line.ts';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { loginOf } from '../remote/remote-host.ts';
import { type RemoteContext, type RemoteOptions, runRemote } from '../remote/run-remote.ts';
import { claimsOfToken } from '../remote/token-claims.ts';

export interface TotpOptions extends RemoteOptions {
  /** Confirms the secret that was shown before. */
  readonly code?: string;
  /** Removes the authenticator, with one of its codes. */
  readonly remove: boolean;
}

/** The role of the login as it is now: what an authenticator gives or takes. */
async function renewLogin({ host }: RemoteContext): Promise<string | undefined> {
  const { login } = await host.credentials.update(host.origin, async (known) => {
    if (!known.login) return known;
    const body = { refreshToken: known.login.refreshToken };
    const answer = await host.openClientOf(authenticationContract).refreshLogin({ body });
    return { ...known, login: loginOf(answer) };
  });
  const { role } = claimsOfToken(login?.accessToken);
  return typeof role === 'string' ? role : undefined;
}

async function confirm(context: RemoteContext, code: string): Promise<number> {
  const { host, output } = context;
  const client = await host.clientOf(authenticationContract);
  const { recoveryCodes } = await client.confirmTotp({ body: { code } });
  const role = await renewLogin(context);
  output.json({ host: host.origin, role, recoveryCodes });
  if (role) output.line(`You are ${role} at ${host.origin} from now on.`);
  output.line('The authenticator counts from now on. Codes for the day that it is lost, each good once:');
  for (const each of recoveryCodes) output.line(`  ${each}`);
  return exitCodes.ok;
}

async function begin(context: RemoteContext): Promise<number> {
  const { host, output, process } = context;
  const { secret, uri } = await (await host.clientOf(authenticationContract)).beginTotp({});
  output.json({ host: host.origin, secret, uri });
  if (output.options.json) return exitCodes.ok;
  output.line(`Enter this into an authenticator:\n\n  secret  ${secret}\n  or      ${uri}\n`);
  const code = process.stdin.isTTY ? await askLine(process, 'Its code: ') : null;
  if (code) return confirm(context, code);
  output.note(`Then confirm it with: lucid --host ${host.origin} totp --code CODE`);
  return exitCodes.ok;
}

export const totp = (process: NodeJS.Process, options: TotpOptions): Promise<number> =>
  runRemote(process, { ...options, ofLogin: true }, async (context) => {
    const { host, output } = context;
    if (!options.remove) return options.code === undefined ? begin(context) : confirm(context, options.code);
    if (options.code === undefined) throw new CliError('usage', '--remove needs --code CODE');
    const client = await host.clientOf(authenticationContract);
    await client.removeTotp({ query: { code: options.code } });
    await renewLogin(context);
    output.json({ host: host.origin, removed: true });
    output.line('The authenticator is removed.');
    return exitCodes.ok;
  });
