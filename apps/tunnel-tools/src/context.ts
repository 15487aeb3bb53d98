import { ConfigError, type ContextOptions } from '@lucid/service-kit';
import { ControlLink, openTorControl, type TorControl } from '@lucid/tor-control';
import { createTorEgress, parseProxyUrl } from '@lucid/tor-egress';
import type { Config } from './config.ts';
import { Onions } from './domain/onions.ts';
import { MARKS, Publisher } from './domain/publisher.ts';
import { Targets } from './domain/targets.ts';
import { Tunnels } from './domain/tunnels.ts';
import { DurableFolder } from './store/durable-folder.ts';
import { KEYS, KeyFiles } from './store/key-files.ts';
import { RegistryFile, VERSIONS } from './store/registry-file.ts';
import { createTorWorker } from './workers/tor-worker.ts';

export interface Adapters {
  /** Called before each change of the disk. */
  readonly beforeStep: (step: string) => void;
  /** Stands between this service and each connection to Tor's control port. */
  readonly wrapControl: (control: TorControl) => TorControl;
}

/** Of one command. Tor answers in milliseconds; an onion service takes it longer only to publish. */
const CONTROL_TIMEOUT_MS = 10_000;

const fault = (variable: string, expected: string) =>
  new ConfigError('tunnel-tools', [{ variable, expected, hint: 'correct its value' }]);

function controlPlace(config: Config): { host: string; port: number } {
  const [host = '', port = ''] = config.TOR_CONTROL_ADDRESS.split(':');
  const number = Number(port);
  if (number < 1 || number > 65_535)
    throw fault('TOR_CONTROL_ADDRESS', 'HOST:PORT, the port from 1 to 65535');
  return { host, port: number };
}

function tunnelPorts(config: Config): { firstPort: number; lastPort: number } {
  const [firstPort = 0, lastPort = 0] = config.TUNNEL_PORTS.split('-').map(Number);
  if (firstPort < 1 || lastPort > 65_535 || firstPort > lastPort)
    throw fault('TUNNEL_PORTS', 'FIRST-LAST, from 1 to 65535, the first not above the last');
  return { firstPort, lastPort };
}

function assertProxyUrl(config: Config): void {
  try {
    parseProxyUrl(config.TOR_PROXY_URL);
  } catch {
    throw fault('TOR_PROXY_URL', 'socks5://HOST:PORT');
  }
}

export async function createContext(options: ContextOptions<Config, unknown, Adapters>) {
  const { config, clock, log, random, adapters, targetOf } = options;
  assertProxyUrl(config);
  const place = controlPlace(config);
  const ports = tunnelPorts(config);
  const targets = new Targets(config.TUNNEL_MAY_PUBLISH, targetOf);
  const folder = new DurableFolder(config.TUNNEL_DATA_DIR, [KEYS, VERSIONS, MARKS], adapters.beforeStep);
  await folder.prepare();
  const registry = new RegistryFile(folder);
  const keys = new KeyFiles(folder, random);
  const egress = createTorEgress({ proxyUrl: config.TOR_PROXY_URL, random });
  const credentials = { password: config.TOR_CONTROL_PASSWORD };
  const link = new ControlLink({
    open: async (signal) => {
      const opened = await openTorControl({ ...place, credentials, signal, timeoutMs: CONTROL_TIMEOUT_MS });
      return adapters.wrapControl?.(opened) ?? opened;
    },
  });
  const nowSeconds = () => Math.floor(clock.nowMs() / 1000);
  const publisher = new Publisher({ folder, registry, keys, targets, link, log, nowSeconds });
  const onions = new Onions({ registry, keys, targets, publisher, nowSeconds });
  const tunnels = new Tunnels({
    ...{ registry, keys, egress, log, nowSeconds },
    ...ports,
    listenHost: config.TUNNEL_LISTEN_HOST,
  });
  const wanted =
    config.ONION_API_GATEWAY === 'on'
      ? [{ name: 'api-gateway', ports: [{ port: 80, service: 'api-gateway' }] }]
      : [];
  return {
    ...{ registry, onions, tunnels, publisher, link, egress, clock },
    worker: createTorWorker({ folder, link, publisher, onions, tunnels, wanted, clock, log }),
    async close() {
      await tunnels.stop();
      await link.close();
      await egress.close();
    },
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
