/** The containers of a stack, each by the name of its service: their state, their logs, and what may happen to them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { addressOn, type NetworkName, networks, type ServiceName, serviceAt } from '@lucid/topology';
import { type ContainerState, docker, stateOf } from './docker.ts';
import { cutBetween } from './network-cut.ts';
import { until } from './until.ts';

const MAX_LOG_BYTES = 64 * 1_048_576;

export const containerOf = (name: ServiceName): string => serviceAt(name).containerName ?? `lucid-${name}`;

export class ComposeContainers {
  /** The address at which this machine, and other containers, reach it. */
  addressOf(name: ServiceName, network?: NetworkName): string {
    const { networks: its, octet } = serviceAt(name);
    return addressOn(network ?? (its[0] as NetworkName), octet);
  }

  state(name: ServiceName): Promise<ContainerState> {
    return stateOf(containerOf(name));
  }

  /** Standard output and standard error, over all restarts. */
  async logs(name: ServiceName, ...options: readonly string[]): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)('docker', ['logs', ...options, containerOf(name)], {
      maxBuffer: MAX_LOG_BYTES,
    });
    return stdout + stderr;
  }

  /** `docker kill`: it stays down until `start`, since Docker restarts only what ended by itself. */
  async kill(name: ServiceName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await docker(['kill', '--signal', signal, containerOf(name)]);
    await until(`${name} is down`, async () => (await this.state(name)).status === 'exited');
  }

  /** Its main process dies as by a fault; Docker starts it again. Resolves when another runs. Needs root. */
  async crash(name: ServiceName): Promise<void> {
    const { pid, startedAt } = await this.state(name);
    process.kill(pid, 'SIGKILL');
    await until(`${name} runs again`, async () => {
      const state = await this.state(name);
      return state.status === 'running' && state.startedAt !== startedAt;
    });
  }

  /** Starts what was killed or stopped; whoever needs it ready waits with `ready`. */
  async start(name: ServiceName): Promise<void> {
    await docker(['start', containerOf(name)]);
  }

  /** SIGTERM, and how it ended. */
  async stopOne(name: ServiceName): Promise<ContainerState> {
    await docker(['stop', containerOf(name)]);
    return this.state(name);
  }

  /** Its processes get no time until `unpause`. */
  async pause(name: ServiceName): Promise<void> {
    await docker(['pause', containerOf(name)]);
  }

  async unpause(name: ServiceName): Promise<void> {
    await docker(['unpause', containerOf(name)]);
  }

  /** Takes it off a network, as if its cable were pulled, until `join`. */
  async leave(name: ServiceName, network: NetworkName): Promise<void> {
    await docker(['network', 'disconnect', networks[network].name, containerOf(name)]);
  }

  async join(name: ServiceName, network: NetworkName): Promise<void> {
    const aliases = [name, ...(serviceAt(name).aliases ?? [])].flatMap((alias) => ['--alias', alias]);
    const place = ['--ip', this.addressOf(name, network), ...aliases];
    await docker(['network', 'connect', ...place, networks[network].name, containerOf(name)]);
  }

  /** Packets between the two vanish, in both directions, until the function that it gives is called. Needs root and nft. */
  cutBetween(one: ServiceName, other: ServiceName): Promise<() => Promise<void>> {
    const addressesOf = (name: ServiceName) =>
      serviceAt(name).networks.map((network) => this.addressOf(name, network));
    return cutBetween(addressesOf(one), addressesOf(other));
  }
}
