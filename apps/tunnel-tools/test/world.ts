/** A tunnel-tools over a folder of its own and a real tor that reaches nothing. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tunnelToolsContract } from '@lucid/contracts';
import { type Client, createServiceKeys } from '@lucid/service-kit';
import { problemOf, startTestStack, type TestStack } from '@lucid/service-kit/testing';
import { type NewOnion, openTorControl, type TorControl } from '@lucid/tor-control';
import type { TestTor } from '../../../tools/test-tor.mjs';
import { tunnelTools } from '../src/index.ts';

export type TunnelTools = Client<typeof tunnelToolsContract>;

export interface Running {
  readonly client: TunnelTools;
  readonly stack: TestStack;
}

const keys = createServiceKeys(['tunnel-tools', 'operator', 'api-gateway']);

export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'lucid-tunnels-'));
  readonly tor: TestTor;
  /** How Tor holds each onion service, which it does not tell itself. */
  readonly handed = new Map<string, NewOnion>();
  readonly #running = new Set<TestStack>();

  constructor(tor: TestTor) {
    this.tor = tor;
  }

  get environment(): Record<string, string> {
    return {
      TUNNEL_DATA_DIR: this.folder,
      TOR_CONTROL_ADDRESS: this.tor.controlAddress,
      TOR_CONTROL_PASSWORD: this.tor.controlPassword,
      TOR_PROXY_URL: this.tor.proxyUrl,
      TUNNEL_LISTEN_HOST: '127.0.0.1',
    };
  }

  async start(
    more: { environment?: Record<string, string>; beforeStep?: (step: string) => void } = {},
  ): Promise<Running> {
    const stack = await startTestStack({
      transport: 'local',
      definitions: [tunnelTools],
      environment: { ...this.environment, ...more.environment },
      adapters: { 'tunnel-tools': this.#adapters(more.beforeStep) },
      keys,
    });
    this.#running.add(stack);
    const client = stack.clientOf(tunnelToolsContract, { retry: false, breaker: false });
    return { stack, client };
  }

  /** Each change of the disk and of Tor is a step, before which a test may end the service. */
  #adapters(beforeStep: (step: string) => void = () => {}) {
    const { handed } = this;
    const wrapControl = (control: TorControl): TorControl => ({
      ...control,
      get isOpen() {
        return control.isOpen;
      },
      addOnion: async (onion) => {
        beforeStep('add to tor');
        const added = await control.addOnion(onion);
        handed.set(added.serviceId, onion);
        return added;
      },
      removeOnion: async (serviceId) => {
        beforeStep('remove from tor');
        handed.delete(serviceId);
        return control.removeOnion(serviceId);
      },
    });
    return { beforeStep, wrapControl };
  }

  async stop({ stack }: Running): Promise<void> {
    this.#running.delete(stack);
    await stack.close();
  }

  /** Onion services that Tor holds, without `.onion`. */
  async held(): Promise<string[]> {
    return this.withTor(async (control) => [...(await control.detachedOnions())].sort());
  }

  async withTor<T>(work: (control: TorControl) => Promise<T>): Promise<T> {
    const [host = '', port = ''] = this.tor.controlAddress.split(':');
    const control = await openTorControl({
      host,
      port: Number(port),
      credentials: { password: this.tor.controlPassword },
    });
    try {
      return await work(control);
    } finally {
      await control.close();
    }
  }

  names(folder: string): string[] {
    const path = join(this.folder, folder);
    return existsSync(path) ? readdirSync(path).sort() : [];
  }

  text(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Stops what runs, takes down what Tor holds, removes the folder. */
  async dispose(): Promise<void> {
    for (const each of this.#running) await each.close();
    await this.withTor(async (control) => {
      for (const each of await control.detachedOnions()) await control.removeOnion(each);
    }).catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export { problemOf };

/** Asks until it is so: for what happens beside the test. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
