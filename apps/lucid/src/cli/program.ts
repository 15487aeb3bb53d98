/** The commands, their options, and how each ends. Actions load their code on demand: `list` does not pay for `record`. */
import { Command, CommanderError, Option } from 'commander';
import { addAccessCommands } from './access-commands.ts';
import { addChainCommands } from './chain-commands.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { collect, command, wholeNumber } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { addStackCommands, assertOneKind, withComposeOptions, withStackOption } from './compose-commands.ts';
import { addEvidenceCommands } from './evidence-commands.ts';
import { Output, printableLines } from './output.ts';
import type { RunOptions } from './run-with-lucid.ts';

type Process = NodeJS.Process;

/** With the services of a stack where that is asked for, else with those of the data folder. */
async function withLucid(
  process: Process,
  options: RunOptions & { readonly compose?: boolean },
  work: (context: CommandContext) => Promise<number>,
): Promise<number> {
  if (options.compose) {
    const { runWithStack } = await import('../compose/run-with-stack.ts');
    return runWithStack(process, options, work);
  }
  const { runWithLucid } = await import('./run-with-lucid.ts');
  return runWithLucid(process, options, work);
}

const parseSize = (text: string): number => {
  const match = /^(\d+)\s*([kKmM]?)(i?[bB])?$/.exec(text);
  const factor = { k: 1024, m: 1_048_576 }[match?.[2]?.toLowerCase() ?? ''] ?? 1;
  const size = match ? Number(match[1]) * factor : Number.NaN;
  if (!(size >= 65_536 && size <= 16_777_216))
    throw new CliError('usage', `--chunk-size ${text}: give 64k to 16m`);
  return size;
};

const codecOption = () =>
  new Option('--codec <name>', 'compressor')
    .choices(['auto', 'native', 'wasm'])
    .default('auto')
    .env('LUCID_ZSTD');

function addRecordingCommands(program: Command, process: Process, end: (code: number) => void): void {
  withStackOption(
    command(
      program,
      'record',
      'record a terminal session (default: your shell) as evidence; kill -USR2 $LUCID_PID in it sets a marker',
    ),
  )
    .argument('[command...]', 'command and its arguments, after --')
    .option('-t, --title <text>', 'what this session is')
    .option('--session <id>', 'record into this session, which was made with: lucid session new')
    .option('--input', 'record what is typed, too (passwords included)', false)
    .option('--to <recipient>', 'also encrypt to this age recipient (repeatable)', collect, [])
    .action(async (words: string[], options) => {
      const { record } = await import('../commands/record.ts');
      end(
        await withLucid(process, { ...options, serve: true, makes: true }, (context) =>
          record(context, { ...options, command: words }),
        ),
      );
    });
  command(program, 'seal', 'seal a file, or standard input (-), as evidence')
    .argument('<file>', 'path, or - for standard input')
    .option('-t, --title <text>', 'what this is')
    .option('--chunk-size <size>', 'plain bytes a chunk, 64k to 16m', parseSize)
    .option('--read-back', 'read every record back from disk at the end', false)
    .option('--to <recipient>', 'also encrypt to this age recipient (repeatable)', collect, [])
    .addOption(codecOption())
    .action(async (source: string, options) => {
      const { seal } = await import('../commands/seal.ts');
      end(
        await withLucid(process, { ...options, makes: true }, (context) =>
          seal(context, { ...options, source, chunkSizeBytes: options.chunkSize }),
        ),
      );
    });
  withComposeOptions(
    command(program, 'up', 'run the host: all services in one process until it is stopped, or in containers'),
  )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port of the gateway; 0 picks free ones for all', wholeNumber)
    .option('--docs-port <port>', 'port of the API documentation', wholeNumber)
    .option('--ledger-port <port>', 'port of the public face of the ledger', wholeNumber)
    .option('--rpc-port <port>', 'port of the chain, JSON-RPC, on the loopback address', wholeNumber)
    .option('--api-port <port>', 'port of the chain, REST to read, on the loopback address', wholeNumber)
    .option(
      '--governance-port <port>',
      'port of the chain’s governance, on the loopback address',
      wholeNumber,
    )
    .option('--peer-port <port>', 'let other nodes fetch the blocks of its chain at this port', wholeNumber)
    .option(
      '--uri <origin>',
      'where users sign in, where it is another than the gateway (repeatable)',
      collect,
      [],
    )
    .option('--tls-cert <file>', 'certificate of the gateway, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--tls', 'TLS also on the loopback address, with a certificate made here', false)
    .addOption(codecOption())
    .action(async (options, self: Command) => {
      assertOneKind(self, options.compose);
      if (options.compose) {
        const { composeUp } = await import('../compose/compose-up.ts');
        end(await composeUp(process, options));
        return;
      }
      const { up } = await import('../commands/up.ts');
      end(await up(process, options));
    });
}

