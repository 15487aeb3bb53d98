/**
 * Makes Tor hold what the registry says. Tor tells which onion services it holds, not how they are configured, so a mark on disk
 * says with which settings each was last handed over: it is written after Tor has taken it and removed before Tor drops it. An
 * address that Tor holds without a mark that fits is handed over anew. So every step may be the last one of this process.
 */
import { createHash } from 'node:crypto';
import { isProblem, KeyedQueue, type Log } from '@lucid/service-kit';
import {
  base32ToBytes,
  type ControlLink,
  type DescriptorEvent,
  isTorControlError,
  type TorControl,
} from '@lucid/tor-control';
import type { DurableFolder } from '../store/durable-folder.ts';
import { fileIdOf, type KeyFiles, type StoredOnionKey } from '../store/key-files.ts';
import type { OnionEntry, Registry } from '../store/registry.ts';
import type { RegistryFile } from '../store/registry-file.ts';
import type { Targets } from './targets.ts';

export const MARKS = 'applied';
/** Streams on one circuit; one more closes it. */
const MAX_STREAMS = 256;

export const serviceIdOfAddress = (address: string): string => address.replace(/\.onion$/, '');
const addressOfServiceId = (serviceId: string): string => `${serviceId}.onion`;
const markOf = (serviceId: string): string => `${MARKS}/${fileIdOf(serviceId)}`;

/** What is known of an onion service besides the registry. */
export interface Observed {
  readonly state: 'waiting' | 'running' | 'failed';
  readonly reason?: string | undefined;
}

interface Published {
  readonly name: string;
  readonly entry: OnionEntry;
  /** Of Tor, without `.onion`. */
  readonly held: Set<string>;
}

