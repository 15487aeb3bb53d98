/**
 * What containers cost: layers 0 and 1 from nothing to healthy, one service from `docker run` to its first answer, memory charged to each
 * idle service, and the evidence pipeline through them beside the same pipeline in one process.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceName, serviceAt } from '@lucid/topology';
import { containerOf } from '../../e2e/stack/compose-containers.ts';
import { type ComposeStack, prepareComposeStack } from '../../e2e/stack/compose-stack.ts';
import { docker } from '../../e2e/stack/docker.ts';
import { LucidCli } from '../../e2e/stack/lucid-cli.ts';
import { clientsOf } from '../../e2e/stack/record-session.ts';
import { agentContracts } from '../../e2e/stack/recording-agent.ts';
import { seeded, terminalLike } from '../../e2e/stack/seeded.ts';
import { recordAtFullSpeed } from './throughput.ts';

export interface Figures {
  readonly upS: number;
  readonly firstAnswerS: Readonly<Record<string, number>>;
  /** MB charged to the container's cgroup, without page cache that can be dropped. */
  readonly idleMb: Readonly<Record<string, number>>;
  readonly containersMbPerS: readonly number[];
  readonly oneProcessMbPerS: readonly number[];
}

const SETTLE_MS = 10_000;
const POLL_MS = 5;
const seconds = (sinceMs: number) => (performance.now() - sinceMs) / 1000;
const isApp = (name: ServiceName) => serviceAt(name).image?.kind === 'node';

/** From `docker restart`'s start to the first answer of /health. */
async function firstAnswer(stack: ComposeStack, name: ServiceName): Promise<number> {
  await stack.kill(name);
  const startedMs = performance.now();
  await stack.start(name);
  for (;;) {
    const ok = await stack.ask(name, '/health').then(
      ({ status }) => status === 200,
      () => false,
    );
    if (ok) return seconds(startedMs);
    await delay(POLL_MS);
  }
}

/** cgroup v1 or v2: what is charged, less inactive file pages, as `docker stats` counts. */
async function chargedMb(name: ServiceName): Promise<number> {
  const id = await docker(['inspect', '--format', '{{.Id}}', containerOf(name)]);
  const read = (paths: readonly string[]) => {
    for (const path of paths)
      try {
        return readFileSync(path, 'utf8');
      } catch {
        // the other version of cgroups
      }
    throw new Error(`no memory cgroup of ${name}`);
  };
  const v1 = `/sys/fs/cgroup/memory/docker/${id}`;
  const v2 = `/sys/fs/cgroup/system.slice/docker-${id}.scope`;
  const used = Number(read([`${v1}/memory.usage_in_bytes`, `${v2}/memory.current`]));
  const stat = read([`${v1}/memory.stat`, `${v2}/memory.stat`]);
  const inactive = Number(/^(?:total_)?inactive_file (\d+)$/m.exec(stat)?.[1] ?? 0);
  return (used - inactive) / 1e6;
}

async function oneProcess(
  root: string,
  options: { content: Buffer; chunkSizeBytes: number; rounds: number },
) {
  const cli = new LucidCli({ root });
  try {
    const host = await cli.up('--docs-port', '0', '--ledger-port', '0');
    const clients = {
      recorder: host.clientOf(agentContracts.recorder),
      orchestrator: host.clientOf(agentContracts.orchestrator),
    };
    const figures: number[] = [];
    for (let round = 0; round < options.rounds; round++) {
      const recipient = cli.ownerRecipient();
      figures.push((await recordAtFullSpeed(clients, { ...options, recipient })).megabytesPerS);
    }
    await host.end('SIGTERM');
    return figures;
  } finally {
    await cli.dispose();
  }
}

export async function measure(
  root: string,
  options: { megabytes: number; rounds: number; chunkSizeBytes: number },
): Promise<Figures> {
  const { rounds, chunkSizeBytes } = options;
  const content = terminalLike(options.megabytes * 1_000_000, seeded(1));
  const stack = await prepareComposeStack({ root, file: 'layer1' });
  try {
    const startedMs = performance.now();
    await stack.up();
    const upS = seconds(startedMs);
    await delay(SETTLE_MS);
    const idleMb: Record<string, number> = {};
    for (const name of stack.services) idleMb[name] = await chargedMb(name);
    const containersMbPerS: number[] = [];
    const { recipient } = stack.keys.owner;
    for (let round = 0; round < rounds; round++)
      containersMbPerS.push(
        (await recordAtFullSpeed(clientsOf(stack), { content, recipient, chunkSizeBytes })).megabytesPerS,
      );
    const firstAnswerS: Record<string, number> = {};
    for (const name of stack.services.filter(isApp)) firstAnswerS[name] = await firstAnswer(stack, name);
    await stack.stop();
    const oneProcessMbPerS = await oneProcess(root, { content, chunkSizeBytes, rounds });
    return { upS, firstAnswerS, idleMb, containersMbPerS, oneProcessMbPerS };
  } catch (error) {
    await stack.stop().catch(() => {});
    throw error;
  }
}

const [root, megabytes, rounds, chunkSizeBytes] = process.argv.slice(2) as [string, string, string, string];
process.stdout.write(
  `${JSON.stringify(
    await measure(join(root), {
      megabytes: Number(megabytes),
      rounds: Number(rounds),
      chunkSizeBytes: Number(chunkSizeBytes),
    }),
  )}\n`,
);
process.exit(0);