function addReadingCommands(
  program: Command,
  process: Process,
  end: (code: number) => void,
  at: () => string | undefined,
): void {
  withStackOption(command(program, 'list', 'sessions, newest first'))
    .option('--state <state>', 'only those in this state')
    .option('-n, --limit <count>', 'how many', wholeNumber, 50)
    .action(async (options) => {
      if (at() !== undefined && !options.compose) {
        const { listRemote } = await import('../commands/remote-evidence.ts');
        end(await listRemote(process, { ...options, at: at() }));
        return;
      }
      const { list } = await import('../commands/list.ts');
      end(await withLucid(process, { ...options, settled: true }, (context) => list(context, options)));
    });
  withStackOption(command(program, 'show', 'everything about one session'))
    .argument('<id>', 'session id, or its first digits')
    .action(async (id: string, options) => {
      if (at() !== undefined && !options.compose) {
        const { showRemote } = await import('../commands/remote-evidence.ts');
        end(await showRemote(process, id, { ...options, at: at() }));
        return;
      }
      const { show } = await import('../commands/show.ts');
      end(await withLucid(process, { ...options, settled: true }, (context) => show(context, id)));
    });
  withStackOption(
    command(program, 'retry', 'try again to finish a session that was given up (see: lucid doctor)'),
  )
    .argument('<id>', 'session id, or its first digits')
    .action(async (id: string, options) => {
      const { retry } = await import('../commands/retry.ts');
      end(await withLucid(process, { ...options, settled: true }, (context) => retry(context, id)));
    });
}

/** Commander's own `help NAME` prints the help of everything for a name it does not know. */
function addHelp(parent: Command): void {
  parent
    .helpCommand(false)
    .command('help')
    .description('show the help of a command')
    .argument('[command...]')
    .action((names: string[]) => {
      let about = parent;
      for (const name of names) {
        const found = about.commands.find((each) => each.name() === name);
        if (!found) parent.error(`error: unknown command '${names.join(' ')}'`);
        else about = found;
      }
      about.help();
    });
}

export function createProgram(process: Process, end: (code: number) => void): Command {
  const program = new Command('lucid')
    .description('Records sessions as evidence that a stranger can verify offline.')
    .version('0.1.0')
    .option('--host <url>', 'work with this host, through its gateway (also LUCID_HOST)')
    .exitOverride()
    .showHelpAfterError('(see lucid --help)')
    .enablePositionalOptions();
  addRecordingCommands(program, process, end);
  const at = () => program.opts<{ host?: string }>().host ?? (process.env.LUCID_HOST || undefined);
  addReadingCommands(program, process, end, at);
  addEvidenceCommands(program, process, end, at);
  addChainCommands(program, process, end);
  addAccessCommands(program, process, end, at);
  addStackCommands(program, process, end);
  program.hook('preAction', (_program, action) => assertWorksRemotely(program, action));
  for (const each of [program, ...program.commands]) if (each.commands.length > 0) addHelp(each);
  return program;
}

/** What works through a gateway; the others work with this machine. */
const REMOTE = [
  'list',
  'show',
  'export',
  'verify',
  'login',
  'register',
  'logout',
  'whoami',
  'totp',
  'token',
  'user',
  'session',
];

/** @throws CliError usage where --host was given to a command that heeds none */
function assertWorksRemotely(program: Command, action: Command): void {
  if (program.opts<{ host?: string }>().host === undefined) return;
  const top = action.parent === program ? action : action.parent;
  if (top && REMOTE.includes(top.name())) return;
  throw new CliError(
    'usage',
    `--host: ${top?.name() ?? 'this'} works on this machine only; through a host work ${REMOTE.join(', ')}`,
  );
}

/** Whether --json was given to us, not to a command that is to be recorded. */
function asksForJson({ argv }: Process): boolean {
  const end = argv.indexOf('--');
  return argv.slice(2, end < 0 ? undefined : end).includes('--json');
}

function report(process: Process, error: unknown): number {
  const output = new Output(process, { json: asksForJson(process), quiet: false });
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    // Commander has said it on standard error.
    output.json({ error: 'usage', message: error.message.replace(/^error: /, '') });
    return exitCodes.usage;
  }
  if (error instanceof CliError) {
    output.json({ error: error.code, message: error.message });
    process.stderr.write(`lucid: ${printableLines(error.message)}\n`);
    return error.exitCode;
  }
  // Nobody foresaw it, so the raw message tells most: it names the file.
  const message = error instanceof Error ? error.message : String(error);
  output.json({ error: 'host_failed', message });
  process.stderr.write(`lucid: something unexpected went wrong: ${printableLines(message)}\n`);
  if (process.env.LUCID_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exitCodes.failed;
}

/** Runs one command line; never throws. Returns the exit code of docs/evidence-format.md section 9. */
export async function runCli(process: Process): Promise<number> {
  let code: number = exitCodes.ok;
  try {
    await createProgram(process, (ended) => {
      code = ended;
    }).parseAsync(process.argv);
    return code;
  } catch (error) {
    return report(process, error);
  }
}
