/** The program of tunnel-tools as a process: the service, or a one-shot command. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tunnelToolsContract } from '@lucid/contracts';
import {
  createClient,
  createHttpTransport,
  createServiceKeys,
  createTokenSource,
  type ServiceKey,
  systemClock,
} from '@lucid/service-kit';
import { buildSync } from 'esbuild';
import type { TunnelTools } from './world.ts';

/** What a process of it needs to know. */
export interface Place {
  readonly environment: Readonly<Record<string, string>>;
}

export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Program {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lucid-tunnel-program-'));
  readonly #keys = createServiceKeys(['tunnel-tools', 'operator']).keys;
  readonly #children = new Set<ChildProcess>();

  constructor() {
    buildSync({
      entryPoints: [join(__dirname, '../src/main.ts')],
      outfile: join(this.#folder, 'main.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
      banner: {
        js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
      },
    });
    const keyring = [...this.#keys.values()].map(({ caller, publicKey }) => [caller, publicKey]);
    writeFileSync(join(this.#folder, 'keyring.json'), JSON.stringify(Object.fromEntries(keyring)));
    writeFileSync(join(this.#folder, 'own.pem'), this.#keyOf('tunnel-tools').secretPem);
  }

  #keyOf(caller: string): ServiceKey {
    return this.#keys.get(caller) as ServiceKey;
  }

  #spawn(place: Place, port: number, argv: readonly string[]): ChildProcess {
    const env = {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      LUCID_SERVICE_KEY_FILE: join(this.#folder, 'own.pem'),
      LUCID_SERVICE_KEYRING_FILE: join(this.#folder, 'keyring.json'),
      ...place.environment,
    };
    const child = spawn(process.execPath, [join(this.#folder, 'main.mjs'), ...argv], { env });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  async command(place: Place, port: number, ...argv: string[]): Promise<CommandEnd> {
    const child = this.#spawn(place, port, argv);
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (part) => {
      stdout += part;
    });
    child.stderr?.on('data', (part) => {
      stderr += part;
    });
    const [code] = await once(child, 'close');
    return { code, stdout, stderr };
  }

  /** Resolves when it listens. */
  async serve(
    place: Place,
    port: number,
  ): Promise<{ child: ChildProcess; client: TunnelTools; close(): Promise<void> }> {
    const child = this.#spawn(place, port, []);
    let log = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (part: Buffer) => {
        log += part;
        if (log.includes('"msg":"listening"')) resolve();
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.once('exit', () => reject(new Error(`ended: ${log}`)));
    });
    const transport = createHttpTransport({ origin: `http://127.0.0.1:${port}` });
    const tokens = createTokenSource({ key: this.#keyOf('operator'), clock: systemClock });
    const client = createClient(tunnelToolsContract, transport, { tokens, retry: false, breaker: false });
    return { child, client, close: () => transport.close() };
  }

  dispose(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
