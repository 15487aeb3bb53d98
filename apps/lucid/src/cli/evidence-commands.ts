/** The commands that read evidence and look after keys. Actions load their code on demand. */

import { Argument, type Command, InvalidArgumentError } from 'commander';
import { isFileTarget } from '../commands/file-target.ts';
import { collect, command } from './command.ts';
import { assertOneKind, withComposeOptions, withStackOption } from './compose-commands.ts';

type Process = NodeJS.Process;
type End = (code: number) => void;
/** What --host says. */
type At = () => string | undefined;

const wholeNumber = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
};

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Give a number above 0.');
  return value;
};

const TARGET = 'session id, its first digits, or path of a .lucid file';

const withIdentity = (of: Command): Command =>
  of.option(
    '-i, --identity <file>',
    'age identity to open it with (repeatable; default: the keys of this node)',
    collect,
    [],
  );

function addVerify(program: Command, process: Process, end: End, at: At): void {
  withStackOption(withIdentity(command(program, 'verify', 'check evidence as a stranger would, offline')))
    .argument('<id|file>', TARGET)
    .option('--recorder-key <vkey>', 'the recorder must be this one (repeatable)', collect, [])
    .option('--ledger-key <vkey>', 'it must be anchored in this ledger (repeatable)', collect, [])
    .option(
      '--witness-key <vkey>',
      'it must be anchored, the ledger cosigned by this witness (repeatable)',
      collect,
      [],
    )
    .option('--decrypt', 'open every chunk too, with the keys of this node', false)
    .option('--require-anchor', 'fail where the session is not anchored in a ledger', false)
    .option('--seen <file>', 'checkpoint seen before (default: the newest this node remembers)')
    .option('--no-read-chunks', 'check signatures and proofs only, without reading the chunks again')
    .action(async (text: string, options) => {
      if (options.compose && !isFileTarget(text)) {
        const { verifyStack } = await import('../compose/stack-evidence.ts');
        end(await verifyStack(process, text, options));
        return;
      }
      if (at() !== undefined && !isFileTarget(text)) {
        const { verifyRemote } = await import('../commands/remote-evidence.ts');
        end(await verifyRemote(process, text, { ...options, at: at() }));
        return;
      }
      const { verify } = await import('../commands/verify.ts');
      end(await verify(process, text, options));
    });
}

function addOpen(program: Command, process: Process, end: End, at: At): void {
  withIdentity(command(program, 'open', 'decrypt what was recorded, to a file or to standard output'))
    .argument('<id|file>', TARGET)
    .option(
      '-o, --out <file>',
      'where to; - is standard output (default: a file on a terminal, else standard output)',
    )
    .option('--track <number>', 'which track', wholeNumber)
    .option('--range <from-until>', 'only these bytes of the track, as in 0-1048576')
    .option('-f, --force', 'replace the file', false)
    .option('--unverified', 'open what still opens of evidence that does not verify', false)
    .action(async (text: string, options) => {
      const { open } = await import('../commands/open.ts');
      end(await open(process, text, options));
    });
  withStackOption(command(program, 'export', 'copy finished evidence to a file that a stranger can verify'))
    .argument('<id|file>', TARGET)
    .option(
      '-o, --out <file>',
      'where to; - is standard output, not with --operator-key (default: ./ID.lucid)',
    )
    .option(
      '--operator-key <file>',
      'service key of the operator: take it out of services that run apart, at SESSION_ORCHESTRATOR_URL and so on',
    )
    .option('-f, --force', 'replace the file', false)
    .action(async (text: string, options) => {
      if (at() !== undefined && !options.compose && !isFileTarget(text)) {
        const { exportRemote } = await import('../commands/remote-evidence.ts');
        end(await exportRemote(process, text, { ...options, at: at() }));
        return;
      }
      const { exportEvidence } = await import('../commands/export.ts');
      end(await exportEvidence(process, text, options));
    });
}

