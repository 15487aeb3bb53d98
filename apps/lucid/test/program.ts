/** The built program in processes of their own, on a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const program = join(__dirname, '../../../dist/apps/lucid/main.mjs');

const built = existsSync(program);
if (!built && process.env.CI) throw new Error('the program is not built; run: node tools/build.mjs lucid');
if (!built) console.warn('skipped: the program is not built (node tools/build.mjs lucid)');
export const testBuilt = built ? test : test.skip;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Standard output so far. */
  text(): string;
  /** Resolves once standard output holds this; rejects where the program ends before. */
  says(text: string): Promise<void>;
}

export interface SessionJson {
  readonly sessionId: string;
  readonly bundle: string;
  readonly chunks: number;
  readonly bytes: number;
  readonly storedBytes: number;
  readonly merkleRoot: string;
  readonly closed: string;
  readonly verified: boolean;
  readonly exitStatus?: number;
}

export type Input = 'ignore' | 'pipe' | number | Uint8Array;

export class DataFolder {
  // Lower case only: what is printed names this folder, and tests look there for error codes like ENOENT.
  readonly folder = join(tmpdir(), `lucid-cli-${randomBytes(6).toString('hex')}`);
  readonly home = join(this.folder, 'home');
  readonly #children = new Set<ChildProcess>();

  constructor() {
    mkdirSync(this.folder, { mode: 0o700 });
  }

  get env(): Record<string, string | undefined> {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      LUCID_HOME: this.home,
      SHELL: '/bin/sh',
      NO_COLOR: '1',
    };
  }

  start(args: readonly string[], input: Input = 'ignore', env: Record<string, string> = {}): Started {
    const bytes = input instanceof Uint8Array ? input : null;
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.folder,
      env: { ...this.env, ...env },
      stdio: [bytes ? 'pipe' : (input as 'pipe'), 'pipe', 'pipe'],
    });
    this.#children.add(child);
    child.stdin?.on('error', () => {});
    if (bytes) child.stdin?.end(bytes);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (part: Buffer) => stdout.push(part));
    child.stderr?.on('data', (part: Buffer) => stderr.push(part));
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (status, signal) => {
        this.#children.delete(child);
        resolve({ status, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
      });
    });
    const says = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => Buffer.concat(stdout).includes(text) && resolve();
        child.stdout?.on('data', look);
        look();
        void ended.then((run) => reject(new Error(`ended without saying ${text}: ${run.stderr}`)));
      });
    return { child, ended, says, text: () => Buffer.concat(stdout).toString() };
  }

  run(args: readonly string[], input: Input = 'ignore', env: Record<string, string> = {}): Promise<Ended> {
    return this.start(args, input, env).ended;
  }

  /** Runs with --json; the object it ends with. */
  async session(args: readonly string[], input: Input = 'ignore', status = 0): Promise<SessionJson> {
    const run = await this.run([args[0] as string, '--json', ...args.slice(1)], input);
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status, stderr: expect.any(String) });
    return lastJson(run) as SessionJson;
  }

  /** What was recorded, by the owner's key of this folder. */
  async content(sessionId: string): Promise<Buffer> {
    const run = await this.run(['open', sessionId, '-o', '-']);
    expect({ status: run.status, stderr: run.stderr }).toMatchObject({ status: 0 });
    return run.stdout;
  }

  async verified(sessionId: string): Promise<boolean> {
    return (await this.run(['verify', sessionId, '--decrypt'])).status === 0;
  }

  /** `lucid up`, ready. */
  async up(...args: string[]): Promise<Started> {
    const started = this.start(['up', '--port', '0', '--json', ...args]);
    await started.says('"ready":true');
    return started;
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export function lastJson({ stdout }: Ended): unknown {
  const line = stdout.toString().trimEnd().split('\n').at(-1) ?? '';
  return JSON.parse(line.slice(line.indexOf('{')));
}

/** The code and first sentence that a failed command tells under --json. */
export const errorOf = (run: Ended): string => (lastJson(run) as { error: string }).error;
