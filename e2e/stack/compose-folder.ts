/** A compose folder of its own, with secrets, as `lucid --compose --file` takes it: what happens in it touches no other stack. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly text: string;
  readonly advice?: string;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ComposeFolder {
  readonly folder = mkdtempSync(join(tmpdir(), 'lucid-compose-'));
  readonly secrets = join(this.folder, 'secrets');
  readonly project = `lucid-e2e-${process.pid}`;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    const from = join(root, 'compose');
    for (const name of readdirSync(from).filter((each) => each.endsWith('.yaml')))
      cpSync(join(from, name), join(this.folder, name));
    execFileSync(process.execPath, [join(root, 'tools/make-secrets.mjs'), this.secrets]);
    const tor = join(this.folder, 'tor');
    mkdirSync(tor);
    writeFileSync(join(tor, 'offline.conf'), 'DisableNetwork 1\n');
  }

  /** A further file beside the others. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  secretPath = (name: string): string => join(this.secrets, name);

  /** The environment of the commands: settings of .env of this folder count, too. */
  get env(): NodeJS.ProcessEnv {
    const settings = readFileSync(join(this.folder, '.env'), 'utf8').split('\n');
    const keys = Object.fromEntries(
      settings.filter((line) => line.includes('=')).map((line) => line.split(/=(.*)/s).slice(0, 2)),
    );
    return {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NO_COLOR: '1',
      ...keys,
      COMPOSE_PROJECT_NAME: this.project,
      LUCID_HOME: join(this.folder, 'home'),
      LUCID_TOR_CONFIG: join(this.folder, 'tor'),
    };
  }

  lucid(args: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
    const program = join(this.#root, 'dist/apps/lucid/main.mjs');
    const run = spawnSync(process.execPath, [program, ...args], {
      cwd: this.folder,
      env: { ...this.env, ...env },
      encoding: 'utf8',
    });
    return { status: run.status, stdout: run.stdout, stderr: run.stderr };
  }

  /** `lucid COMMAND --compose` on a file of this folder, with --json; the object that it ends with. */
  told<T>(
    command: string,
    file: string,
    {
      env = {},
      args = [],
    }: { readonly env?: Readonly<Record<string, string>>; readonly args?: readonly string[] } = {},
  ): Ran & { readonly json: T } {
    const run = this.lucid([command, '--compose', '--json', '--file', join(this.folder, file), ...args], env);
    const line = run.stdout.trimEnd().split('\n').at(-1) ?? '';
    return { ...run, json: JSON.parse(line || 'null') as T };
  }

  /** What doctor finds of this name. */
  findings(name: string, file: string, env: Readonly<Record<string, string>> = {}): Check[] {
    const { json } = this.told<{ checks: Check[] }>('doctor', file, { env });
    return json.checks.filter((check) => check.name === name);
  }

  remove(): void {
    const file = join(this.folder, 'lucid.yaml');
    const args = ['compose', '-f', file, '--profile', '*', 'down', '--volumes', '--timeout', '5'];
    spawnSync('docker', args, { env: this.env });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
