/** The commands that sign in and that work through a host's gateway. Actions load their code on demand. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, command } from './command.ts';

type Process = NodeJS.Process;
type End = (code: number) => void;

const days = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 365)) throw new InvalidArgumentError('Give days, above 0 and at most 365.');
  return value;
};

const micros = (text: string): number => {
  if (!/^\d{1,16}$/.test(text)) throw new InvalidArgumentError('Give microseconds since 1970.');
  return Number(text);
};

const SESSION = 'session id, or its first digits';

/** Options of a command, with the host that the program was given. */
type Here = <T>(options: T) => T & { at: string | undefined };

const withWallet = (of: Command): Command =>
  of
    .option('--key <file>', 'key of the wallet (default: tron.key in the configuration folder)')
    .option(
      '--address <address>',
      'sign elsewhere: print the message for this address, ask for its signature',
    )
    .option('--message <file>', 'a message that was printed before, with --signature')
    .option('--signature <hex>', 'its signature (signMessageV2)')
    .addOption(new Option('--profile <name>', 'what to sign in for').choices(['admin', 'user', 'node']))
    .option('--device <type:id>', 'the hardware wallet that signs: ledger:ID, trezor:ID or keepkey:ID')
    .option('--fingerprint <sha256>', 'trust this certificate of the host');

function addSignIn(program: Command, process: Process, end: End, here: Here): void {
  withWallet(command(program, 'login', 'sign in at a host with a TRON key'))
    .option('--totp <code>', 'code of your authenticator')
    .action(async (options) => {
      const { login } = await import('../commands/login.ts');
      end(await login(process, here(options)));
    });
  withWallet(command(program, 'register', 'sign in for the first time, where your address was invited'))
    .option('--code <code>', 'one-time code of the first administrator, as lucid up prints it')
    .action(async (options) => {
      const { register } = await import('../commands/login.ts');
      end(await register(process, here(options)));
    });
  command(program, 'logout', 'end the login')
    .option('--all', 'end every other login of yours, too: of a lost device', false)
    .action(async (options) => {
      const { logout } = await import('../commands/login.ts');
      end(await logout(process, here(options)));
    });
  command(program, 'whoami', 'who you are at a host, and what you may').action(async (options) => {
    const { whoami } = await import('../commands/login.ts');
    end(await whoami(process, here(options)));
  });
  command(program, 'totp', 'set up an authenticator, as administrators must')
    .option('--code <code>', 'confirm the one that was shown')
    .option('--remove', 'remove it, with one of its codes', false)
    .action(async (options) => {
      const { totp } = await import('../commands/totp.ts');
      end(await totp(process, here(options)));
    });
}

function addTokens(program: Command, process: Process, end: End, here: Here): void {
  const token = program
    .command('token')
    .description('tokens for programs and auditors: new, show, list, revoke');
  command(token, 'new', 'make one; it is shown this once')
    .requiredOption('--name <text>', 'what it is for')
    .addOption(
      new Option('--scope <scope>', 'what it is good for: evidence, reading, or all but signing in')
        .choices(['proof', 'read', 'full'])
        .default('proof'),
    )
    .option('--session <id>', 'only for this session')
    .option('--days <count>', 'how long it is good', days, 30)
    .action(async (options) => {
      const { newToken } = await import('../commands/token.ts');
      end(await newToken(process, here(options)));
    });
  command(
    token,
    'show',
    'the access token of your login, for curl and the documentation; good for minutes',
  ).action(async (options) => {
    const { showToken } = await import('../commands/token.ts');
    end(await showToken(process, here(options)));
  });
  command(token, 'list', 'those that still are good').action(async (options) => {
    const { listTokens } = await import('../commands/token.ts');
    end(await listTokens(process, here(options)));
  });
  command(token, 'revoke', 'end one')
    .argument('<token>', 'its id, as list shows it')
    .action(async (id: string, options) => {
      const { revokeToken } = await import('../commands/token.ts');
      end(await revokeToken(process, id, here(options)));
    });
}

