/** Secret keys, a file each: of onion services, and those that let this installation in to services of others. */
import { createHash, createHmac } from 'node:crypto';
import { type ClientKeyPair, clientKeyPairOf, type OnionKey, onionKeyOf } from '@lucid/tor-control';
import { problem } from '../problem.ts';
import type { DurableFolder } from './durable-folder.ts';

export const KEYS = 'keys';
const SEED_BYTES = 32;
const STRAY_MS = 60_000;
const SEED = /^lucid-onion-key\/1 ([A-Za-z0-9+/]{43}=)\n$/;
const CLIENT_KEY = /^lucid-onion-client-key\/1 ([a-z2-7]{52})\n$/;

export interface StoredOnionKey extends OnionKey {
  /** By which this installation itself is let in where only some are, to verify that it answers. */
  readonly probe: ClientKeyPair;
}

/** Names a file of an onion service without telling its address, which file names in errors and logs would. */
export const fileIdOf = (serviceId: string): string =>
  createHash('sha256').update(serviceId).digest('hex').slice(0, 20);

const onionFile = (serviceId: string): string => `${KEYS}/${fileIdOf(serviceId)}.key`;
const tunnelFile = (name: string): string => `${KEYS}/tunnel-${name}.key`;

const keysOf = (seed: Uint8Array): StoredOnionKey => ({
  ...onionKeyOf(seed),
  probe: clientKeyPairOf(createHmac('sha256', seed).update('lucid onion probe').digest()),
});

export class KeyFiles {
  readonly #folder: DurableFolder;
  readonly #random: (sizeBytes: number) => Uint8Array;

  constructor(folder: DurableFolder, random: (sizeBytes: number) => Uint8Array) {
    this.#folder = folder;
    this.#random = random;
  }

  /** A new key, durable when it resolves. */
  async createOnionKey(): Promise<StoredOnionKey> {
    const seed = this.#random(SEED_BYTES);
    const made = keysOf(seed);
    await this.#folder.write(
      onionFile(made.serviceId),
      `lucid-onion-key/1 ${Buffer.from(seed).toString('base64')}\n`,
    );
    return made;
  }

  /** @throws ProblemError registry_unusable where it is gone, damaged or of another address */
  async onionKey(serviceId: string): Promise<StoredOnionKey> {
    const name = onionFile(serviceId);
    const text = (await this.#folder.read(name))?.toString('latin1');
    const seed = SEED.exec(text ?? '')?.[1];
    const keys = seed === undefined ? undefined : keysOf(Buffer.from(seed, 'base64'));
    if (keys?.serviceId === serviceId) return keys;
    const what = text === undefined ? 'is gone' : 'is damaged';
    throw problem('registry_unusable', {
      detail: `${this.#folder.pathOf(name)} ${what}; bring it back from a backup, or rotate the onion service.`,
    });
  }

  destroyOnionKey(serviceId: string): Promise<void> {
    return this.#folder.remove(onionFile(serviceId));
  }

  /** `privateKey`: X25519 in base32. */
  writeTunnelKey(tunnel: string, privateKey: string): Promise<void> {
    return this.#folder.write(tunnelFile(tunnel), `lucid-onion-client-key/1 ${privateKey.toLowerCase()}\n`);
  }

  /** Base32. @throws ProblemError registry_unusable */
  async tunnelKey(tunnel: string): Promise<string> {
    const name = tunnelFile(tunnel);
    const found = CLIENT_KEY.exec((await this.#folder.read(name))?.toString('latin1') ?? '')?.[1];
    if (found !== undefined) return found;
    throw problem('registry_unusable', {
      detail: `${this.#folder.pathOf(name)} is gone or damaged; close the tunnel and open it again.`,
    });
  }

  /** Keys of tunnels that there are not, left by a process that ended: none that may still be on its way into the registry. */
  async destroyStrayTunnelKeys(tunnels: readonly string[], nowMs: number): Promise<void> {
    const known = new Set(tunnels.map(tunnelFile));
    for (const name of await this.#folder.list(KEYS)) {
      const file = `${KEYS}/${name}`;
      if (!name.startsWith('tunnel-') || known.has(file)) continue;
      const writtenAtMs = await this.#folder.writtenAtMs(file);
      if (writtenAtMs !== null && nowMs - writtenAtMs > STRAY_MS) await this.#folder.remove(file);
    }
  }

  destroyTunnelKey(tunnel: string): Promise<void> {
    return this.#folder.remove(tunnelFile(tunnel));
  }
}