export interface PublisherOptions {
  readonly folder: DurableFolder;
  readonly registry: RegistryFile;
  readonly keys: KeyFiles;
  readonly targets: Targets;
  readonly link: ControlLink;
  readonly log: Log;
  readonly nowSeconds: () => number;
}

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #queue = new KeyedQueue();
  readonly #observed = new Map<string, Observed>();
  readonly #publishedAt = new Map<string, number>();
  /** Marks of what this process handed over itself: where a mark cannot be written, the service stands all the same. */
  readonly #handed = new Map<string, string>();
  #unknown: readonly string[] = [];
  #looked = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  observed(address: string): Observed & { publishedAt?: number } {
    const publishedAt = this.#publishedAt.get(address);
    return {
      ...(this.#observed.get(address) ?? { state: 'waiting' }),
      ...(publishedAt === undefined ? {} : { publishedAt }),
    };
  }

  /** Addresses that Tor holds and the registry does not know. */
  get unknownAddresses(): readonly string[] {
    return this.#unknown;
  }

  /** What is observed is of this process: before it is told for the first time, Tor is asked. */
  async look(): Promise<void> {
    if (!this.#looked) await this.tryPublish();
  }

  /** Tor is away: nothing is known of what it holds. */
  forget(): void {
    this.#looked = true;
    this.#observed.clear();
    this.#publishedAt.clear();
    this.#handed.clear();
    this.#unknown = [];
  }

  heard({ action, serviceId }: DescriptorEvent): void {
    if (action === 'UPLOADED')
      this.#publishedAt.set(addressOfServiceId(serviceId), this.#options.nowSeconds());
  }

  /** One after the other. @throws TorControlError where Tor is away, ProblemError where the registry cannot be used */
  publish(): Promise<void> {
    return this.#queue.run('tor', async () => this.#publish(await this.#options.link.control()));
  }

  /** As `publish`; that Tor is away is no failure: it is done when Tor is back. */
  async tryPublish(): Promise<void> {
    try {
      await this.publish();
    } catch (error) {
      if (!isTorControlError(error)) throw error;
      this.#looked = true;
      this.#options.log.debug({ err: error }, 'published as soon as Tor answers');
    }
  }

  async #publish(control: TorControl): Promise<void> {
    const registry = await this.#options.registry.load();
    const held = new Set(await control.detachedOnions());
    for (const address of registry.retired) await this.#retire(control, serviceIdOfAddress(address), held);
    for (const [name, entry] of Object.entries(registry.onions))
      this.#observed.set(entry.address, await this.#keepPublished(control, { name, entry, held }));
    await this.#presentTunnelKeys(control, registry);
    await withdrawKeys(control, registry);
    if (registry.retired.length > 0) await this.#forgetRetired(registry.retired);
    const known = new Set(Object.values(registry.onions).map(({ address }) => address));
    this.#looked = true;
    this.#unknown = [...held].map(addressOfServiceId).filter((each) => !known.has(each));
  }

  async #retire(control: TorControl, serviceId: string, held: Set<string>): Promise<void> {
    const { keys, log } = this.#options;
    await this.#withdraw(control, serviceId, held);
    await keys.destroyOnionKey(serviceId);
    this.#observed.delete(addressOfServiceId(serviceId));
    this.#publishedAt.delete(addressOfServiceId(serviceId));
    log.info('an onion service was taken down');
  }

  async #forgetRetired(done: readonly string[]): Promise<void> {
    await this.#options.registry.change((draft) => {
      draft.retired = draft.retired.filter((each) => !done.includes(each));
    });
  }

  /** One that fails does not keep the others from being published. */
  async #keepPublished(control: TorControl, given: Published): Promise<Observed> {
    const { name, entry, held } = given;
    const serviceId = serviceIdOfAddress(entry.address);
    try {
      const key = await this.#options.keys.onionKey(serviceId);
      if (entry.restricted) await presentKey(control, serviceId, key.probe.privateKey);
      await this.#handOver(control, { ...given, key });
      held.add(serviceId);
      return { state: 'running' };
    } catch (error) {
      if (isTorControlError(error) && error.code !== 'refused') throw error;
      this.#options.log.error({ onion: name, err: error }, 'an onion service cannot be published');
      // What may not be published any more must not go on.
      if (isProblem(error, 'target_refused')) await this.#withdraw(control, serviceId, held);
      return { state: 'failed', reason: reasonOf(error) };
    }
  }

  async #withdraw(control: TorControl, serviceId: string, held: Set<string>): Promise<void> {
    this.#handed.delete(serviceId);
    await this.#options.folder.remove(markOf(serviceId));
    await control.removeOnion(serviceId);
    held.delete(serviceId);
  }

  async #handOver(control: TorControl, given: Published & { key: StoredOnionKey }): Promise<void> {
    const { folder, targets, log } = this.#options;
    const { name: onionName, entry, held, key } = given;
    const ports = entry.ports.map(({ port, service }) => ({ port, target: targets.addressOf(service) }));
    const clients = [key.probe.publicKey, ...Object.values(entry.clients).map(({ publicKey }) => publicKey)];
    const onion = { ports, ...(entry.restricted ? { clients } : {}) };
    const mark = createHash('sha256').update(JSON.stringify(onion)).digest('hex');
    if (held.has(key.serviceId) && (await this.#markOf(key.serviceId)) === mark) return;
    // Also where Tor holds it for another connection, and so does not tell.
    await this.#withdraw(control, key.serviceId, held);
    await control.addOnion({ ...onion, key: key.key, detach: true, maxStreams: MAX_STREAMS });
    this.#handed.set(key.serviceId, mark);
    await folder.write(markOf(key.serviceId), mark);
    const { restricted, ports: published } = entry;
    log.info({ onion: onionName, ports: published, restricted }, 'onion service handed to Tor');
  }

  async #markOf(serviceId: string): Promise<string | undefined> {
    return (
      this.#handed.get(serviceId) ?? (await this.#options.folder.read(markOf(serviceId)))?.toString('latin1')
    );
  }

  async #presentTunnelKeys(control: TorControl, { tunnels }: Registry): Promise<void> {
    for (const [name, { address, hasClientKey }] of Object.entries(tunnels)) {
      if (!hasClientKey) continue;
      try {
        await presentKey(control, serviceIdOfAddress(address), await this.#options.keys.tunnelKey(name));
      } catch (error) {
        if (!isProblem(error)) throw error;
        this.#options.log.error({ tunnel: name, err: error }, 'the key of a tunnel cannot be read');
      }
    }
  }
}

const presentKey = (control: TorControl, serviceId: string, base32: string): Promise<void> =>
  control.addClientKey({
    serviceId,
    privateKey: Buffer.from(base32ToBytes(base32) ?? []).toString('base64'),
  });

/** Tor presents keys as long as it runs, unless it is told. */
async function withdrawKeys(control: TorControl, { onions, tunnels }: Registry): Promise<void> {
  const wanted = new Set([
    ...Object.values(onions).flatMap(({ address, restricted }) => (restricted ? [address] : [])),
    ...Object.values(tunnels).flatMap(({ address, hasClientKey }) => (hasClientKey ? [address] : [])),
  ]);
  for (const { serviceId, isPermanent } of await control.clientKeys())
    if (!isPermanent && !wanted.has(addressOfServiceId(serviceId))) await control.removeClientKey(serviceId);
}

const reasonOf = (error: unknown): string =>
  isProblem(error) ? (error.detail ?? error.code) : (error as Error).message;