function addUsers(program: Command, process: Process, end: End, here: Here): void {
  const user = program.command('user').description('who may sign in: list, invite, role, suspend, activate');
  command(user, 'list', 'users of a host').action(async (options) => {
    const { listUsers } = await import('../commands/user.ts');
    end(await listUsers(process, here(options)));
  });
  command(user, 'invite', 'let an address register')
    .argument('<address>', 'TRON address')
    .option('--role <role>', 'OBSERVER, USER, NODE_OPERATOR, ADMIN or SUPER_ADMIN', 'USER')
    .action(async (address: string, options) => {
      const { inviteUser } = await import('../commands/user.ts');
      end(await inviteUser(process, address, here(options)));
    });
  command(user, 'role', 'give a user another role; ends the user’s logins')
    .argument('<address>', 'TRON address')
    .argument('<role>', 'OBSERVER, USER, NODE_OPERATOR, ADMIN or SUPER_ADMIN')
    .action(async (address: string, role: string, options) => {
      const { setRole } = await import('../commands/user.ts');
      end(await setRole(process, address, role, here(options)));
    });
  for (const [name, status, what] of [
    ['suspend', 'suspended', 'keep a user out; ends the user’s logins'],
    ['activate', 'active', 'let a suspended user in again'],
  ] as const)
    command(user, name, what)
      .argument('<address>', 'TRON address')
      .action(async (address: string, options) => {
        const { setStatus } = await import('../commands/user.ts');
        end(await setStatus(process, address, status, here(options)));
      });
}

function addSessions(program: Command, process: Process, end: End, here: Here): void {
  const session = program
    .command('session')
    .description('sessions that two parties agree on: new, consent, start, stop, delete, policy');
  command(session, 'new', 'make a session, under a policy where one is given')
    .option('-t, --title <text>', 'what this session is')
    .option('--policy <name|file>', 'strict, standard, or a file with a policy')
    .option('--host-party <address>', 'TRON address of who lends the machine')
    .option('--user <address>', 'TRON address of who works on it')
    .option('--terms <text>', 'what both accept besides the policy')
    .option('--observer <address>', 'may look at it (repeatable)', collect, [])
    .option('--to <recipient>', 'also encrypt to this age recipient (repeatable)', collect, [])
    .action(async (options) => {
      const { newSession } = await import('../commands/session.ts');
      end(await newSession(process, here(options)));
    });
  command(session, 'consent', 'sign that you agree to its policy')
    .argument('<id>', SESSION)
    .option('--key <file>', 'key of the wallet (default: tron.key in the configuration folder)')
    .option('-y, --yes', 'ask no question', false)
    .option('--no-sign', 'sign elsewhere: print the text, ask for its signature')
    .option('--signature <hex>', 'signature of a text that was shown before, with --accepted')
    .option('--accepted <micros>', 'the time that the text names', micros)
    .action(async (id: string, options) => {
      const { consent } = await import('../commands/session.ts');
      end(await consent(process, id, here(options)));
    });
  command(session, 'start', 'start it (lucid record --session does so, too)')
    .argument('<id>', SESSION)
    .action(async (id: string, options) => {
      const { startSession } = await import('../commands/session.ts');
      end(await startSession(process, id, here(options)));
    });
  command(session, 'stop', 'end it; with a reason it counts as interrupted')
    .argument('<id>', SESSION)
    .option('--reason <text>', 'why')
    .action(async (id: string, options) => {
      const { stopSession } = await import('../commands/session.ts');
      end(await stopSession(process, id, here(options)));
    });
  command(session, 'delete', 'destroy its keys and records; a tombstone in the ledger remains')
    .argument('<id>', SESSION)
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string, options) => {
      const { deleteSession } = await import('../commands/session.ts');
      end(await deleteSession(process, id, here(options)));
    });
  command(session, 'policy', 'the policy that it runs under')
    .argument('<id>', SESSION)
    .action(async (id: string, options) => {
      const { sessionPolicy } = await import('../commands/session.ts');
      end(await sessionPolicy(process, id, here(options)));
    });
}

function addPolicies(program: Command, process: Process, end: End): void {
  const policy = program.command('policy').description('control policies: list, show, explain');
  command(policy, 'list', 'policies that have a name').action(async (options) => {
    const { listPolicies } = await import('../commands/policy.ts');
    end(listPolicies(process, options));
  });
  command(policy, 'show', 'a policy and its hash')
    .argument('<name|file>', 'strict, standard, or a file with a policy')
    .action(async (text: string, options) => {
      const { showPolicy } = await import('../commands/policy.ts');
      end(showPolicy(process, text, options));
    });
  command(policy, 'explain', 'why an action would be allowed or denied')
    .argument('<name|file>', 'strict, standard, or a file with a policy')
    .argument('<action>', 'as JSON: {"kind":"key","key":"PrintScreen"}')
    .action(async (text: string, action: string, options) => {
      const { explainPolicy } = await import('../commands/policy.ts');
      end(explainPolicy(process, text, action, options));
    });
}

/** `at` is what --host says. */
export function addAccessCommands(
  program: Command,
  process: Process,
  end: End,
  at: () => string | undefined,
): void {
  const here: Here = (options) => ({ ...options, at: at() });
  addSignIn(program, process, end, here);
  addTokens(program, process, end, here);
  addUsers(program, process, end, here);
  addSessions(program, process, end, here);
  addPolicies(program, process, end);
}
