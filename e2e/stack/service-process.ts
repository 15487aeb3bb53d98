/** One service in a process of its own, as a container would run it: environment in, HTTP out, signals to stop. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServiceProcessOptions {
  readonly name: string;
  /** The bundle: dist/apps/NAME/main.mjs. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output and standard error go to FOLDER/NAME.log, over all restarts. */
  readonly logFolder: string;
  readonly origin: string;
}

const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 15;
const FRONTS: readonly string[] = ['api-gateway', 'openapi-gateway'];
const TAIL_CHARS = 4_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class ServiceProcess {
  readonly options: ServiceProcessOptions;
  #child: ChildProcess | null = null;
  #ended: Promise<Ended> = Promise.resolve({ code: null, signal: null });

  constructor(options: ServiceProcessOptions) {
    this.options = options;
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.name} does not run`);
    return this.#child.pid;
  }

  get runs(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get logPath(): string {
    return join(this.options.logFolder, `${this.name}.log`);
  }

  log(): string {
    return readFileSync(this.logPath, 'utf8');
  }

  /** Starts it; whoever needs it ready waits with `ready`. */
  spawn(): void {
    if (this.runs) throw new Error(`${this.name} runs already`);
    const log = openSync(this.logPath, 'a', 0o600);
    const child = spawn(process.execPath, [this.options.program], {
      env: this.options.env,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    this.#ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  /** The fronts show no /ready to who comes from outside. */
  get #readyPath(): string {
    return FRONTS.includes(this.name) ? '/health' : '/ready';
  }

  /** Resolves when GET /ready answers 200. Rejects, with the end of the log, where the process ends or takes too long. */
  async ready(): Promise<void> {
    const until = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < until) {
      if (!this.runs) throw new Error(`${this.name} ended while it started:\n${this.#tail()}`);
      const answer = await this.ask(this.#readyPath).catch(() => null);
      if (answer?.status === 200) return;
      await delay(POLL_MS);
    }
    const last = await this.ask(this.#readyPath)
      .then((answer) => answer.text())
      .catch(String);
    throw new Error(`${this.name} is not ready after ${READY_TIMEOUT_MS} ms: ${last}\n${this.#tail()}`);
  }

  ask(path: string): Promise<Response> {
    return fetch(this.options.origin + path, { signal: AbortSignal.timeout(5_000) });
  }

  /** Sends the signal, by pid, and resolves with how the process ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (this.runs) this.#child?.kill(signal);
    return this.#ended;
  }

  async restart(): Promise<void> {
    this.spawn();
    await this.ready();
  }

  /** `main.mjs health` with this service's environment; its exit status. */
  async askHealthCommand(): Promise<number | null> {
    const child = spawn(process.execPath, [this.options.program, 'health'], {
      env: this.options.env,
      stdio: 'ignore',
    });
    return new Promise((resolve) => child.once('exit', resolve));
  }

  /** Resident memory (VmRSS of proc(5)); null where there is no /proc. */
  residentBytes(): number | null {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    } catch {
      return null;
    }
  }

  #tail(): string {
    return this.log().slice(-TAIL_CHARS);
  }
}
