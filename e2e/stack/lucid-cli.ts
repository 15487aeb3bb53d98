/** The command line as a user runs it: the built program, in a process of its own, on a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContractSpec } from '@lucid/contracts';
import {
  type Client,
  createClient,
  createHttpTransport,
  createTokenSource,
  type HttpTarget,
  parseServiceKey,
  systemClock,
  type Transport,
} from '@lucid/service-kit';

export interface CliRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<CliRun>;
  /** Standard output so far. */
  text(): string;
}

interface HostCard {
  readonly pid: number;
  readonly targets: Readonly<Record<string, HttpTarget>>;
  readonly operatorKey: string;
}

const UP_TIMEOUT_MS = 30_000;
const RUN_TIMEOUT_MS = 60_000;
const POLL_MS = 10;

export class LucidCli {
  readonly home: string;
  readonly #program: string;
  readonly #running = new Map<ChildProcess, Promise<CliRun>>();

  constructor(options: { root: string; home?: string }) {
    this.home = options.home ?? mkdtempSync(join(tmpdir(), 'lucid-home-'));
    this.#program = join(options.root, 'dist/apps/lucid/main.mjs');
    if (!existsSync(this.#program))
      throw new Error('the command line is not built; run: node tools/build.mjs');
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
    const child = spawn(process.execPath, [this.#program, ...args], {
      env: { PATH: process.env.PATH, HOME: this.home, LUCID_HOME: this.home, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part) => {
      stdout += part;
    });
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    const ended = new Promise<CliRun>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => {
        this.#running.delete(child);
        resolve({ status, signal, stdout, stderr });
      });
    });
    this.#running.set(child, ended);
    return { child, ended, text: () => stdout };
  }

  /** Runs it to its end; what takes longer than `timeoutMs` is killed, and its status is null. */
  async run(args: readonly string[], timeoutMs = RUN_TIMEOUT_MS): Promise<CliRun> {
    const { child, ended } = this.start(args);
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    return ended.finally(() => clearTimeout(timer));
  }

  /** Runs with --json and gives the object it ends with. Rejects, with what was said, unless the status is 0. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { status, stdout, stderr } = await this.run([...args, '--json']);
    if (status !== 0) throw new Error(`lucid ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
    return JSON.parse(stdout.slice(stdout.indexOf('{'))) as T;
  }

  /** `lucid up`, serving. */
  async up(...args: readonly string[]): Promise<HostProcess> {
    const running = this.start(['up', '--port', '0', '--json', ...args]);
    const until = performance.now() + UP_TIMEOUT_MS;
    let ended: CliRun | null = null;
    void running.ended.then((run) => {
      ended = run;
    });
    while (!running.text().includes('"ready":true')) {
      if (ended) throw new Error(`lucid up ended: ${JSON.stringify(ended)}`);
      if (performance.now() > until) throw new Error('lucid up is not ready in time');
      await delay(POLL_MS);
    }
    const card = JSON.parse(readFileSync(join(this.home, 'run/host.json'), 'utf8')) as HostCard;
    return new HostProcess(running, card, JSON.parse(running.text().split('\n')[0] ?? '{}'));
  }

  ownerIdentity(): string {
    const text = readFileSync(join(this.home, 'keys/owner.agekey'), 'utf8');
    return /^AGE-SECRET-KEY-\S+$/m.exec(text)?.[0] ?? '';
  }

  ownerRecipient(): string {
    const all = JSON.parse(readFileSync(join(this.home, 'keys/recipients.json'), 'utf8'));
    return (all as { recipient: string }[])[0]?.recipient ?? '';
  }

  /** Kills whatever still runs and removes the data folder. */
  async dispose(): Promise<void> {
    for (const child of this.#running.keys()) child.kill('SIGKILL');
    await Promise.allSettled(this.#running.values());
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A host that runs: its clients go through its sockets with the operator's key, as those of other commands do. */
export class HostProcess {
  readonly running: RunningCli;
  /** What it said when it was ready. */
  readonly ready: unknown;
  readonly #card: HostCard;
  readonly #transports: Transport[] = [];

  constructor(running: RunningCli, card: HostCard, ready: unknown) {
    this.running = running;
    this.ready = ready;
    this.#card = card;
  }

  get services(): readonly string[] {
    return Object.keys(this.#card.targets);
  }

  targetOf(service: string): HttpTarget {
    const target = this.#card.targets[service];
    if (!target) throw new Error(`the host does not offer ${service}`);
    return target;
  }

  clientOf<const C extends ContractSpec>(contract: C): Client<C> {
    const transport = createHttpTransport(this.targetOf(contract.service));
    this.#transports.push(transport);
    const key = parseServiceKey('operator', Buffer.from(this.#card.operatorKey));
    return createClient(contract, transport, {
      tokens: createTokenSource({ key, clock: systemClock }),
      breaker: false,
    });
  }

  async end(signal: NodeJS.Signals): Promise<CliRun> {
    this.running.child.kill(signal);
    const run = await this.running.ended;
    await Promise.allSettled(this.#transports.map((each) => each.close()));
    return run;
  }
}
