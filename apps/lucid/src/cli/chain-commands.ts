/** The commands of the chain. Actions load their code on demand. */
import { type Command, Option } from 'commander';
import { command, wholeNumber } from './command.ts';
import type { CommandContext } from './command-context.ts';

type Process = NodeJS.Process;
type FollowFlags = {
  readonly key?: string;
  readonly genesis?: string;
  readonly rpcPort?: number;
  readonly torProxy: string;
};
type Shown = { readonly json: boolean; readonly quiet: boolean };

/** Runs it with a host that has its chain open; `genesis` is the text of the file that a foreign chain began with. */
async function withChain(
  process: Process,
  options: Shown & {
    readonly makes?: boolean;
    readonly genesis?: string;
    readonly takesBlocks?: boolean;
    readonly faces?: boolean;
  },
  work: (context: CommandContext) => Promise<number>,
): Promise<number> {
  const { runWithLucid } = await import('./run-with-lucid.ts');
  const { genesis = null, takesBlocks = false, faces = false } = options;
  const chain = { genesis, takesBlocks, faces };
  return runWithLucid(process, { ...options, chain }, work);
}

export function addChainCommands(program: Command, process: Process, end: (code: number) => void): void {
  const chain = program
    .command('chain')
    .description('the chain of this node: blocks, import, export, check, deployments');
  command(chain, 'status', 'its newest block, and what waits').action(async (options: Shown) => {
    const { chainStatus } = await import('../commands/chain.ts');
    end(await withChain(process, options, chainStatus));
  });
  command(chain, 'import', 'execute a file of blocks, each on the one before, and keep them')
    .argument('<file>', 'blocks as geth export writes them (RLP)')
    .option(
      '--genesis <file>',
      'what the chain began with, genesis.json of geth (default: that of the chain that is here)',
    )
    .action(async (path: string, options: Shown & { genesis?: string }) => {
      const { assertReadable, importChain, readGenesisFile } = await import('../commands/chain.ts');
      assertReadable(path);
      const { genesis: file, ...shown } = options;
      const genesis = file === undefined ? {} : { genesis: readGenesisFile(file) };
      end(
        await withChain(process, { ...shown, ...genesis, makes: true, takesBlocks: true }, (context) =>
          importChain(context, path),
        ),
      );
    });
  command(
    chain,
    'follow',
    'execute the blocks of another node as it makes them, and answer JSON-RPC about them, until it is stopped',
  )
    .argument('[peer...]', 'its address HOST:PORT, several where it has several (default: as before)')
    .option(
      '--key <key>',
      'NAME+ID+KEY, its ledger key: what is not in the log that it signs is not believed',
    )
    .option('--genesis <file>', 'what its chain began with: chain/genesis.json of its data folder')
    .option('--rpc-port <port>', 'port of JSON-RPC, on the loopback address', wholeNumber)
    .addOption(
      new Option('--tor-proxy <url>', "Tor's SOCKS port, by which all is asked that is not on this machine")
        .default('socks5://127.0.0.1:9050')
        .env('TOR_PROXY_URL'),
    )
    .addHelpText(
      'after',
      '\nA follower needs a data folder of its own (LUCID_HOME). Run again without PEER, it goes on where it was.',
    )
    .action(async (peers: string[], options: Shown & FollowFlags) => {
      const { followChain } = await import('../commands/chain-follow.ts');
      end(await followChain(process, { ...options, peers }));
    });
  command(chain, 'export', 'write all blocks to a file, which import takes, and geth')
    .argument('<file>', 'where to')
    .action(async (path: string, options: Shown) => {
      const { exportChain } = await import('../commands/chain.ts');
      end(await withChain(process, options, (context) => exportChain(context, path)));
    });
  command(
    chain,
    'check',
    'recompute every hash of all blocks, receipts and log entries, and of the newest state',
  ).action(async (options: Shown) => {
    const { checkChain } = await import('../commands/chain-check.ts');
    end(await withChain(process, options, checkChain));
  });
  command(
    chain,
    'fund',
    'give the accounts of deployments and votes some of what the account of this node has, where they have nothing',
  ).action(async (options: Shown) => {
    const { fundChain } = await import('../commands/chain-fund.ts');
    end(await withChain(process, options, fundChain));
  });
  command(chain, 'plans', 'plans of deployments, and what each asks for').action(async (options: Shown) => {
    const { listPlans } = await import('../commands/chain-deploy.ts');
    end(await withChain(process, { ...options, faces: true }, listPlans));
  });
  command(chain, 'deploy', 'carry out a plan of deployments step by step; killed, it goes on with --id')
    .argument('<plan>', 'its name, as: governance')
    .option('--inputs <file>', 'JSON object with what the plan asks for')
    .option('--id <id>', 'of a run that began before, or for a new one')
    .option('--dry-run', 'say what would be done, and send nothing', false)
    .action(async (plan: string, options: Shown & { inputs?: string; id?: string; dryRun: boolean }) => {
      const { deployPlan } = await import('../commands/chain-deploy.ts');
      const { inputs, id, dryRun, ...shown } = options;
      const asked = { plan, dryRun, ...(inputs ? { inputs } : {}), ...(id ? { id } : {}) };
      end(await withChain(process, { ...shown, faces: true }, (context) => deployPlan(context, asked)));
    });
}