function addPlay(program: Command, process: Process, end: End): void {
  withIdentity(
    command(program, 'play', 'play a terminal recording (space pauses, arrows seek, . steps, q quits)'),
  )
    .argument('<id|file>', TARGET)
    .option('-s, --speed <factor>', 'how fast', positive)
    .option('--idle-limit <seconds>', 'longest pause between two outputs', positive)
    .option('--from <time>', 'begin at seconds, M:SS or H:MM:SS')
    .option('--track <number>', 'which track', wholeNumber)
    .option('--raw', 'print everything at once', false)
    .action(async (text: string, options) => {
      const { play } = await import('../commands/play.ts');
      end(await play(process, text, options));
    });
}

function addKeys(program: Command, process: Process, end: End): void {
  const keys = program
    .command('keys')
    .description('who can open sessions: make, list, grant, revoke, protect keys');
  command(keys, 'new', 'make an age identity, as for an auditor')
    .option('-o, --out <file>', 'where to (default: in the data folder)')
    .option('--passphrase', 'protect it with a passphrase', false)
    .action(async (options) => {
      const { newKey } = await import('../commands/keys.ts');
      end(await newKey(process, options));
    });
  command(keys, 'tron', 'make a TRON key in a file, to sign in with')
    .option('-o, --out <file>', 'where to (default: tron.key in the configuration folder)')
    .option('--passphrase', 'protect it with a passphrase', false)
    .action(async (options) => {
      const { newTronKey } = await import('../commands/keys-tron.ts');
      end(await newTronKey(process, options));
    });
  command(keys, 'list', 'keys of this node, or who can open a session')
    .argument('[id|file]', TARGET)
    .action(async (text: string | undefined, options) => {
      const { listKeys } = await import('../commands/keys.ts');
      end(await listKeys(process, text, options));
    });
  withIdentity(command(keys, 'grant', 'let a further recipient open a session; no chunk is touched'))
    .argument('<id|file>', TARGET)
    .argument('<recipient>', 'age recipient, age1…')
    .option('--label <text>', 'who that is')
    .action(async (text: string, recipient: string, options) => {
      const { grant } = await import('../commands/keys-session.ts');
      end(await grant(process, text, recipient, options));
    });
  command(keys, 'revoke', 'take a recipient out of a session; copies made before cannot be called back')
    .argument('<id|file>', TARGET)
    .argument('<recipient>', 'age recipient, or the label it was given')
    .action(async (text: string, recipient: string, options) => {
      const { revoke } = await import('../commands/keys-session.ts');
      end(await revoke(process, text, recipient, options));
    });
  command(keys, 'protect', 'put a passphrase on an identity file')
    .argument('<file>', 'identity file')
    .action(async (path: string, options) => {
      const { protectKey } = await import('../commands/keys.ts');
      end(await protectKey(process, path, options));
    });
}

function addHousekeeping(program: Command, process: Process, end: End): void {
  withComposeOptions(
    command(program, 'doctor', 'look whether everything here is sound, and say what to do where it is not'),
  ).action(async (options, self: Command) => {
    assertOneKind(self, options.compose);
    if (options.compose) {
      const { composeDoctor } = await import('../compose/compose-doctor.ts');
      end(await composeDoctor(process, options));
      return;
    }
    const { doctor } = await import('../commands/doctor.ts');
    end(await doctor(process, options));
  });
  program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: string) => {
      const { completion } = await import('../commands/completion.ts');
      end(completion(process, program, shell));
    });
  program.command('__complete', { hidden: true }).action(async () => {
    const { completeSessions } = await import('../commands/completion.ts');
    end(completeSessions(process));
  });
}

export function addEvidenceCommands(program: Command, process: Process, end: End, at: At): void {
  addVerify(program, process, end, at);
  addOpen(program, process, end, at);
  addPlay(program, process, end);
  addKeys(program, process, end);
  addHousekeeping(program, process, end);
}
