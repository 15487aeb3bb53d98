/** `lucid user list|invite|role|suspend|activate`: who may sign in at a host. */
import { ROLES, type Role } from '@lucid/access';
import { authenticationContract } from '@lucid/contracts';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { formatTable, formatTime } from '../cli/output.ts';
import { type RemoteContext, type RemoteOptions, runRemote } from '../remote/run-remote.ts';
import { pages } from './pages.ts';

function judgeRole(text: string): Role {
  const role = text.toUpperCase() as Role;
  if (ROLES.includes(role)) return role;
  throw new CliError('usage', `${text} is no role; give one of ${ROLES.join(', ')}`);
}

type User = Awaited<ReturnType<Awaited<ReturnType<typeof client>>['getUser']>>;
const client = ({ host }: RemoteContext) => host.clientOf(authenticationContract);

function tell({ host, output }: RemoteContext, user: User): number {
  output.json({ host: host.origin, ...user });
  output.line(`${user.address}  ${user.role}  ${user.status}`);
  return exitCodes.ok;
}

export const listUsers = (process: NodeJS.Process, options: RemoteOptions): Promise<number> =>
  runRemote(process, options, async (context) => {
    const { host, output } = context;
    const users: User[] = [];
    const authentication = await client(context);
    for await (const page of pages((from) => authentication.listUsers({ query: { limit: 1000, ...from } })))
      users.push(...page.users);
    output.json({ host: host.origin, users });
    for (const line of formatTable([
      ['address', 'role', 'status', 'authenticator', 'last login'],
      ...users.map(({ address, role, status, totp, lastLoginAt }) => [
        address,
        role,
        status,
        totp ? 'yes' : 'no',
        lastLoginAt === undefined ? '-' : formatTime(lastLoginAt * 1_000_000),
      ]),
    ]))
      output.line(line);
    return exitCodes.ok;
  });

export function inviteUser(
  process: NodeJS.Process,
  address: string,
  options: RemoteOptions & { readonly role: string },
): Promise<number> {
  const role = judgeRole(options.role);
  return runRemote(process, options, async (context) => {
    const user = await (await client(context)).inviteUser({ body: { address, role } });
    context.output.note(`They sign in for the first time with: lucid --host ${context.host.origin} register`);
    return tell(context, user);
  });
}

export function setRole(
  process: NodeJS.Process,
  address: string,
  text: string,
  options: RemoteOptions,
): Promise<number> {
  const role = judgeRole(text);
  return runRemote(process, options, async (context) =>
    tell(context, await (await client(context)).putUserRole({ params: { address }, body: { role } })),
  );
}

export const setStatus = (
  process: NodeJS.Process,
  address: string,
  status: 'active' | 'suspended',
  options: RemoteOptions,
): Promise<number> =>
  runRemote(process, options, async (context) =>
    tell(context, await (await client(context)).putUserStatus({ params: { address }, body: { status } })),
  );
